//! No pod shares its node's inter-process communication.
//!
//! # What
//! `hostIPC` of running pods and of the templates that make them. What kubeadm itself installs
//! (the control plane's static pods, kube-proxy, CoreDNS) is left out.
//!
//! # Why
//! Shared memory and message queues of the node are open to such a pod: it can read and change
//! what other processes exchange.
//!
//! # Remedy
//! Remove `hostIPC`. A node agent that needs it belongs into a namespace of its own that ordinary
//! users cannot create pods in.
//!
//! # What the remedy may break
//! Whatever the pod does with the node's inter-process communication: agents for the network,
//! storage and monitoring.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/pod-security-standards/

use kuberlock_model::{Severity, Subject};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::pods::{self, Offence};

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Objects { needs: &[], about: &PODS, ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let question = "what does it do with the node's inter-process communication? Remove `hostIPC`, or keep it in a \
                    namespace for node agents";
    pods::judge(context, "it has its own inter-process communication", question, |source| {
        source.spec.host_ipc.then(|| {
            let field = source.path.key("hostIPC");
            Offence::of_pod(
                "it shares the node's inter-process communication",
                field,
                "hostIPC: true".to_owned(),
            )
        })
    })
}
