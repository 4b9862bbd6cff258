//! What can be taken away without a connection coming to anything else.
//!
//! Policies and rules are taken away one after the other, each from what the ones before left there: all
//! that is told can go together. What a rule does to its own side is compared whole; where that
//! differs, what differs is held against the other side: only what both let through counts.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use fixedbitset::FixedBitSet as Bits;
use kuberlock_model::network::Direction;

use super::context::Context;
use super::group::Group;
use super::named::{RuleId, rules as rules_of};
use crate::near::is_of_node;
use crate::policy::{CompiledPolicy, Version};
use crate::ports::PortId;
use crate::profile::{Evaluation, Isolated, Profile, Selected, Through};

/// What can be taken away.
#[derive(Debug, Default)]
pub(super) struct Idle {
    /// Policies that others make superfluous.
    pub(super) policies: BTreeSet<Version>,
    /// Rules that others make superfluous.
    pub(super) rules: BTreeSet<RuleId>,
    /// Rules that let through only what the other end keeps out.
    pub(super) one_sided: BTreeSet<RuleId>,
}

/// What taking something away would change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    Nothing,
    /// Only what the other end keeps out.
    Unseen,
    Something,
}

pub(super) fn idle(context: &Context<'_>) -> Idle {
    let mut without = Without { context, gone: HashMap::new(), changed: HashMap::new() };
    let mut idle = Idle::default();
    let told = context.told_elsewhere();
    // The last of several that are equal is the one that is told.
    for policy in context.policies().rev() {
        if !is_guard(policy) && without.policy(policy) {
            idle.policies.insert(policy.version);
        }
    }
    for policy in context.policies().rev().filter(|p| !idle.policies.contains(&p.version)) {
        let mut rules: Vec<RuleId> = rules_of(policy).map(|(id, _)| id).collect();
        // From the end, so that the numbers of those before stay.
        rules.reverse();
        for rule in rules.into_iter().filter(|rule| !told.contains(rule)) {
            match without.rule(policy, rule) {
                Effect::Nothing => _ = idle.rules.insert(rule),
                Effect::Unseen => _ = idle.one_sided.insert(rule),
                Effect::Something => {}
            }
        }
    }
    idle
}

/// Whether a policy keeps everything out in some direction: it is there for pods and policies to come.
fn is_guard(policy: &CompiledPolicy) -> bool {
    Direction::BOTH.into_iter().any(|direction| {
        policy.source.isolates(direction) && policy.source.rules(direction).is_empty()
    })
}

struct Without<'c, 'r> {
    context: &'c Context<'r>,
    /// Policies without some of their rules; `None` is gone altogether.
    gone: HashMap<Version, Option<Arc<CompiledPolicy>>>,
    /// Profiles of groups that are not as they were.
    changed: HashMap<(Direction, usize), Profile>,
}

impl<'r> Without<'_, 'r> {
    /// Takes a policy away where its own side stays as it is.
    fn policy(&mut self, policy: &Arc<CompiledPolicy>) -> bool {
        self.gone.insert(policy.version, None);
        let is_idle = Direction::BOTH.into_iter().all(|direction| {
            let groups = self.context.groups(direction).of_policy(policy.version);
            let mut groups = groups.filter(|(_, group)| !group.members.is_clear());
            groups.all(|(at, group)| {
                !has_equals(group)
                    && differences(self.held(direction, at, group), &self.now(group)).is_empty()
            })
        });
        if !is_idle {
            self.gone.remove(&policy.version);
        }
        is_idle
    }

    /// Takes a rule away where nothing that gets through changes.
    fn rule(&mut self, policy: &Arc<CompiledPolicy>, rule: RuleId) -> Effect {
        let held = self.gone.get(&policy.version).cloned();
        let rest = held.clone().flatten().unwrap_or_else(|| Arc::clone(policy));
        let rest = Arc::new(rest.without(rule.direction, rule.index));
        self.gone.insert(policy.version, Some(rest));
        let mut effect = Effect::Nothing;
        let mut profiles: BTreeMap<usize, Profile> = BTreeMap::new();
        for (at, group) in self.context.groups(rule.direction).of_policy(policy.version) {
            let now = self.now(group);
            let differences = differences(self.held(rule.direction, at, group), &now);
            if !differences.is_empty() {
                effect = effect.max(self.effect(group, &differences));
                profiles.insert(at, now);
            }
            if has_equals(group) {
                effect = Effect::Something;
            }
            if effect == Effect::Something {
                break;
            }
        }
        match (effect, held) {
            (Effect::Something, Some(held)) => _ = self.gone.insert(policy.version, held),
            (Effect::Something, None) => _ = self.gone.remove(&policy.version),
            _ => {
                let changed = profiles.into_iter().map(|(at, now)| ((rule.direction, at), now));
                self.changed.extend(changed);
            }
        }
        effect
    }

    fn held<'s>(&'s self, direction: Direction, at: usize, group: &'s Group<'r>) -> &'s Profile {
        self.changed.get(&(direction, at)).unwrap_or(group.profile)
    }

    /// The profile of a group with what is gone by now.
    fn now(&self, group: &Group<'_>) -> Profile {
        let held = group.selected.policies.iter().filter_map(|policy| {
            match self.gone.get(&policy.version) {
                None => Some(*policy),
                Some(rest) => rest.as_deref(),
            }
        });
        let policies: Vec<&CompiledPolicy> = held.collect();
        let is_sure = |policy: &&CompiledPolicy| {
            group.members.minimum().is_some_and(|at| policy.subject.certain.contains(at))
        };
        let isolated = match policies.first() {
            None => Isolated::No,
            Some(policy) if is_sure(policy) => Isolated::Yes,
            Some(_) => Isolated::Maybe,
        };
        let selected = Selected {
            direction: group.selected.direction,
            tiered: group.selected.tiered.clone(),
            policies,
            isolated,
            ports: group.selected.ports,
        };
        self.context.evaluate(|evaluation| evaluation.profile(&selected))
    }

    /// Whether the other end lets any of what differs through.
    fn effect(&self, group: &Group<'_>, differences: &[Difference]) -> Effect {
        let of_node = |set: &Bits| {
            set.ones().any(|at| self.context.reach.endpoint(at).is_some_and(is_of_node))
        };
        let opposite = match group.selected.direction {
            Direction::Ingress => Direction::Egress,
            Direction::Egress => Direction::Ingress,
        };
        let is_seen = differences.iter().any(|difference| {
            // What is of a node is let through by other rules than policies.
            of_node(&difference.peers)
                || of_node(&group.members)
                || self.context.groups(opposite).meeting(&difference.peers).into_iter().any(
                    |other| {
                        let parts = other.profile.parts.iter();
                        let mut parts =
                            parts.filter(|(_, peers)| !peers.is_disjoint(&group.members));
                        parts.any(|(through, _)| {
                            self.context.evaluate(|e| difference.is_seen(*through, e))
                        })
                    },
                )
        });
        if is_seen { Effect::Something } else { Effect::Unseen }
    }
}

/// The order of equal policies may come to something else, which profiles do not tell.
fn has_equals(group: &Group<'_>) -> bool {
    let place = |at: usize| {
        let policy = group.selected.tiered.get(at)?;
        Some((policy.source.tier, policy.source.priority))
    };
    (1..group.selected.tiered.len()).any(|at| place(at) == place(at - 1))
}

/// Peers with whom something else gets through than before.
struct Difference {
    before: Through,
    after: Through,
    peers: Bits,
}

impl Difference {
    /// Whether it is one where the other end lets this through.
    fn is_seen(&self, other: Through, evaluation: &mut Evaluation<'_>) -> bool {
        let mut differs = |a: PortId, b: PortId, other: PortId| {
            evaluation.table.intersection(a, other) != evaluation.table.intersection(b, other)
        };
        differs(self.before.certain, self.after.certain, other.certain)
            || differs(self.before.possible, self.after.possible, other.possible)
    }
}

fn differences(before: &Profile, after: &Profile) -> Vec<Difference> {
    let mut found = Vec::new();
    for (was, peers) in &before.parts {
        let mut rest = peers.clone();
        for (is, others) in &after.parts {
            if was != is && !peers.is_disjoint(others) {
                let mut both = peers.clone();
                both.intersect_with(others);
                found.push(Difference { before: *was, after: *is, peers: both });
            }
            rest.difference_with(others);
        }
        if !rest.is_clear() {
            found.push(Difference { before: *was, after: Through::NOTHING, peers: rest });
        }
    }
    for (is, peers) in &after.parts {
        let mut rest = peers.clone();
        before.parts.iter().for_each(|(_, others)| rest.difference_with(others));
        if !rest.is_clear() {
            found.push(Difference { before: Through::NOTHING, after: *is, peers: rest });
        }
    }
    found
}
