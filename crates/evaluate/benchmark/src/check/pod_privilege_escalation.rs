//! No process may gain more privileges than its parent.
//!
//! # What
//! `securityContext.allowPrivilegeEscalation` of every container, in all three lists, of running
//! pods and of the templates that make them. It fails where it is not `false`: without it, it is
//! allowed. What kubeadm itself installs (the control plane's static pods, kube-proxy, CoreDNS)
//! is left out.
//!
//! # Why
//! A program with the set-user-ID bit makes root of an ordinary user in the container, and from
//! root it is a shorter way to the node.
//!
//! # Remedy
//! Set `allowPrivilegeEscalation: false`.
//!
//! # What the remedy may break
//! Programs that need set-user-ID: `sudo`, `ping` of old images.
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
    let question = "does any program in it need set-user-ID (sudo, su)? If not, set `allowPrivilegeEscalation: false`";
    pods::control(context, "allowPrivilegeEscalation", "no process may gain privileges", question)
}
