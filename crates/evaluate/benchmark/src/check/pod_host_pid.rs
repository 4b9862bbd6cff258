//! No pod shares its node's processes.
//!
//! # What
//! `hostPID` of running pods and of the templates that make them. What kubeadm itself installs
//! (the control plane's static pods, kube-proxy, CoreDNS) is left out.
//!
//! # Why
//! Whoever sees the node's processes reads their environment and files, and with a little more
//! may trace or end them: those of the kubelet and of every other container.
//!
//! # Remedy
//! Remove `hostPID`. A node agent that needs it belongs into a namespace of its own that ordinary
//! users cannot create pods in.
//!
//! # What the remedy may break
//! Whatever the pod does with the node's processes: agents for the network, storage and
//! monitoring.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/pod-security-standards/

use kuberlock_model::{Severity, Subject};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::pods::{self, Offence};

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Objects { needs: &[], about: &PODS, ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let question = "what does it do with the node's processes? Remove `hostPID`, or keep it in a \
                    namespace for node agents";
    pods::judge(context, "it has its own processes", question, |source| {
        source.spec.host_pid.then(|| {
            let field = source.path.key("hostPID");
            Offence::of_pod("it shares the node's processes", field, "hostPID: true".to_owned())
        })
    })
}
