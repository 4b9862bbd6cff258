//! Every container has a seccomp profile.
//!
//! # What
//! `securityContext.seccompProfile` of every container, in all three lists, of running pods and
//! of the templates that make them. It fails where neither the container nor its pod sets
//! `RuntimeDefault` or `Localhost`: without a profile every system call is open, unless the
//! kubelet's `seccompDefault` is on. What kubeadm itself installs (the control plane's static
//! pods, kube-proxy, CoreDNS) is left out.
//!
//! # Why
//! Most ways out of a container go through system calls that no ordinary program makes.
//!
//! # Remedy
//! Set `seccompProfile.type: RuntimeDefault` for the pod.
//!
//! # What the remedy may break
//! Programs that make rare system calls: debuggers, some virtual machines.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/pod-security-standards/
//! - https://kubernetes.io/docs/tutorials/security/seccomp/

use kuberlock_model::{Severity, Subject};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::pods;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Objects { needs: &[], about: &PODS, ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let question =
        "does it run with `seccompProfile.type: RuntimeDefault`? Try it, and set it for the pod";
    pods::control(
        context,
        "seccompProfile_restricted",
        "every container has a seccomp profile",
        question,
    )
}
