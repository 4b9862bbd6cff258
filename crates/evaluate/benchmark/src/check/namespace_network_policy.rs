//! Every pod is behind a network policy.
//!
//! # What
//! The pods and workload templates of each namespace, and the network policies that select them. It
//! fails where some of them are selected by no policy for ingress: they take connections from
//! anywhere in the cluster. Pods on the node's own network are left out, since network policies do
//! not reach them; so are namespaces without others. A policy that selects no pod protects none.
//!
//! # Why
//! Without a policy every pod may connect to every other: one taken workload reaches all the rest,
//! databases and control endpoints among them.
//!
//! # Remedy
//! First a policy for each workload that allows what it needs, then one for the namespace that
//! denies the rest.
//!
//! # What the remedy may break
//! Every connection that no policy allows, from the moment the denying one is made. A network
//! plugin that does not enforce policies breaks nothing and protects nothing.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/services-networking/network-policies/

use std::collections::BTreeMap;

use kuberlock_model::cluster::PodSource;
use kuberlock_model::network::NetworkPolicy;
use kuberlock_model::{Evidence, FieldPath, Kind, ObjectKey, Remedy, Severity, Subject};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Objects { needs: &[Kind::NetworkPolicy], about: &PODS, ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let mut policies: BTreeMap<&str, Vec<&NetworkPolicy>> = BTreeMap::new();
    for policy in context.cluster.network_policies() {
        let namespace = policy.metadata.namespace.as_deref().unwrap_or_default();
        policies.entry(namespace).or_default().push(policy);
    }
    let mut namespaces: BTreeMap<String, Vec<&PodSource<'_>>> = BTreeMap::new();
    for namespace in context.cluster.namespaces() {
        namespaces.entry(namespace.metadata.name.clone()).or_default();
    }
    for source in context.pod_sources() {
        let namespace = source.head.namespace.clone().unwrap_or_default();
        namespaces.entry(namespace).or_default().push(source);
    }
    namespaces
        .into_iter()
        .map(|(namespace, sources)| {
            let policies = policies.get(namespace.as_str()).map_or(&[][..], Vec::as_slice);
            let key = ObjectKey::new(Kind::Namespace, None, &namespace);
            (Subject::Object(key), judge(&sources, policies))
        })
        .collect()
}

fn judge(sources: &[&PodSource<'_>], policies: &[&NetworkPolicy]) -> Outcome {
    let mut heads: BTreeMap<&ObjectKey, (bool, &PodSource<'_>)> = BTreeMap::new();
    for source in sources.iter().filter(|source| !source.spec.host_network) {
        let isolated = policies.iter().any(|p| p.ingress && p.pods.matches(source.pod_labels));
        let entry = heads.entry(&source.head).or_insert((true, source));
        if entry.0 && !isolated {
            *entry = (false, source);
        }
    }
    if heads.is_empty() {
        return Outcome::not_applicable("it has no pods that network policies reach");
    }
    let open: Vec<_> = heads.iter().filter(|(_, (isolated, _))| !isolated).collect();
    if open.is_empty() {
        return Outcome::pass("every pod is behind a network policy");
    }
    let message = match (open.len(), heads.len()) {
        (1, 1) => "its only workload takes connections from anywhere".to_owned(),
        (open, all) if open == all => {
            format!("all of its {all} workloads take connections from anywhere")
        }
        (1, all) => format!("1 of {all} workloads takes connections from anywhere"),
        (open, all) => format!("{open} of {all} workloads take connections from anywhere"),
    };
    let evidence = open.iter().map(|(head, (_, source))| {
        let said = format!("no network policy selects {head}");
        Evidence::field(said, &source.metadata.origin, FieldPath::of("metadata"))
    });
    Outcome::fail(message, remedy()).with_all(evidence)
}

/// A denying policy alone would cut every connection of the namespace, DNS of `kube-system` first:
/// what the workloads need has to be known before.
fn remedy() -> Remedy {
    let question = "which connections do its workloads need? Write a policy for each that allows \
                    them, then one for the namespace that denies the rest (an empty podSelector, \
                    policyTypes: Ingress)";
    Remedy::Decision { question: question.to_owned() }
}
