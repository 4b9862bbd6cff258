//! Policies and rules that others make superfluous.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kuberlock_model::network::{Direction, Rule, Tier, TieredPolicy};
use kuberlock_model::{FieldPath, Finding, Severity};

use super::Lint;
use super::context::Context;
use super::named::{RuleId, cause, key, tiered_key, written};
use super::report::{Report, at, causes};
use super::tiers::{TierGroup, Walk, walk};
use crate::policy::{CompiledPolicy, CompiledTiered, RulePorts};
use crate::ports::PortId;
use crate::profile::{Evaluation, Partition, State};
use crate::reason::Why;
use crate::select::Matched;

pub(super) static LINT: Lint = Lint {
    id: "netpol-redundant",
    title: "A policy or a rule is superfluous: without it every connection comes to the same",
    severity: Severity::Low,
    what: "Each policy and each rule, taken away in turn, with the pods, nodes and addresses \
           that there are now. It fails where nothing that gets through or is kept back changes. \
           Policies that keep everything out in some direction are left alone: they are there \
           for what comes. A rule of a tiered policy fails only where others of its tier decide \
           the same.",
    why: "Who reads the policies has more to understand than there is, and who takes the other \
          rule away believes that something is closed which this one keeps open.",
    remedy: "is it meant for pods that are still to come? If not, it can go",
    may_break: "Nothing today. Pods that come later may be meant by this rule alone.",
    references: &["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
    ask,
};

fn ask(context: &Context<'_>) -> Vec<Finding> {
    let mut report = Report::new(&LINT);
    let idle = context.idle();
    for policy in context.policies() {
        let own = key(&policy.source);
        let origin = &policy.source.metadata.origin;
        if idle.policies.contains(&policy.version) {
            let others = others(context, policy, None);
            let evidence = at("nothing changes without it", origin, FieldPath::of("spec"));
            let message = "other policies of the same pods allow and keep out the same";
            report.add(&own, message, std::iter::once(evidence).chain(causes(&others)));
        }
    }
    let policies = context.by_version();
    for rule in &idle.rules {
        let Some(policy) = policies.get(&rule.policy) else { continue };
        let path = Rule::path(rule.direction, rule.index);
        let others = others(context, policy, Some(*rule));
        let message = format!("all that {path} lets through, other rules do");
        let origin = &policy.source.metadata.origin;
        let evidence = at("nothing changes without it", origin, path);
        report.add(&key(&policy.source), message, std::iter::once(evidence).chain(causes(&others)));
    }
    tiered(context, &mut report);
    report.findings()
}

/// The rules that let the same through: those of the same pods that share peers and ports with it.
fn others(context: &Context<'_>, policy: &Arc<CompiledPolicy>, rule: Option<RuleId>) -> Vec<Why> {
    let idle = context.idle();
    let mut found = Vec::new();
    for direction in Direction::BOTH {
        if rule.is_some_and(|rule| rule.direction != direction) {
            continue;
        }
        let Some((_, group)) = context.groups(direction).of_policy(policy.version).next() else {
            continue;
        };
        for other in &group.selected.policies {
            let is_own = other.version == policy.version;
            if idle.policies.contains(&other.version) || (is_own && rule.is_none()) {
                continue;
            }
            for (index, candidate) in other.rules(direction).iter().enumerate() {
                let id = RuleId { policy: other.version, direction, index };
                let own = rule.and_then(|rule| policy.rules(direction).get(rule.index));
                let shares = own.is_none_or(|own| {
                    share(context, (&own.peers, &own.ports), (&candidate.peers, &candidate.ports))
                });
                if Some(id) != rule && !idle.rules.contains(&id) && shares {
                    found.push(cause(other, direction, index));
                }
            }
        }
    }
    found
}

type Means<'a> = (&'a Option<Matched>, &'a RulePorts);

fn share(context: &Context<'_>, a: Means<'_>, b: Means<'_>) -> bool {
    let peers = match (a.0, b.0) {
        (Some(a), Some(b)) => !a.possible.is_disjoint(&b.possible),
        _ => true,
    };
    let names = !a.1.names.is_empty() || !b.1.names.is_empty();
    peers
        && (names
            || context.evaluate(|evaluation| {
                evaluation.table.intersection(a.1.numbers, b.1.numbers) != PortId::NONE
            }))
}

fn tiered(context: &Context<'_>, report: &mut Report) {
    let tiers = context.tiers();
    // What never decides is told by others, and is as good as gone.
    let mut gone: BTreeSet<RuleId> = BTreeSet::new();
    let mut candidates: Vec<(RuleId, &Arc<CompiledTiered>)> = Vec::new();
    for policy in context.reach.tiered.values().rev() {
        for direction in Direction::BOTH {
            for index in (0..policy.rules(direction).len()).rev() {
                let id = RuleId { policy: policy.version, direction, index };
                match tiers.decides.contains(&id) && !context.never().contains_key(&id) {
                    true => candidates.push((id, policy)),
                    false => _ = gone.insert(id),
                }
            }
        }
    }
    for (id, policy) in candidates {
        let groups = tiers.groups(id.direction).iter();
        let about = |group: &&TierGroup<'_>| {
            group.selected.tiered.iter().any(|held| held.version == policy.version)
        };
        let tier = policy.source.tier;
        if groups.filter(about).all(|group| is_same(context, group, tier, &gone, id)) {
            gone.insert(id);
            let path =
                TieredPolicy::rule_path(id.direction, written(policy, id.direction, id.index));
            let message = format!("other rules of its tier decide all that {path} does");
            let own = at("nothing changes without it", &policy.source.metadata.origin, path);
            report.add(&tiered_key(&policy.source), message, [own]);
        }
    }
}

/// Whether a tier comes to the same without a rule, where others are gone already, at all endpoints of a
/// group.
fn is_same(
    context: &Context<'_>,
    group: &TierGroup<'_>,
    tier: Tier,
    gone: &BTreeSet<RuleId>,
    rule: RuleId,
) -> bool {
    if group.has_equals {
        return false;
    }
    let mut without = gone.clone();
    without.insert(rule);
    context.evaluate(|evaluation| {
        let mut come_to = |skip: &BTreeSet<RuleId>| {
            let start = match tier {
                Tier::Admin => vec![(State::UNDECIDED, evaluation.everybody.clone())],
                Tier::Baseline => group.after_admin.clone(),
            };
            let rules = &mut Walk { skip, decides: &mut BTreeSet::new() };
            let end = walk(evaluation, &group.selected, tier, start, rules);
            canonical(evaluation, end, tier)
        };
        come_to(gone) == come_to(&without)
    })
}

/// What a tier comes to, in one form: behind the Baseline tier, what is undecided is allowed.
fn canonical(
    evaluation: &mut Evaluation<'_>,
    states: Partition<State>,
    tier: Tier,
) -> BTreeMap<(PortId, PortId, PortId), Vec<usize>> {
    let mut all: BTreeMap<(PortId, PortId, PortId), Vec<usize>> = BTreeMap::new();
    for (state, peers) in states {
        let key = match tier {
            Tier::Admin => (state.open, state.accepted, state.denied),
            Tier::Baseline => {
                let accepted = evaluation.table.union(state.open, state.accepted);
                (PortId::NONE, accepted, state.denied)
            }
        };
        all.entry(key).or_default().extend(peers.ones());
    }
    all.values_mut().for_each(|peers| peers.sort_unstable());
    all
}
