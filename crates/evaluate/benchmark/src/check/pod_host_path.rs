//! No volume is a path of the node.
//!
//! # What
//! `volumes[].hostPath` of running pods and of templates. What kubeadm itself installs (the
//! control plane's static pods, kube-proxy, CoreDNS) is left out.
//!
//! # Why
//! Files of the node are the way out of the container: with write access to the right one it is
//! root on the node, and with read access it has the kubelet's keys.
//!
//! # Remedy
//! Use a claim, a config map or an empty directory. Node agents belong into a namespace of their
//! own.
//!
//! # What the remedy may break
//! Agents that read logs or sockets of the node.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/pod-security-standards/
//! - https://kubernetes.io/docs/concepts/storage/volumes/#hostpath

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
    let question =
        "what does it need of the node's files? Use a claim, a config map or an empty directory";
    pods::control(context, "hostPathVolumes", "no volume is a path of the node", question)
}
