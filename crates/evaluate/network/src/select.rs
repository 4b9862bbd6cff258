//! Whom selectors and peers mean, of all endpoints at once.
//!
//! Enters: endpoints. Leaves: for a peer, the set that it means and the set that it may mean. Always
//! holds: the answers are those of [`crate::matching`]; a selector is looked up, not walked, so that
//! thousands of them cost little.

use std::collections::HashMap;
use std::sync::Arc;

use fixedbitset::FixedBitSet as Bits;
use kuberlock_model::network::{Peer, PodSelection, TierPeer};
use kuberlock_model::selector::{LabelSelector, Requirement};

use crate::cni::{Cni, Does};
use crate::endpoint::{Endpoint, EndpointKind};
use crate::facts::Labels;
use crate::matching::{self, Match};

/// Endpoints that are meant, and those that may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Matched {
    pub(crate) certain: Bits,
    /// Holds all of `certain`.
    pub(crate) possible: Bits,
}

impl Matched {
    pub(crate) fn nobody(size: usize) -> Self {
        Self { certain: Bits::with_capacity(size), possible: Bits::with_capacity(size) }
    }

    /// What is held of an endpoint.
    pub(crate) fn of(&self, endpoint: usize) -> Match {
        match (self.certain.contains(endpoint), self.possible.contains(endpoint)) {
            (true, _) => Match::Yes,
            (false, true) => Match::Maybe,
            (false, false) => Match::No,
        }
    }

    /// Puts an answer about an endpoint.
    pub(crate) fn put(&mut self, endpoint: usize, matched: Match) {
        self.certain.grow(endpoint + 1);
        self.possible.grow(endpoint + 1);
        self.certain.set(endpoint, matched == Match::Yes);
        self.possible.set(endpoint, matched != Match::No);
    }

    fn unite(&mut self, other: &Self) {
        self.certain.union_with(&other.certain);
        self.possible.union_with(&other.possible);
    }
}

/// Label values and the endpoints, or namespaces, that have them.
#[derive(Debug, Default)]
struct Index<'e> {
    keys: HashMap<&'e str, Key<'e>>,
}

#[derive(Debug)]
struct Key<'e> {
    any: Bits,
    values: HashMap<&'e str, Bits>,
}

impl<'e> Index<'e> {
    fn add(&mut self, at: usize, size: usize, labels: &'e Labels) {
        for (key, value) in labels {
            let empty = || Key { any: Bits::with_capacity(size), values: HashMap::new() };
            let key = self.keys.entry(key).or_insert_with(empty);
            key.any.insert(at);
            let values = key.values.entry(value);
            values.or_insert_with(|| Bits::with_capacity(size)).insert(at);
        }
    }

    /// Those of `all` that fulfil every requirement.
    fn select(&self, selector: &LabelSelector, all: &Bits) -> Bits {
        let mut found = all.clone();
        for requirement in &selector.requirements {
            match requirement {
                Requirement::In(key, values) => match values.as_slice() {
                    [value] => match self.value(key, value) {
                        Some(bits) => found.intersect_with(bits),
                        None => found.clear(),
                    },
                    _ => found.intersect_with(&self.values(key, values, all.len())),
                },
                Requirement::NotIn(key, values) => {
                    found.difference_with(&self.values(key, values, all.len()));
                }
                Requirement::Exists(key) => match self.keys.get(key.as_str()) {
                    Some(key) => found.intersect_with(&key.any),
                    None => found.clear(),
                },
                Requirement::DoesNotExist(key) => {
                    if let Some(key) = self.keys.get(key.as_str()) {
                        found.difference_with(&key.any);
                    }
                }
            }
        }
        found
    }

    fn value(&self, key: &str, value: &str) -> Option<&Bits> {
        self.keys.get(key)?.values.get(value)
    }

    fn values(&self, key: &str, values: &[String], size: usize) -> Bits {
        let mut union = Bits::with_capacity(size);
        values.iter().filter_map(|v| self.value(key, v)).for_each(|bits| union.union_with(bits));
        union
    }
}

/// Selects among endpoints.
#[derive(Debug)]
pub(crate) struct Select<'e> {
    cni: Cni,
    endpoints: &'e [Endpoint],
    /// How many endpoints a set has room for.
    size: usize,
    pods: Bits,
    /// Pods that are not on their node's network.
    ordinary: Bits,
    labels: Index<'e>,
    namespaces: Vec<(&'e str, &'e Labels, Bits)>,
    by_name: HashMap<&'e str, usize>,
    namespace_labels: Index<'e>,
    known_pods: HashMap<LabelSelector, Arc<Bits>>,
    known_namespaces: HashMap<LabelSelector, Arc<Bits>>,
    known_blocks: HashMap<Peer, Arc<Matched>>,
    /// Whether endpoints are asked one by one: to look few policies up, an index costs too much.
    walks: bool,
}

impl<'e> Select<'e> {
    /// Asks endpoints one by one.
    pub(crate) fn walking(cni: Cni, endpoints: &'e [Endpoint]) -> Self {
        let mut select = Self::new(cni, &[]);
        (select.endpoints, select.size, select.walks) = (endpoints, endpoints.len(), true);
        select
    }

    /// Looks labels up in an index.
    pub(crate) fn new(cni: Cni, endpoints: &'e [Endpoint]) -> Self {
        let size = endpoints.len();
        let mut select = Self {
            cni,
            endpoints,
            size,
            walks: false,
            pods: Bits::with_capacity(size),
            ordinary: Bits::with_capacity(size),
            labels: Index::default(),
            namespaces: Vec::new(),
            by_name: HashMap::new(),
            namespace_labels: Index::default(),
            known_pods: HashMap::new(),
            known_namespaces: HashMap::new(),
            known_blocks: HashMap::new(),
        };
        for (at, endpoint) in endpoints.iter().enumerate() {
            let EndpointKind::Pods { namespace, .. } = &endpoint.kind else { continue };
            select.pods.insert(at);
            select.ordinary.set(at, !endpoint.host_network);
            select.labels.add(at, size, &endpoint.labels);
            let next = select.namespaces.len();
            let index = *select.by_name.entry(namespace).or_insert(next);
            if index == next {
                select.namespaces.push((
                    namespace,
                    &endpoint.namespace_labels,
                    Bits::with_capacity(size),
                ));
            }
            if let Some((_, _, pods)) = select.namespaces.get_mut(index) {
                pods.insert(at);
            }
        }
        let count = select.namespaces.len();
        for (at, (_, labels, _)) in select.namespaces.iter().enumerate() {
            select.namespace_labels.add(at, count, labels);
        }
        select
    }

    /// All pods of a namespace.
    fn namespace(&self, name: &str) -> Option<&Bits> {
        let (_, _, pods) = self.namespaces.get(*self.by_name.get(name)?)?;
        Some(pods)
    }

    fn pods(&mut self, selector: &LabelSelector) -> Arc<Bits> {
        if let Some(known) = self.known_pods.get(selector) {
            return Arc::clone(known);
        }
        let found = Arc::new(self.labels.select(selector, &self.pods));
        self.known_pods.insert(selector.clone(), Arc::clone(&found));
        found
    }

    /// All pods of the namespaces that a selector means.
    fn namespaces(&mut self, selector: &LabelSelector) -> Arc<Bits> {
        if let Some(known) = self.known_namespaces.get(selector) {
            return Arc::clone(known);
        }
        let mut all = Bits::with_capacity(self.namespaces.len());
        all.insert_range(..);
        let meant = self.namespace_labels.select(selector, &all);
        let mut pods = Bits::with_capacity(self.size);
        for at in meant.ones() {
            if let Some((_, _, of)) = self.namespaces.get(at) {
                pods.union_with(of);
            }
        }
        let pods = Arc::new(pods);
        self.known_namespaces.insert(selector.clone(), Arc::clone(&pods));
        pods
    }

    /// What NetworkPolicies see as pods, of those whose labels match.
    fn as_pods(&self, mut matching: Bits) -> Matched {
        match self.cni.sees_host_network_pods() {
            Does::Yes => Matched { certain: matching.clone(), possible: matching },
            Does::No => {
                matching.intersect_with(&self.ordinary);
                Matched { certain: matching.clone(), possible: matching }
            }
            Does::Open => {
                let mut certain = matching.clone();
                certain.intersect_with(&self.ordinary);
                Matched { certain, possible: matching }
            }
        }
    }

    /// Whom a NetworkPolicy of `namespace` with this `podSelector` selects.
    pub(crate) fn subject(&mut self, namespace: &str, selector: &LabelSelector) -> Matched {
        if self.walks {
            return self.each(|of| matching::selects(self.cni, namespace, selector, of));
        }
        let pods = self.pods(selector);
        let Some(own) = self.namespace(namespace) else { return Matched::nobody(self.size) };
        let mut found = own.clone();
        found.intersect_with(&pods);
        self.as_pods(found)
    }

    /// Whom the peers of a rule of a NetworkPolicy mean together; `None` is everybody.
    pub(crate) fn peers(&mut self, namespace: &str, peers: &[Peer]) -> Option<Matched> {
        if peers.is_empty() {
            return None;
        }
        if self.walks {
            return Some(self.each(|of| {
                let asked = peers.iter().map(|p| matching::peer(self.cni, namespace, p, of));
                asked.max().unwrap_or(Match::No)
            }));
        }
        let mut all = Matched::nobody(self.size);
        for peer in peers {
            all.unite(&self.peer(namespace, peer));
        }
        Some(all)
    }

    fn peer(&mut self, namespace: &str, peer: &Peer) -> Arc<Matched> {
        match peer {
            Peer::Block(_) => self.block(namespace, peer),
            Peer::Pods { namespaces, pods } => {
                let there = match namespaces {
                    Some(selector) => self.namespaces(selector),
                    None => match self.namespace(namespace) {
                        Some(own) => Arc::new(own.clone()),
                        None => return Arc::new(Matched::nobody(self.size)),
                    },
                };
                let mut found = (*there).clone();
                if let Some(selector) = pods {
                    found.intersect_with(&self.pods(selector));
                }
                Arc::new(self.as_pods(found))
            }
        }
    }

    fn block(&mut self, namespace: &str, peer: &Peer) -> Arc<Matched> {
        if let Some(known) = self.known_blocks.get(peer) {
            return Arc::clone(known);
        }
        let cni = self.cni;
        let found = Arc::new(self.each(|endpoint| matching::peer(cni, namespace, peer, endpoint)));
        self.known_blocks.insert(peer.clone(), Arc::clone(&found));
        found
    }

    /// Asks every endpoint.
    fn each(&self, ask: impl Fn(&Endpoint) -> Match) -> Matched {
        let mut found = Matched::nobody(self.size);
        for (at, endpoint) in self.endpoints.iter().enumerate() {
            found.put(at, ask(endpoint));
        }
        found
    }

    /// Whom the subject of a tiered policy, or one of its pod peers, means.
    pub(crate) fn selection(&mut self, selection: &PodSelection) -> Bits {
        if self.walks {
            return self.each(|of| Match::of(matching::selection(selection, of))).certain;
        }
        let mut found = (*self.namespaces(&selection.namespaces)).clone();
        if let Some(selector) = &selection.pods {
            found.intersect_with(&self.pods(selector));
        }
        found.intersect_with(&self.ordinary);
        found
    }

    /// Whom the peers of a tiered policy's rule mean together.
    pub(crate) fn tier_peers(&mut self, peers: &[TierPeer]) -> Matched {
        let mut all = Matched::nobody(self.size);
        for peer in peers {
            match peer {
                TierPeer::Pods(pods) => {
                    let found = self.selection(pods);
                    all.certain.union_with(&found);
                    all.possible.union_with(&found);
                }
                other => all.unite(&self.each(|endpoint| matching::tier_peer(other, endpoint))),
            }
        }
        all
    }
}
