//! Endpoints that the same policies select, by direction: what a rule does is the same for all of them.

use std::collections::HashMap;
use std::sync::Arc;

use fixedbitset::FixedBitSet as Bits;
use kuberlock_model::network::Direction;

use crate::policy::{CompiledTiered, Version};
use crate::profile::{Profile, Selected};
use crate::reachability::{ProfileKey, Reachability, key, select_all};

/// Endpoints with the same policies in one direction.
pub(super) struct Group<'r> {
    pub(super) selected: Selected<'r>,
    pub(super) members: Bits,
    pub(super) profile: &'r Profile,
}

/// The groups of one direction.
pub(super) struct Groups<'r> {
    pub(super) all: Vec<Group<'r>>,
    /// The group of each endpoint.
    of: Vec<usize>,
    /// The groups that a NetworkPolicy selects.
    by_policy: HashMap<Version, Vec<usize>>,
}

impl<'r> Groups<'r> {
    pub(super) fn new(reach: &'r Reachability, direction: Direction) -> Self {
        let mut tiered: Vec<&'r Arc<CompiledTiered>> = reach.tiered.values().collect();
        tiered.sort_by(|a, b| a.order().cmp(&b.order()));
        let selected =
            select_all(&reach.endpoints, &reach.alive, direction, &reach.policies, &tiered);
        let profiles = match direction {
            Direction::Ingress => &reach.ingress,
            Direction::Egress => &reach.egress,
        };
        let size = reach.endpoints.len();
        let mut groups =
            Self { all: Vec::new(), of: vec![usize::MAX; size], by_policy: HashMap::new() };
        let mut known: HashMap<ProfileKey, usize> = HashMap::new();
        for (at, mut selected) in reach.alive.ones().zip(selected) {
            let (Some(endpoint), Some(profile)) = (reach.endpoints.get(at), profiles.get(at))
            else {
                continue;
            };
            selected.ports = &endpoint.ports;
            let next = groups.all.len();
            let group = *known.entry(key(&selected, endpoint)).or_insert(next);
            if group == next {
                let members = Bits::with_capacity(size);
                groups.all.push(Group { selected, members, profile });
            }
            if let Some(of) = groups.of.get_mut(at) {
                *of = group;
            }
            if let Some(group) = groups.all.get_mut(group) {
                group.members.insert(at);
            }
        }
        for (at, group) in groups.all.iter().enumerate() {
            for policy in &group.selected.policies {
                groups.by_policy.entry(policy.version).or_default().push(at);
            }
        }
        groups
    }

    /// The groups that a NetworkPolicy selects.
    pub(super) fn of_policy(&self, policy: Version) -> impl Iterator<Item = (usize, &Group<'r>)> {
        let numbers = self.by_policy.get(&policy).map_or(&[][..], Vec::as_slice);
        numbers.iter().filter_map(|at| Some((*at, self.all.get(*at)?)))
    }

    /// The groups that hold any of `endpoints`, each once.
    pub(super) fn meeting(&self, endpoints: &Bits) -> Vec<&Group<'r>> {
        let mut numbers: Vec<usize> =
            endpoints.ones().filter_map(|at| self.of.get(at).copied()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into_iter().filter_map(|at| self.all.get(at)).collect()
    }
}
