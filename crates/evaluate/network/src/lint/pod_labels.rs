//! Rules that go by labels of pods in namespaces where others create pods.

use std::collections::BTreeSet;

use kuberlock_model::network::{Direction, NetworkPolicy, Peer, Rule};
use kuberlock_model::selector::LabelSelector;
use kuberlock_model::{Finding, Severity};

use super::Editors;
use super::Lint;
use super::context::Context;
use super::named::key;
use super::report::{Report, at};

pub(super) static LINT: Lint = Lint {
    id: "netpol-pod-label-open",
    title: "A rule goes by labels of pods in a namespace where others create pods",
    severity: Severity::Low,
    what: "Peers of rules that select pods of other namespaces by their labels, and who may \
           create pods in those, by RBAC. It fails where somebody may create pods there and not \
           in the policy's own namespace.",
    why: "Labels of pods are whatever their creator writes: whoever may create a pod in that \
          namespace is let in, with the right label.",
    remedy: "may everybody who creates pods there get in? If not, keep the peer in a namespace \
             of its own, and select that by its name",
    may_break: "A workload that moves to another namespace gets other names, Secrets and \
                volumes.",
    references: &["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
    ask,
};

/// Who is named in a message.
const NAMED: usize = 3;

fn ask(context: &Context<'_>) -> Vec<Finding> {
    let mut report = Report::new(&LINT);
    let Some(editors) = context.editors else { return Vec::new() };
    for policy in context.reach.policies.values() {
        let source = &policy.source;
        for direction in Direction::BOTH.into_iter().filter(|d| source.isolates(*d)) {
            for (index, rule) in source.rules(direction).iter().enumerate() {
                for (at_peer, peer) in rule.peers.iter().enumerate() {
                    let Peer::Pods { namespaces: Some(namespaces), pods: Some(pods) } = peer else {
                        continue;
                    };
                    if pods.is_empty() {
                        continue;
                    }
                    if let Some((namespace, who)) = found(context, editors, source, namespaces) {
                        let path = Rule::path(direction, index).key(direction.peers());
                        let path = path.index(at_peer).key("podSelector");
                        let message =
                            format!("{who} may create pods in {namespace} that {path} lets in");
                        let said = format!("labels that {who} may give to pods of {namespace}");
                        let own = at(said, &source.metadata.origin, path);
                        report.add(&key(source), message, [own]);
                    }
                }
            }
        }
    }
    report.findings()
}

/// A selected namespace, and who may create pods in it and not in the policy's own.
fn found(
    context: &Context<'_>,
    editors: &Editors,
    policy: &NetworkPolicy,
    namespaces: &LabelSelector,
) -> Option<(String, String)> {
    let own = policy.metadata.namespace.as_deref().unwrap_or_default();
    let at_home: BTreeSet<&String> = editors.pods.get(own).into_iter().flatten().collect();
    editors.pods.iter().find_map(|(namespace, who)| {
        let labels = context.reach.facts.namespace_labels(namespace);
        if namespace == own || !namespaces.matches(&labels) {
            return None;
        }
        let strangers = who.iter().filter(|who| !at_home.contains(who));
        let strangers: Vec<&str> = strangers.take(NAMED).map(String::as_str).collect();
        (!strangers.is_empty()).then(|| (namespace.clone(), strangers.join(", ")))
    })
}
