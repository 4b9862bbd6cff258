//! No pod shares its node's network.
//!
//! # What
//! `hostNetwork` of running pods and of the templates that make them. What kubeadm itself
//! installs (the control plane's static pods, kube-proxy, CoreDNS) is left out.
//!
//! # Why
//! Such a pod listens on the node's addresses, sees its traffic, reaches what is bound to the
//! loopback address and the cloud's metadata service, and no network policy holds it.
//!
//! # Remedy
//! Remove `hostNetwork`. A node agent that needs it belongs into a namespace of its own that
//! ordinary users cannot create pods in.
//!
//! # What the remedy may break
//! Whatever the pod does with the node's network: agents for the network, storage and monitoring.
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
    let question = "what does it do with the node's network? Remove `hostNetwork`, or keep it in a \
                    namespace for node agents";
    pods::judge(context, "it has its own network", question, |source| {
        source.spec.host_network.then(|| {
            let field = source.path.key("hostNetwork");
            Offence::of_pod("it shares the node's network", field, "hostNetwork: true".to_owned())
        })
    })
}
