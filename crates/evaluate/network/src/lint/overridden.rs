//! Rules of NetworkPolicies about whose traffic the Admin tier has always decided.

use std::collections::BTreeMap;

use kuberlock_model::network::Rule;
use kuberlock_model::{Finding, Severity};

use super::Lint;
use super::context::Context;
use super::group::Group;
use super::named::{RuleId, key, rules as rules_of};
use super::report::{Report, at, causes};
use super::shadowed::deciding;
use crate::policy::CompiledRule;
use crate::ports::PortId;
use crate::reason::Why;

pub(super) static LINT: Lint = Lint {
    id: "netpol-overridden-rule",
    title: "A rule of a NetworkPolicy never decides: the Admin tier decides about its traffic",
    severity: Severity::Medium,
    what: "Each rule of the NetworkPolicies. It fails where for every pod that the policy \
           selects the Admin tier accepts or denies all traffic that the rule matches, before \
           NetworkPolicies are asked.",
    why: "The namespace's owner believes to have opened something, or to have kept it narrow, \
          and has no say in it.",
    remedy: "is the cluster's rule meant to leave this to namespaces? Then it has to pass; \
             otherwise the rule can go",
    may_break: "Where the cluster's rule passes instead, NetworkPolicies of all namespaces \
                decide about its traffic.",
    references: &["https://network-policy-api.sigs.k8s.io/api-overview/"],
    ask,
};

fn ask(context: &Context<'_>) -> Vec<Finding> {
    let mut report = Report::new(&LINT);
    let policies = context.by_version();
    for (rule, why) in context.overridden() {
        let Some(policy) = policies.get(&rule.policy) else { continue };
        let path = Rule::path(rule.direction, rule.index);
        let message = format!("the Admin tier decides about all traffic of {path}");
        let own = at("it is never asked", &policy.source.metadata.origin, path);
        let evidence = std::iter::once(own).chain(causes(why));
        report.add(&key(&policy.source), message, evidence);
    }
    report.findings()
}

pub(super) fn rules(context: &Context<'_>) -> BTreeMap<RuleId, Vec<Why>> {
    let mut found = BTreeMap::new();
    if context.reach.tiered.is_empty() {
        return found;
    }
    for policy in context.policies() {
        for (id, rule) in rules_of(policy) {
            if context.never().contains_key(&id) {
                continue;
            }
            let groups: Vec<&Group<'_>> =
                context.groups(id.direction).of_policy(id.policy).map(|(_, g)| g).collect();
            let mut why = Vec::new();
            let mut decided = groups.iter().map(|group| decided(context, group, rule, &mut why));
            if !groups.is_empty() && decided.all(|decided| decided) {
                found.insert(id, why);
            }
        }
    }
    found
}

/// Whether the Admin tier decides about all that a rule matches at the endpoints of a group.
fn decided(
    context: &Context<'_>,
    group: &Group<'_>,
    rule: &CompiledRule,
    why: &mut Vec<Why>,
) -> bool {
    let first = group.members.minimum();
    let direction = group.selected.direction;
    let tier = first.and_then(|at| context.tiers().holding(direction, at));
    let Some(tier) = tier else { return false };
    let is_left = context.evaluate(|evaluation| {
        let pieces = evaluation.ports(&rule.ports, &group.selected);
        pieces.into_iter().any(|(ports, destinations)| {
            let mut whom = evaluation.everybody.clone();
            let peers = rule.peers.as_ref().map(|peers| &peers.possible);
            for filter in peers.into_iter().chain(&destinations) {
                whom.intersect_with(filter);
            }
            tier.after_admin.iter().any(|(state, peers)| {
                !peers.is_disjoint(&whom)
                    && evaluation.table.intersection(state.open, ports) != PortId::NONE
            })
        })
    });
    if !is_left {
        why.extend(deciding(tier, rule.peers.as_ref()));
    }
    !is_left
}
