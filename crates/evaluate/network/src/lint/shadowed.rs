//! Rules of tiered policies whose turn never comes.

use kuberlock_model::network::{Direction, TieredPolicy};

use super::Lint;
use super::context::Context;
use super::named::{RuleId, tiered_cause, tiered_key, written};
use super::report::{Report, at, causes};
use crate::policy::CompiledTiered;
use crate::reason::Why;
use kuberlock_model::network::Action;
use kuberlock_model::{Finding, Severity};

pub(super) static LINT: Lint = Lint {
    id: "netpol-shadowed-rule",
    title: "A rule of a tiered policy never decides: earlier ones take all its traffic",
    severity: Severity::Medium,
    what: "Each rule of AdminNetworkPolicies, BaselineAdminNetworkPolicies and \
           ClusterNetworkPolicies, in the order of tiers, priorities and rules. It fails where \
           for every pod that the policy is about all traffic that the rule matches was decided, \
           or passed on, before its turn.",
    why: "Its author meant it to decide. A rule that denies and is never asked denies nothing.",
    remedy: "which of the rules is meant to win? Give that one the lower priority, or the \
             earlier place",
    may_break: "Once the rule is asked, it decides about its traffic, and something else may get \
                through or be kept back.",
    references: &["https://network-policy-api.sigs.k8s.io/api-overview/"],
    ask,
};

fn ask(context: &Context<'_>) -> Vec<Finding> {
    let mut report = Report::new(&LINT);
    for policy in context.reach.tiered.values() {
        if policy.subject.certain.is_disjoint(&context.reach.alive) {
            continue;
        }
        for direction in Direction::BOTH {
            for index in 0..policy.rules(direction).len() {
                let id = RuleId { policy: policy.version, direction, index };
                if !context.tiers().decides.contains(&id) && !context.never().contains_key(&id) {
                    tell(context, policy, id, &mut report);
                }
            }
        }
    }
    report.findings()
}

fn tell(context: &Context<'_>, policy: &CompiledTiered, rule: RuleId, report: &mut Report) {
    let path = TieredPolicy::rule_path(rule.direction, written(policy, rule.direction, rule.index));
    let message = format!("{path} never decides: rules before it take all of its traffic");
    let own = at("its turn never comes", &policy.source.metadata.origin, path);
    let before = earlier(context, policy, rule);
    let evidence = std::iter::once(own).chain(causes(&before));
    report.add(&tiered_key(&policy.source), message, evidence);
}

/// The rules before it that have some of its peers and ports.
fn earlier(context: &Context<'_>, policy: &CompiledTiered, rule: RuleId) -> Vec<Why> {
    let Some(own) = policy.rules(rule.direction).get(rule.index) else { return Vec::new() };
    let mut found = Vec::new();
    let groups = context.tiers().groups(rule.direction).iter();
    let mut groups = groups
        .filter(|group| group.selected.tiered.iter().any(|held| held.version == policy.version));
    let Some(group) = groups.next() else { return found };
    for other in &group.selected.tiered {
        let is_own = other.version == policy.version;
        for (index, before) in other.rules(rule.direction).iter().enumerate() {
            if is_own && index == rule.index {
                return found;
            }
            let share_peers = match (&own.peers, &before.peers) {
                (Some(a), Some(b)) => !a.possible.is_disjoint(&b.possible),
                _ => true,
            };
            let share_ports = !own.ports.names.is_empty()
                || !before.ports.names.is_empty()
                || context.evaluate(|evaluation| {
                    let both =
                        evaluation.table.intersection(own.ports.numbers, before.ports.numbers);
                    both != crate::ports::PortId::NONE
                });
            if share_peers && share_ports {
                found.push(tiered_cause(other, rule.direction, index));
            }
        }
    }
    found
}

/// The rules of a group's Admin tier that decide some traffic finally.
pub(super) fn deciding(
    group: &super::tiers::TierGroup<'_>,
    peers: Option<&crate::select::Matched>,
) -> Vec<Why> {
    let direction = group.selected.direction;
    let admin = group.selected.tiered.iter();
    let admin = admin.filter(|p| p.source.tier == kuberlock_model::network::Tier::Admin);
    let mut found = Vec::new();
    for policy in admin {
        for (index, rule) in policy.rules(direction).iter().enumerate() {
            let share = match (peers, &rule.peers) {
                (Some(a), Some(b)) => !a.possible.is_disjoint(&b.possible),
                _ => true,
            };
            if share && rule.action != Action::Pass {
                found.push(tiered_cause(policy, direction, index));
            }
        }
    }
    found
}
