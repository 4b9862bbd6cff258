//! How far each rule of a tiered policy gets to decide.

use std::collections::{BTreeSet, HashMap};

use fixedbitset::FixedBitSet as Bits;
use kuberlock_model::network::{Direction, Tier};

use super::context::Context;
use super::named::RuleId;
use crate::facts::NamedPort;
use crate::policy::{CompiledTierRule, CompiledTiered, Version};
use crate::ports::PortId;
use crate::profile::{Evaluation, Isolated, Partition, Selected, State};

/// Endpoints that the same tiered policies select in one direction.
pub(super) struct TierGroup<'r> {
    pub(super) selected: Selected<'r>,
    pub(super) members: Bits,
    /// What the Admin tier made of each peer; what it passed is undecided.
    pub(super) after_admin: Partition<State>,
    /// Whether policies of one priority and tier are among them.
    pub(super) has_equals: bool,
}

/// Every group, and the rules that ever meet something undecided.
pub(super) struct Tiers<'r> {
    ingress: Vec<TierGroup<'r>>,
    egress: Vec<TierGroup<'r>>,
    pub(super) decides: BTreeSet<RuleId>,
}

impl<'r> Tiers<'r> {
    pub(super) fn new(context: &Context<'r>) -> Self {
        let mut decides = BTreeSet::new();
        let mut of = |direction| {
            let mut groups = select(context, direction);
            context.evaluate(|evaluation| {
                for group in &mut groups {
                    let start = vec![(State::UNDECIDED, evaluation.everybody.clone())];
                    let all = &mut Walk { skip: &BTreeSet::new(), decides: &mut decides };
                    group.after_admin = walk(evaluation, &group.selected, Tier::Admin, start, all);
                    let reached = group.after_admin.clone();
                    walk(evaluation, &group.selected, Tier::Baseline, reached, all);
                }
            });
            groups
        };
        let (ingress, egress) = (of(Direction::Ingress), of(Direction::Egress));
        Self { ingress, egress, decides }
    }

    pub(super) fn groups(&self, direction: Direction) -> &[TierGroup<'r>] {
        match direction {
            Direction::Ingress => &self.ingress,
            Direction::Egress => &self.egress,
        }
    }

    /// The group that holds an endpoint; none where no tiered policy selects it.
    pub(super) fn holding(&self, direction: Direction, at: usize) -> Option<&TierGroup<'r>> {
        self.groups(direction).iter().find(|group| group.members.contains(at))
    }
}

fn select<'r>(context: &Context<'r>, direction: Direction) -> Vec<TierGroup<'r>> {
    let mut known: HashMap<(Vec<Version>, Option<&[NamedPort]>), usize> = HashMap::new();
    let mut all: Vec<TierGroup<'r>> = Vec::new();
    let groups = &context.groups(direction).all;
    for group in groups.iter().filter(|group| !group.selected.tiered.is_empty()) {
        let tiered = &group.selected.tiered;
        let mut rules = tiered.iter().flat_map(|policy| policy.rules(direction));
        let names =
            direction == Direction::Ingress && rules.any(|rule| !rule.ports.names.is_empty());
        let versions = tiered.iter().map(|policy| policy.version).collect();
        let next = all.len();
        let at = *known.entry((versions, names.then_some(group.selected.ports))).or_insert(next);
        if at == next {
            all.push(TierGroup {
                selected: Selected {
                    direction,
                    tiered: tiered.clone(),
                    policies: Vec::new(),
                    isolated: Isolated::No,
                    ports: group.selected.ports,
                },
                members: group.members.clone(),
                after_admin: Vec::new(),
                has_equals: has_equals(tiered),
            });
        } else if let Some(held) = all.get_mut(at) {
            held.members.union_with(&group.members);
        }
    }
    all
}

fn has_equals(tiered: &[&CompiledTiered]) -> bool {
    let place = |policy: &CompiledTiered| (policy.source.tier, policy.source.priority);
    tiered.windows(2).any(|pair| matches!(pair, [a, b] if place(a) == place(b)))
}

/// What a walk leaves out, and what it notes.
pub(super) struct Walk<'w> {
    pub(super) skip: &'w BTreeSet<RuleId>,
    pub(super) decides: &'w mut BTreeSet<RuleId>,
}

/// One tier, rule by rule, without those that are left out; notes the rules that meet something undecided.
pub(super) fn walk(
    evaluation: &mut Evaluation<'_>,
    selected: &Selected<'_>,
    tier: Tier,
    mut states: Partition<State>,
    rules: &mut Walk<'_>,
) -> Partition<State> {
    let of_tier: Vec<&CompiledTiered> =
        selected.tiered.iter().filter(|policy| policy.source.tier == tier).copied().collect();
    for equal in of_tier.chunk_by(|a, b| a.source.priority == b.source.priority) {
        let walked: Vec<Partition<State>> = equal
            .iter()
            .map(|policy| one(evaluation, selected, policy, states.clone(), rules))
            .collect();
        states = match <[_; 1]>::try_from(walked) {
            Ok([only]) => only,
            Err(_) => evaluation.in_any_order(&states, equal, selected),
        };
    }
    let next = states.into_iter().map(|(state, peers)| {
        let open = evaluation.table.union(state.open, state.passed);
        (State { open, passed: PortId::NONE, ..state }, peers)
    });
    next.collect()
}

fn one(
    evaluation: &mut Evaluation<'_>,
    selected: &Selected<'_>,
    policy: &CompiledTiered,
    mut states: Partition<State>,
    rules: &mut Walk<'_>,
) -> Partition<State> {
    let direction = selected.direction;
    for (index, rule) in policy.rules(direction).iter().enumerate() {
        let id = RuleId { policy: policy.version, direction, index };
        if rules.skip.contains(&id) {
            continue;
        }
        for (ports, destinations) in evaluation.ports(&rule.ports, selected) {
            if meets(evaluation, &states, rule, ports, destinations.as_ref()) {
                rules.decides.insert(id);
            }
            let peers = rule.peers.as_ref().map(|peers| (&peers.certain, &peers.possible));
            let destinations = destinations.as_ref().map(|bits| (bits, bits));
            states = evaluation.applied(states, rule.action, ports, &[peers, destinations]);
        }
    }
    states
}

/// Whether any of the rule's traffic is undecided.
fn meets(
    evaluation: &mut Evaluation<'_>,
    states: &Partition<State>,
    rule: &CompiledTierRule,
    ports: PortId,
    destinations: Option<&Bits>,
) -> bool {
    let mut whom = evaluation.everybody.clone();
    for filter in rule.peers.as_ref().map(|peers| &peers.possible).into_iter().chain(destinations) {
        whom.intersect_with(filter);
    }
    states.iter().any(|(state, peers)| {
        !peers.is_disjoint(&whom)
            && evaluation.table.intersection(state.open, ports) != PortId::NONE
    })
}
