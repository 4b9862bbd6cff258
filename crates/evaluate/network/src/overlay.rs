//! The same cluster after changes: what they do not touch is shared, not made again.
//!
//! Enters: a computed network and changes. Leaves: the network as it would be. Always holds: it
//! equals the network of the changed cluster, computed whole; the tests hold that. A policy touches the
//! profiles of the pods that it selects or did select; a pod, or a namespace's labels, touch their own
//! profiles and their own place in those of others.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use fixedbitset::FixedBitSet as Bits;
use kuberlock_model::network::Direction;
use kuberlock_model::{Change, Kind, ObjectKey};

use crate::endpoint::{self, Endpoint, EndpointKind};
use crate::facts::{Facts, matters};
use crate::policy::{CompiledPolicy, CompiledTiered};
use crate::profile::{Evaluation, Profile, Through};
use crate::reachability::{
    Places, ProfileKey, Reachability, is_asked, named_ports, nets, networks, select_all,
};
use crate::select::Select;

/// From how many policies on an index of all endpoints pays.
const MANY: usize = 16;

impl Reachability {
    /// The network as it would be after `changes`.
    #[must_use]
    pub fn with(&self, changes: &[Change]) -> Self {
        let mut facts = self.facts.clone();
        changes.iter().for_each(|change| facts.apply(change));
        let touched: BTreeSet<ObjectKey> = changes.iter().filter_map(key).collect();
        if touched.iter().any(|key| is_far_reaching(&facts, &self.facts, key)) {
            return Self::of(facts, self.cni);
        }
        let mut next = self.clone();
        next.facts = facts;
        let mut points = next.recut(&touched);
        points.extend(next.regroup(self, &touched));
        points.extend(next.relabel(&touched));
        if !points.is_empty() {
            next.reindex();
        }
        let points: Vec<usize> = points.into_iter().collect();
        next.refresh(&points);
        next.reprofile(&points);
        let mut subjects = next.recompile(&touched);
        subjects.extend(points);
        let subjects: Vec<usize> = subjects.into_iter().collect();
        next.evaluate(&subjects);
        next
    }

    /// Cuts addresses where new policies do; gives the ranges that are new or shorter.
    fn recut(&mut self, touched: &BTreeSet<ObjectKey>) -> BTreeSet<usize> {
        let mut changed = Facts::default();
        for key in touched {
            if let Some(policy) = self.facts.policies.get(key) {
                Arc::make_mut(&mut changed.policies).insert(key.clone(), Arc::clone(policy));
            } else if let Some(policy) = self.facts.tiered.get(key) {
                changed.tiered.insert(key.clone(), Arc::clone(policy));
            }
        }
        if nets(&changed).all(|net| self.cuts.knows(net)) {
            return BTreeSet::new();
        }
        let old = self.cuts.ranges();
        // Old cuts stay: what they told apart is apart already.
        let cuts = self.cuts.and(nets(&changed));
        let mut changed = BTreeSet::new();
        for range in cuts.ranges() {
            let held = self.cuts.index(range.first);
            let place = self.places.outside.get(held).copied();
            let starts_there = old.get(held).is_some_and(|old| old.first == range.first);
            if old.get(held) == Some(&range) {
                continue;
            }
            let endpoint = endpoint::outside(range);
            match place
                .filter(|_| starts_there)
                .and_then(|at| Some((at, Arc::make_mut(&mut self.endpoints).get_mut(at)?)))
            {
                Some((at, shorter)) => {
                    *shorter = endpoint;
                    changed.insert(at);
                }
                None => _ = changed.insert(self.add(endpoint)),
            }
        }
        self.cuts = cuts;
        changed
    }

    fn add(&mut self, endpoint: Endpoint) -> usize {
        let at = self.endpoints.len();
        Arc::make_mut(&mut self.endpoints).push(endpoint);
        self.alive.grow_and_insert(at);
        at
    }

    /// Groups anew the pods that changed, with those of the same owner, and those that new cuts tell
    /// apart; gives the endpoints that are new or other than before.
    fn regroup(&mut self, before: &Self, touched: &BTreeSet<ObjectKey>) -> BTreeSet<usize> {
        let made = touched.iter().filter(|key| key.kind.makes_pods());
        let mut heads: BTreeSet<ObjectKey> =
            made.flat_map(|key| [self.facts.head(key), before.facts.head(key)]).collect();
        if self.cuts != before.cuts {
            let apart = self.endpoints().filter(|(_, endpoint)| {
                !endpoint::is_in_one_place(&self.facts, &self.cuts, endpoint)
            });
            heads.extend(apart.filter_map(|(_, endpoint)| head(endpoint).cloned()));
        }
        if heads.is_empty() {
            return BTreeSet::new();
        }
        let pods = self.facts.endpoints().into_iter().filter(|(head, _)| heads.contains(head));
        let mut wanted = endpoint::of_pods(&self.facts, &self.cuts, pods.collect());
        let held: Vec<usize> = self
            .endpoints()
            .filter(|(_, endpoint)| head(endpoint).is_some_and(|head| heads.contains(head)))
            .map(|(at, _)| at)
            .collect();
        let mut changed = BTreeSet::new();
        for at in held {
            let Some(endpoint) = Arc::make_mut(&mut self.endpoints).get_mut(at) else { continue };
            match wanted.iter().position(|wanted| wanted.is_like(endpoint)) {
                Some(found) => {
                    let found = wanted.swap_remove(found);
                    if found != *endpoint {
                        *endpoint = found;
                        changed.insert(at);
                    }
                }
                None => {
                    self.alive.set(at, false);
                    changed.insert(at);
                }
            }
        }
        // Sorted again: `swap_remove` mixes them.
        wanted.sort_by(|a, b| a.kind.cmp(&b.kind).then_with(|| a.members_order(b)));
        changed.extend(wanted.into_iter().map(|endpoint| self.add(endpoint)));
        changed
    }

    /// Gives the pods of namespaces that changed their new labels.
    fn relabel(&mut self, touched: &BTreeSet<ObjectKey>) -> BTreeSet<usize> {
        let mut changed = BTreeSet::new();
        for key in touched.iter().filter(|key| key.kind == Kind::Namespace) {
            let labels = self.facts.namespace_labels(&key.name);
            for (at, endpoint) in Arc::make_mut(&mut self.endpoints).iter_mut().enumerate() {
                let is_there = endpoint.namespace() == Some(&key.name);
                if is_there && endpoint.namespace_labels != labels {
                    endpoint.namespace_labels = Arc::clone(&labels);
                    changed.insert(at);
                }
            }
        }
        changed
    }

    fn reindex(&mut self) {
        self.places = Arc::new(Places::of(self.endpoints()));
        self.named = Arc::new(named_ports(self.endpoints()));
        self.networks = Arc::new(networks(self.endpoints()));
    }

    /// Looks up the policies that changed; gives those whom they select or did select.
    fn recompile(&mut self, touched: &BTreeSet<ObjectKey>) -> BTreeSet<usize> {
        let mut subjects = BTreeSet::new();
        let policies: Vec<&ObjectKey> = touched.iter().filter(|key| is_policy(key)).collect();
        for key in &policies {
            let old = Arc::make_mut(&mut self.policies)
                .remove(*key)
                .map(|policy| policy.subject.possible.clone());
            let old = old.or_else(|| Some(self.tiered.remove(*key)?.subject.possible.clone()));
            subjects.extend(old.iter().flat_map(Bits::ones));
        }
        let mut select = match policies.len() {
            ..MANY => Select::walking(self.cni, &self.endpoints),
            _ => Select::new(self.cni, &self.endpoints),
        };
        for key in policies.into_iter().filter(|key| is_asked(self.cni, key)) {
            self.next_version += 1;
            let (version, table) = (self.next_version, &mut self.table);
            if let Some(source) = self.facts.policies.get(key) {
                let policy = CompiledPolicy::new(version, source, &mut select, table);
                subjects.extend(policy.subject.possible.ones());
                Arc::make_mut(&mut self.policies).insert(key.clone(), Arc::new(policy));
            } else if let Some(source) = self.facts.tiered.get(key) {
                let policy = CompiledTiered::new(version, source, &mut select, table);
                subjects.extend(policy.subject.possible.ones());
                self.tiered.insert(key.clone(), Arc::new(policy));
            }
        }
        subjects
    }

    /// Asks every policy again about the endpoints that changed.
    fn refresh(&mut self, points: &[usize]) {
        for at in points {
            let Some(endpoint) = self.endpoints.get(*at) else { continue };
            for policy in Arc::make_mut(&mut self.policies).values_mut() {
                if let Some(renewed) = policy.refreshed(self.cni, *at, endpoint) {
                    *policy = renewed;
                }
            }
            for policy in self.tiered.values_mut() {
                if let Some(renewed) = policy.refreshed(*at, endpoint) {
                    *policy = renewed;
                }
            }
        }
    }

    /// Puts the endpoints that changed into every profile of others, as those see them.
    fn reprofile(&mut self, points: &[usize]) {
        if points.is_empty() {
            return;
        }
        let mut here = Bits::with_capacity(self.endpoints.len());
        here.extend(points.iter().copied().filter(|at| self.alive.contains(*at)));
        let mut known: HashMap<ProfileKey, Arc<Profile>> = HashMap::new();
        let mut renewed: HashMap<*const Profile, Arc<Profile>> = HashMap::new();
        let mut wanted = self.alive.clone();
        wanted.difference_with(&points.iter().copied().collect());
        let mut tiered: Vec<&Arc<CompiledTiered>> = self.tiered.values().collect();
        tiered.sort_by(|a, b| a.order().cmp(&b.order()));
        for direction in Direction::BOTH {
            let selected = select_all(&self.endpoints, &wanted, direction, &self.policies, &tiered);
            for (at, mut selected) in wanted.ones().zip(selected) {
                let profiles = match direction {
                    Direction::Ingress => &mut self.ingress,
                    Direction::Egress => &mut self.egress,
                };
                let (Some(endpoint), Some(held)) = (self.endpoints.get(at), profiles.get_mut(at))
                else {
                    continue;
                };
                selected.ports = &endpoint.ports;
                let pointer = Arc::as_ptr(held);
                let profile = renewed.entry(pointer).or_insert_with(|| {
                    let mut evaluation =
                        Evaluation { everybody: &here, named: &self.named, table: &mut self.table };
                    Arc::new(patched(held, &evaluation.profile(&selected), points))
                });
                *held = Arc::clone(profile);
                let key = crate::reachability::key(&selected, endpoint);
                known.entry(key).or_insert_with(|| Arc::clone(profile));
            }
        }
        self.profiles = known;
    }
}

/// A profile with what another says of some peers.
fn patched(held: &Profile, at_points: &Profile, points: &[usize]) -> Profile {
    let mut parts: BTreeMap<Through, Bits> = BTreeMap::new();
    for (through, peers) in &held.parts {
        let mut peers = peers.clone();
        for point in points {
            if peers.contains(*point) {
                peers.remove(*point);
            }
        }
        parts.insert(*through, peers);
    }
    for (through, peers) in &at_points.parts {
        parts.entry(*through).or_default().union_with(peers);
    }
    let parts = parts.into_iter().filter(|(_, peers)| !peers.is_clear()).collect();
    Profile { parts, is_default: held.is_default }
}

fn key(change: &Change) -> Option<ObjectKey> {
    match change {
        Change::Upsert(object) => Some(object.key()),
        Change::Delete(key) => Some(key.clone()),
        _ => None,
    }
    .filter(|key| matters(key.kind))
}

fn head(endpoint: &Endpoint) -> Option<&ObjectKey> {
    match &endpoint.kind {
        EndpointKind::Pods { head, .. } => Some(head),
        _ => None,
    }
}

fn is_policy(key: &ObjectKey) -> bool {
    matches!(
        key.kind,
        Kind::NetworkPolicy
            | Kind::AdminNetworkPolicy
            | Kind::BaselineAdminNetworkPolicy
            | Kind::ClusterNetworkPolicy
    )
}

/// Whether a change reaches further than its own endpoints: a node's addresses are those of its pods,
/// an owner may move pods to another head, and a network moves whole namespaces.
fn is_far_reaching(after: &Facts, before: &Facts, key: &ObjectKey) -> bool {
    match key.kind {
        Kind::Node
        | Kind::ReplicaSet
        | Kind::ReplicationController
        | Kind::Job
        | Kind::VirtualMachine
        | Kind::VirtualMachineInstance
        | Kind::UserDefinedNetwork
        | Kind::ClusterUserDefinedNetwork
        | Kind::NetworkAttachmentDefinition => true,
        Kind::Namespace => after.primary_network(&key.name) != before.primary_network(&key.name),
        _ => false,
    }
}
