//! What is asked of policies: whom they select, what they add, whether they do anything at all.

use std::collections::BTreeSet;

use fixedbitset::FixedBitSet as Bits;
use kuberlock_model::network::Direction;
use kuberlock_model::{Change, ObjectKey};
use serde::Serialize;

use super::align::Aligned;
use super::relation::{Example, Pair, Ports, each_pair};
use crate::ports::PortSet;
use crate::reachability::Reachability;

/// Whether policies decide anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vacuity {
    /// Every connection gets through, as without policies.
    AllowsEverything,
    /// No connection between two ends gets through.
    AllowsNothing,
    /// Some do, some do not.
    Neither,
}

/// Whether the policies of a network keep anything out, and let anything through.
pub fn vacuity(reach: &Reachability) -> Vacuity {
    let aligned = Aligned::new(reach, reach);
    let (mut some, mut all) = (false, true);
    each_pair(reach, reach, &aligned, &mut |pair| {
        some |= !pair.first.possible.is_empty();
        all &= pair.first.certain.is_all();
    });
    match (all, some) {
        (true, _) => Vacuity::AllowsEverything,
        (_, false) => Vacuity::AllowsNothing,
        _ => Vacuity::Neither,
    }
}

/// The endpoints that some policy selects in `direction`, tiered policies with rules for it among them.
pub fn captured(reach: &Reachability, direction: Direction) -> Bits {
    let mut all = Bits::with_capacity(reach.endpoints.len());
    let policies = reach.policies.values().filter(|policy| policy.source.isolates(direction));
    policies.for_each(|policy| all.union_with(&policy.subject.possible));
    let tiered = reach.tiered.values().filter(|policy| !policy.rules(direction).is_empty());
    tiered.for_each(|policy| all.union_with(&policy.subject.certain));
    all.intersect_with(&reach.alive);
    all
}

/// Policies that select a pod in common, each pair once, with one such endpoint: where there are none, the
/// policies are apart.
pub fn sharing(reach: &Reachability, limit: usize) -> Vec<(ObjectKey, ObjectKey, usize)> {
    let v1 = reach.policies.iter().map(|(key, policy)| (key, &policy.subject.possible));
    let tiered = reach.tiered.iter().map(|(key, policy)| (key, &policy.subject.certain));
    let all: Vec<(&ObjectKey, &Bits)> = v1.chain(tiered).collect();
    let mut found = Vec::new();
    for (at, (one, whom)) in all.iter().enumerate() {
        for (other, others) in all.iter().skip(at + 1) {
            if found.len() == limit {
                return found;
            }
            if let Some(common) = whom.intersection(others).find(|at| reach.alive.contains(*at)) {
                found.push(((*one).clone(), (*other).clone(), common));
            }
        }
    }
    found
}

/// Connections that `rules` allows of pods that its policies select, and `network` does not: none, where
/// `network` permits what `rules` says.
pub fn permits(network: &Reachability, rules: &Reachability, limit: usize) -> Vec<Example> {
    said(network, rules, limit, |network, rules| {
        let sure = rules.certain.difference(&network.possible);
        let open = rules.certain.difference(&network.certain);
        if sure.is_empty() { (open, false) } else { (sure, true) }
    })
}

/// Connections that `rules` allows of pods that its policies select, and `network` allows too: none, where
/// `network` forbids what `rules` says.
pub fn forbids(network: &Reachability, rules: &Reachability, limit: usize) -> Vec<Example> {
    said(network, rules, limit, |network, rules| {
        let sure = rules.certain.intersection(&network.certain);
        let open = rules.certain.intersection(&network.possible);
        if sure.is_empty() { (open, false) } else { (sure, true) }
    })
}

/// Connections of pods that the policies of `network` select which get through only once `others` are added:
/// none, where `others` do not interfere. `both` is the network under the policies of both.
pub fn interferes(network: &Reachability, both: &Reachability, limit: usize) -> Vec<Example> {
    let aligned = Aligned::new(network, both);
    let selected = sides(network);
    let mut found = Vec::new();
    each_pair(network, both, &aligned, &mut |pair| {
        if found.len() < limit && is_selected(&selected, pair.from.1.first, pair.to.1.first) {
            let sure = pair.second.certain.difference(&pair.first.possible);
            let open = pair.second.possible.difference(&pair.first.possible);
            let differs = if sure.is_empty() { (open, false) } else { (sure, true) };
            found.extend(shown(&pair, differs));
        }
    });
    found
}

fn said(
    network: &Reachability,
    rules: &Reachability,
    limit: usize,
    differs: fn(&Ports, &Ports) -> (PortSet, bool),
) -> Vec<Example> {
    let aligned = Aligned::new(network, rules);
    let selected = sides(rules);
    let mut found = Vec::new();
    each_pair(network, rules, &aligned, &mut |pair| {
        if found.len() < limit && is_selected(&selected, pair.from.1.second, pair.to.1.second) {
            found.extend(shown(&pair, differs(&pair.first, &pair.second)));
        }
    });
    found
}

fn shown(pair: &Pair<'_>, (ports, is_sure): (PortSet, bool)) -> Option<Example> {
    (!ports.is_empty()).then_some(Example { from: pair.from.0, to: pair.to.0, ports, is_sure })
}

fn sides(reach: &Reachability) -> [Bits; 2] {
    [captured(reach, Direction::Egress), captured(reach, Direction::Ingress)]
}

/// Whether policies say anything of a connection: they select the one end for what leaves it, or the other
/// for what enters it.
fn is_selected([egress, ingress]: &[Bits; 2], from: Option<usize>, to: Option<usize>) -> bool {
    from.is_some_and(|at| egress.contains(at)) || to.is_some_and(|at| ingress.contains(at))
}

impl Reachability {
    /// The same cluster under some of its policies alone.
    #[must_use]
    pub fn under(&self, policies: &BTreeSet<ObjectKey>) -> Self {
        let all = self.facts.policies.keys().chain(self.facts.tiered.keys());
        let others = all.filter(|key| !policies.contains(*key));
        let changes: Vec<Change> = others.cloned().map(Change::Delete).collect();
        self.with(&changes)
    }
}
