//! No container takes a port of its node.
//!
//! # What
//! `ports[].hostPort` of every container, in all three lists, of running pods and of the
//! templates that make them. On the node's own network every port counts. What kubeadm itself
//! installs (the control plane's static pods, kube-proxy, CoreDNS) is left out.
//!
//! # Why
//! A port of the node is reached around services and, on many networks, around network policies;
//! and it keeps a second pod from that node.
//!
//! # Remedy
//! Use a Service.
//!
//! # What the remedy may break
//! Clients that connect to the node's address.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/pod-security-standards/

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
    let question = "who connects to the node's address? Give them a Service and remove `hostPort`";
    pods::control(context, "hostPorts", "no container takes a port of its node", question)
}
