//! No Windows container runs as a process of its node.
//!
//! # What
//! `windowsOptions.hostProcess` of pods and containers, in running pods and in templates. What
//! kubeadm itself installs (the control plane's static pods, kube-proxy, CoreDNS) is left out.
//!
//! # Why
//! Such a container is no container: it has the node's files, network and users.
//!
//! # Remedy
//! Remove `hostProcess`; keep node agents that need it in a namespace of their own.
//!
//! # What the remedy may break
//! Agents that configure the network or storage of Windows nodes.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/pod-security-standards/

use kuberlock_model::{Severity, Subject};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::pods;

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Objects { needs: &[], about: &PODS, ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let question = "what does it do with the node? Remove `hostProcess`, or keep it in a namespace for node agents";
    pods::control(context, "windowsHostProcess", "no container is a process of its node", question)
}
