//! Policies that the network plugin does not enforce.

use std::collections::BTreeMap;

use kuberlock_model::{FieldPath, Finding, Kind, ObjectKey, Origin, Severity};

use super::Lint;
use super::context::Context;
use super::report::{Report, at};

pub(super) static LINT: Lint = Lint {
    id: "netpol-unenforced",
    title: "The network plugin does not enforce policies of this kind",
    severity: Severity::High,
    what: "The kinds of all policies, and the network plugin that was named. It fails where the \
           plugin does not enforce a kind: the API server takes such policies all the same.",
    why: "The policies isolate nobody. Whoever reads them believes otherwise.",
    remedy: "which plugin is to enforce it? Change the plugin, or say the same in a kind that it \
             enforces",
    may_break: "A plugin that enforces the policies keeps out what they do not allow, all at \
                once.",
    references: &["https://network-policy-api.sigs.k8s.io/implementations/"],
    ask,
};

fn ask(context: &Context<'_>) -> Vec<Finding> {
    let mut report = Report::new(&LINT);
    let cni = context.reach.cni();
    let facts = &context.reach.facts;
    let v1 = facts.policies.iter().map(|(key, policy)| (key, &policy.metadata.origin));
    let tiered = facts.tiered.iter().map(|(key, policy)| (key, &policy.metadata.origin));
    let mut by_kind: BTreeMap<Kind, Vec<(&ObjectKey, &Origin)>> = BTreeMap::new();
    for (key, origin) in v1.chain(tiered) {
        // What enforces a MultiNetworkPolicy is a controller of its own, whatever the plugin.
        let is_plugins = key.kind != Kind::MultiNetworkPolicy;
        if is_plugins && cni.enforces(key.kind) == Some(false) {
            by_kind.entry(key.kind).or_default().push((key, origin));
        }
    }
    for (kind, policies) in by_kind {
        for (key, origin) in policies {
            let own = at(format!("a {kind}"), origin, FieldPath::of("kind"));
            let message = match cni {
                crate::Cni::None => "the network plugin enforces no policy".to_owned(),
                cni => format!("{cni} does not enforce a {kind}"),
            };
            report.add(key, message, [own]);
        }
    }
    report.findings()
}
