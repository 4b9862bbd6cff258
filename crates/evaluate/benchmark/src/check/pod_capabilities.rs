//! Containers drop all capabilities.
//!
//! # What
//! `securityContext.capabilities` of every container, in all three lists, of running pods and of
//! the templates that make them. It fails where `drop` does not hold `ALL`, or `add` holds
//! anything but `NET_BIND_SERVICE`. What kubeadm itself installs (the control plane's static
//! pods, kube-proxy, CoreDNS) is left out.
//!
//! # Why
//! What a runtime gives by default is enough to forge packets and to act as any user. Few
//! programs need any of it.
//!
//! # Remedy
//! Drop `ALL` and add the single capabilities that are needed.
//!
//! # What the remedy may break
//! Programs that change users, bind low ports or write to others' files.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/pod-security-standards/
//! - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/

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
    let question = "which capabilities does it need? Drop `ALL` and add those";
    pods::control(
        context,
        "capabilities_restricted",
        "no container has capabilities beyond NET_BIND_SERVICE",
        question,
    )
}
