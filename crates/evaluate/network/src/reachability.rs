//! Who can talk to whom.
//!
//! Enters: a cluster and its network plugin. Leaves: for each pair of endpoints the ports on which a
//! connection gets through. Always holds: profiles are those of the facts; what a pair comes to is
//! put together from two of them when it is asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use fixedbitset::FixedBitSet as Bits;
use kuberlock_model::network::{Direction, IpNet, Peer, TierPeer};
use kuberlock_model::{Cluster, ObjectKey};

use crate::address::Cuts;
use crate::cni::Cni;
use crate::endpoint::{Endpoint, EndpointKind, endpoints};
use crate::facts::{Facts, NamedPort};
use crate::near::Near;
use crate::policy::{CompiledPolicy, CompiledTiered, Version};
use crate::ports::{PortSet, PortTable};
use crate::profile::{Evaluation, Isolated, NamedPorts, Profile, Selected, Through};
use crate::select::Select;
use crate::verdict::{Connection, Party, Verdict};

/// Who can talk to whom in one cluster.
#[derive(Clone)]
pub struct Reachability {
    pub(crate) cni: Cni,
    pub(crate) facts: Facts,
    pub(crate) cuts: Cuts,
    pub(crate) endpoints: Arc<Vec<Endpoint>>,
    /// Endpoints that are there; one that a change removed leaves its number behind.
    pub(crate) alive: Bits,
    pub(crate) places: Arc<Places>,
    pub(crate) policies: Arc<BTreeMap<ObjectKey, Arc<CompiledPolicy>>>,
    pub(crate) tiered: BTreeMap<ObjectKey, Arc<CompiledTiered>>,
    pub(crate) next_version: Version,
    pub(crate) table: PortTable,
    pub(crate) named: Arc<NamedPorts>,
    pub(crate) profiles: HashMap<ProfileKey, Arc<Profile>>,
    pub(crate) ingress: Vec<Arc<Profile>>,
    pub(crate) egress: Vec<Arc<Profile>>,
    /// The networks that pods have, the one that all share among them.
    pub(crate) networks: Arc<BTreeSet<Option<Arc<str>>>>,
}

/// What endpoints have in common that have the same profile.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ProfileKey {
    direction: Direction,
    isolated: Isolated,
    tiered: Vec<Version>,
    policies: Vec<Version>,
    /// Where rules of ingress name ports.
    ports: Option<Arc<[NamedPort]>>,
}

/// Where pods, nodes and addresses are among the endpoints.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    /// By namespace and name of the pod, and of the head of its owners.
    pods: HashMap<(String, String), Vec<Place>>,
    nodes: HashMap<Arc<str>, usize>,
    addresses: HashMap<IpAddr, Place>,
    /// Ranges outside, in the order of [`Cuts::ranges`].
    pub(crate) outside: Vec<usize>,
}

/// A pod, a node or a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The endpoint's number.
    pub endpoint: usize,
    /// Which of its members.
    pub member: Option<usize>,
}

/// The ports on which a connection between two endpoints gets through.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reach {
    /// Certainly.
    pub certain: PortSet,
    /// Possibly; holds all of `certain`. What is only here the API leaves open.
    pub possible: PortSet,
}

/// A party that the cluster does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cluster has no pod, workload or node `{0}`")]
pub struct UnknownParty(pub String);

impl fmt::Debug for Reachability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reachability")
            .field("cni", &self.cni)
            .field("endpoints", &self.endpoints.len())
            .field("policies", &self.policies.len())
            .field("tiered", &self.tiered.len())
            .finish_non_exhaustive()
    }
}

impl Reachability {
    /// Of a cluster, on the networks that pods have by default.
    pub fn new(cluster: &Cluster, cni: Cni) -> Self {
        Self::of(Facts::of(cluster), cni)
    }

    pub(crate) fn of(facts: Facts, cni: Cni) -> Self {
        let cuts = Cuts::new(nets(&facts));
        let endpoints = endpoints(&facts, &cuts);
        let size = endpoints.len();
        let mut alive = Bits::with_capacity(size);
        alive.insert_range(..endpoints.len());
        let mut reachability = Self {
            cni,
            cuts,
            alive,
            places: Arc::new(Places::of(endpoints.iter().enumerate())),
            policies: Arc::default(),
            tiered: BTreeMap::new(),
            next_version: 0,
            table: PortTable::new(),
            named: Arc::new(named_ports(endpoints.iter().enumerate())),
            profiles: HashMap::new(),
            ingress: Vec::new(),
            egress: Vec::new(),
            networks: Arc::new(networks(endpoints.iter().enumerate())),
            facts,
            endpoints: Arc::new(endpoints),
        };
        reachability.compile();
        let all: Vec<usize> = (0..reachability.endpoints.len()).collect();
        reachability.evaluate(&all);
        reachability
    }

    fn compile(&mut self) {
        let mut select = Select::new(self.cni, &self.endpoints);
        let mut version = self.next_version;
        let mut next = || {
            version += 1;
            version
        };
        for (key, source) in self.facts.policies.iter() {
            if is_asked(self.cni, key) {
                let policy = CompiledPolicy::new(next(), source, &mut select, &mut self.table);
                Arc::make_mut(&mut self.policies).insert(key.clone(), Arc::new(policy));
            }
        }
        for (key, source) in &self.facts.tiered {
            if is_asked(self.cni, key) {
                let policy = CompiledTiered::new(next(), source, &mut select, &mut self.table);
                self.tiered.insert(key.clone(), Arc::new(policy));
            }
        }
        self.next_version = version;
    }

    /// Makes the profiles of these endpoints anew.
    pub(crate) fn evaluate(&mut self, which: &[usize]) {
        let mut wanted = Bits::with_capacity(self.endpoints.len());
        wanted.extend(which.iter().copied());
        let mut of_tiers: Vec<&Arc<CompiledTiered>> = self.tiered.values().collect();
        of_tiers.sort_by(|a, b| a.order().cmp(&b.order()));
        for direction in Direction::BOTH {
            let selected =
                select_all(&self.endpoints, &wanted, direction, &self.policies, &of_tiers);
            for (at, mut found) in which.iter().copied().zip(selected) {
                let Some(endpoint) = self.endpoints.get(at) else { continue };
                found.ports = &endpoint.ports;
                let key = key(&found, endpoint);
                let profile = match self.profiles.get(&key) {
                    Some(known) => Arc::clone(known),
                    None => {
                        let mut evaluation = Evaluation {
                            everybody: &self.alive,
                            named: &self.named,
                            table: &mut self.table,
                        };
                        let profile = Arc::new(evaluation.profile(&found));
                        self.profiles.insert(key, Arc::clone(&profile));
                        profile
                    }
                };
                let profiles = match direction {
                    Direction::Ingress => &mut self.ingress,
                    Direction::Egress => &mut self.egress,
                };
                match profiles.get_mut(at) {
                    Some(held) => *held = profile,
                    None => profiles.push(profile),
                }
            }
        }
    }

    /// The plugin that decides what the API leaves open.
    pub fn cni(&self) -> Cni {
        self.cni
    }

    /// Every endpoint, with its number: pods by namespace and head, nodes, ranges outside.
    pub fn endpoints(&self) -> impl Iterator<Item = (usize, &Endpoint)> {
        self.alive.ones().filter_map(|at| Some((at, self.endpoints.get(at)?)))
    }

    /// The endpoint with this number.
    pub fn endpoint(&self, at: usize) -> Option<&Endpoint> {
        self.endpoints.get(at).filter(|_| self.alive.contains(at))
    }

    /// The ports on which connections between two endpoints get through. An endpoint with itself
    /// means one of its pods with another.
    pub fn between(&self, from: usize, to: usize) -> Reach {
        let place = |endpoint| Place { endpoint, member: None };
        self.between_places(place(from), place(to))
    }

    /// The ports on which connections between two places get through; of a pod with itself all.
    pub fn between_places(&self, from: Place, to: Place) -> Reach {
        if self.is_itself(from, to) {
            return Reach { certain: PortSet::all(), possible: PortSet::all() };
        }
        let (egress, ingress) = self.sides(from.endpoint, to.endpoint, self.near_places(from, to));
        let certain = |through: Through| self.table.set(through.certain);
        let possible = |through: Through| self.table.set(through.possible);
        Reach {
            certain: certain(egress).intersection(certain(ingress)),
            possible: possible(egress).intersection(possible(ingress)),
        }
    }

    /// What the egress of one end and the ingress of the other let through.
    pub(crate) fn sides(&self, from: usize, to: usize, near: Near) -> (Through, Through) {
        if !self.share_a_network(from, to) {
            return (Through::NOTHING, Through::NOTHING);
        }
        let of = |profiles: &[Arc<Profile>], at: usize, peer: usize| {
            profiles.get(at).map_or(Through::NOTHING, |profile| profile.with(peer))
        };
        let egress = of(&self.egress, from, to);
        let ingress = of(&self.ingress, to, from);
        (near.egress.widen(egress), near.ingress.widen(ingress))
    }

    /// Whether two ends are on one network. Ranges outside are beyond every network.
    pub(crate) fn share_a_network(&self, from: usize, to: usize) -> bool {
        let network = |at: usize| self.endpoints.get(at).map(|endpoint| &endpoint.network);
        let is_outside = |at: usize| {
            let kind = self.endpoints.get(at).map(|endpoint| &endpoint.kind);
            matches!(kind, Some(EndpointKind::Outside(_)))
        };
        is_outside(from) || is_outside(to) || network(from) == network(to)
    }

    /// Whether a connection gets through; between workloads of which several pods differ, the most
    /// that any two of them get.
    pub fn verdict(&self, connection: &Connection) -> Result<Verdict, UnknownParty> {
        let all = self.verdicts(connection)?;
        let rank = |verdict: &Verdict| match verdict {
            Verdict::Denied => 0,
            Verdict::ImplementationDefined => 1,
            Verdict::Ambiguous => 2,
            Verdict::Allowed => 3,
        };
        Ok(all.into_iter().map(|(.., verdict)| verdict).max_by_key(rank).unwrap_or(Verdict::Denied))
    }

    /// Whether a connection gets through, for every two places that its parties may mean.
    pub fn verdicts(
        &self,
        connection: &Connection,
    ) -> Result<Vec<(Place, Place, Verdict)>, UnknownParty> {
        let (protocol, port) = (connection.protocol, connection.port);
        let pairs = self.pairs(&connection.from, &connection.to)?.into_iter();
        Ok(pairs
            .map(|(from, to)| (from, to, self.verdict_between(from, to, protocol, port)))
            .collect())
    }

    /// Every two places that two parties may mean. A pod of a workload with itself says nothing of the
    /// workload, and is left out where others remain.
    pub fn pairs(&self, from: &Party, to: &Party) -> Result<Vec<(Place, Place)>, UnknownParty> {
        let to = self.resolve(to)?;
        let from = self.resolve(from)?;
        let all = from.iter().flat_map(|from| to.iter().map(|to| (*from, *to)));
        let others: Vec<_> = all.clone().filter(|(from, to)| !self.is_itself(*from, *to)).collect();
        Ok(if others.is_empty() { all.collect() } else { others })
    }

    /// The places that a party may mean: one, unless it is a workload with several pods.
    pub fn resolve(&self, party: &Party) -> Result<Vec<Place>, UnknownParty> {
        let unknown = || UnknownParty(party.to_string());
        let whole = |endpoint: usize| Place { endpoint, member: None };
        match party {
            Party::Pod { namespace, name } => {
                let key = (namespace.clone(), name.clone());
                self.places.pods.get(&key).cloned().ok_or_else(unknown)
            }
            Party::Node(name) => {
                let node = self.places.nodes.get(name.as_str());
                Ok(vec![whole(*node.ok_or_else(unknown)?)])
            }
            Party::Address(address) => {
                let known = self.places.addresses.get(address).copied();
                let outside = || self.places.outside.get(self.cuts.index(*address));
                let place = known.or_else(|| outside().map(|at| whole(*at)));
                Ok(vec![place.ok_or_else(unknown)?])
            }
        }
    }
}

/// Every range of addresses that a policy names.
pub(crate) fn nets(facts: &Facts) -> impl Iterator<Item = &IpNet> {
    let blocks = facts.policies.values().flat_map(|policy| {
        let rules = policy.ingress_rules.iter().chain(&policy.egress_rules);
        rules.flat_map(|rule| &rule.peers).flat_map(|peer| match peer {
            Peer::Block(block) => {
                std::iter::once(&block.cidr).chain(&block.except).collect::<Vec<_>>()
            }
            Peer::Pods { .. } => Vec::new(),
        })
    });
    let networks = facts.tiered.values().flat_map(|policy| {
        let rules = policy.ingress.iter().chain(&policy.egress);
        rules.flat_map(|rule| &rule.peers).flat_map(|peer| match peer {
            TierPeer::Networks(nets) => nets.iter().collect::<Vec<_>>(),
            _ => Vec::new(),
        })
    });
    blocks.chain(networks)
}

/// Whether the plugin asks policies of this kind on the pods' own network.
pub(crate) fn is_asked(cni: Cni, key: &ObjectKey) -> bool {
    key.kind != kuberlock_model::Kind::MultiNetworkPolicy && cni.enforces(key.kind) != Some(false)
}

/// For each wanted endpoint the policies that select it.
pub(crate) fn select_all<'p>(
    endpoints: &[Endpoint],
    wanted: &Bits,
    direction: Direction,
    policies: &'p BTreeMap<ObjectKey, Arc<CompiledPolicy>>,
    tiered: &[&'p Arc<CompiledTiered>],
) -> Vec<Selected<'p>> {
    let nobody = || Selected {
        direction,
        tiered: Vec::new(),
        policies: Vec::new(),
        isolated: Isolated::No,
        ports: &[],
    };
    // By the endpoint's number among the wanted.
    let mut rank = vec![usize::MAX; endpoints.len()];
    for (at, endpoint) in wanted.ones().enumerate() {
        if let Some(rank) = rank.get_mut(endpoint) {
            *rank = at;
        }
    }
    let mut selected: Vec<Selected<'p>> = wanted.ones().map(|_| nobody()).collect();
    let place = |endpoint: usize| rank.get(endpoint).copied().unwrap_or(usize::MAX);
    for policy in tiered.iter().filter(|policy| !policy.source.rules(direction).is_empty()) {
        for endpoint in policy.subject.certain.intersection(wanted) {
            if let Some(selected) = selected.get_mut(place(endpoint)) {
                selected.tiered.push(policy);
            }
        }
    }
    for policy in policies.values().filter(|policy| policy.source.isolates(direction)) {
        for endpoint in policy.subject.possible.intersection(wanted) {
            if let Some(selected) = selected.get_mut(place(endpoint)) {
                selected.policies.push(policy);
                let certain = policy.subject.certain.contains(endpoint);
                selected.isolated = if certain { Isolated::Yes } else { Isolated::Maybe };
            }
        }
    }
    selected
}

pub(crate) fn key(selected: &Selected<'_>, endpoint: &Endpoint) -> ProfileKey {
    let direction = selected.direction;
    let names_ports = direction == Direction::Ingress && {
        let policies = selected.policies.iter().flat_map(|policy| policy.rules(direction));
        let tiered = selected.tiered.iter().flat_map(|policy| policy.rules(direction));
        policies
            .map(|rule| &rule.ports)
            .chain(tiered.map(|rule| &rule.ports))
            .any(|ports| !ports.names.is_empty())
    };
    ProfileKey {
        direction,
        isolated: selected.isolated,
        tiered: selected.tiered.iter().map(|policy| policy.version).collect(),
        policies: selected.policies.iter().map(|policy| policy.version).collect(),
        ports: names_ports.then(|| Arc::clone(&endpoint.ports)),
    }
}

pub(crate) fn networks<'e>(
    endpoints: impl Iterator<Item = (usize, &'e Endpoint)>,
) -> BTreeSet<Option<Arc<str>>> {
    let pods = endpoints.filter(|(_, endpoint)| endpoint.is_pods());
    pods.map(|(_, endpoint)| endpoint.network.clone()).collect()
}

pub(crate) fn named_ports<'e>(
    endpoints: impl Iterator<Item = (usize, &'e Endpoint)>,
) -> NamedPorts {
    let mut named = NamedPorts::new();
    for (at, endpoint) in endpoints {
        for port in &*endpoint.ports {
            let known = named.entry(port.name.clone()).or_default();
            let same = (port.protocol, port.port);
            match known.iter_mut().find(|(of, number, _)| (*of, *number) == same) {
                Some((.., who)) => who.grow_and_insert(at),
                None => known.push((port.protocol, port.port, [at].into_iter().collect())),
            }
        }
    }
    named
}

impl Places {
    pub(crate) fn of<'e>(endpoints: impl Iterator<Item = (usize, &'e Endpoint)>) -> Self {
        let mut places = Self::default();
        let mut outside = BTreeMap::new();
        let mut of_pods: BTreeMap<(&ObjectKey, IpAddr), Place> = BTreeMap::new();
        for (at, endpoint) in endpoints {
            match &endpoint.kind {
                EndpointKind::Pods { namespace, head } => {
                    for (member, pod) in endpoint.members.iter().enumerate() {
                        let place = Place { endpoint: at, member: Some(member) };
                        places.add(namespace, &pod.key.name, place);
                        if pod.key.name != head.name {
                            places.add(namespace, &head.name, place);
                        }
                        let addresses = pod.addresses.iter();
                        of_pods.extend(addresses.map(|address| ((&pod.key, *address), place)));
                    }
                }
                EndpointKind::Node(name) => {
                    let place = Place { endpoint: at, member: None };
                    places.nodes.insert(Arc::clone(name), at);
                    let addresses = endpoint.addresses.iter();
                    addresses.for_each(|a| _ = places.addresses.entry(*a).or_insert(place));
                }
                EndpointKind::Outside(range) => _ = outside.insert(*range, at),
            }
        }
        // A node's address means the node, also where a pod on its network has it.
        for ((_, address), place) in of_pods {
            places.addresses.entry(address).or_insert(place);
        }
        // Addresses of IPv4 come before those of IPv6, as in the cuts.
        places.outside = outside.into_values().collect();
        places
    }

    fn add(&mut self, namespace: &str, name: &str, place: Place) {
        self.pods.entry((namespace.to_owned(), name.to_owned())).or_default().push(place);
    }
}
