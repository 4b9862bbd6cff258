//! The network plugin enforces network policies.
//!
//! # What
//! The images of what runs in the cluster, the plugins that the nodes' `/etc/cni/net.d` names, and
//! the switches by which a plugin's enforcement is turned off (Cilium's `enable-policy: never`, the
//! AWS plugin's agent, k3s' `--disable-network-policy`). It fails where all that is there is a plugin
//! that enforces nothing, such as Flannel alone, or where enforcement is off. A plugin that is not
//! known leaves the question open.
//!
//! # Why
//! The API server takes network policies whether or not anything enforces them: where nothing does,
//! every one of them is a promise that is not kept.
//!
//! # Remedy
//! Install a plugin that enforces them, or add one to what is there: Calico's policy engine beside
//! Flannel (Canal), or kube-network-policies beside any.
//!
//! # What the remedy may break
//! Policies that lie in the cluster and never had an effect have one from then on: try them before.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites
//! - https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/network-plugins/

use kuberlock_model::{Remedy, Severity, Subject};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::network_plugin::{self, Sign};

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Objects { needs: &[], about: &PODS, ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let cluster = context.cluster;
    if cluster.nodes().next().is_none()
        && cluster.hosts().next().is_none()
        && context.pod_sources().is_empty()
    {
        return Vec::new();
    }
    vec![(Subject::Cluster, judge(network_plugin::signs(context)))]
}

fn judge(signs: Vec<Sign>) -> Outcome {
    let (off, rest): (Vec<Sign>, Vec<Sign>) = signs.into_iter().partition(|sign| sign.is_off);
    if !off.is_empty() {
        let names = network_plugin::names(&off);
        return fail(format!("{names} is told not to enforce network policies"), off);
    }
    let (enforce, rest): (Vec<Sign>, Vec<Sign>) =
        rest.into_iter().partition(|sign| sign.enforces == Some(true));
    if !enforce.is_empty() {
        let message = format!("{} enforces network policies", network_plugin::names(&enforce));
        return Outcome::pass(message).with_all(enforce.into_iter().map(|sign| sign.evidence));
    }
    let (without, unknown): (Vec<Sign>, Vec<Sign>) =
        rest.into_iter().partition(|sign| sign.enforces == Some(false));
    match (without.is_empty(), unknown.is_empty()) {
        (false, true) => {
            let names = network_plugin::names(&without);
            fail(format!("{names} does not enforce network policies"), without)
        }
        (_, false) => {
            let names = network_plugin::names(&unknown);
            Outcome::unknown(format!("whether {names} enforces network policies is not known"))
                .with_all(unknown.into_iter().map(|sign| sign.evidence))
        }
        (true, true) => Outcome::unknown("no source shows which network plugin there is"),
    }
}

fn fail(message: String, signs: Vec<Sign>) -> Outcome {
    let question = "which plugin that enforces network policies can it be? Try the policies that are \
                    there before they have an effect";
    let remedy = Remedy::Decision { question: question.to_owned() };
    Outcome::fail(message, remedy).with_all(signs.into_iter().map(|sign| sign.evidence))
}
