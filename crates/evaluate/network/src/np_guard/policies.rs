//! What policies let through, as np-guard reads them.
//!
//! Enters: a cluster and the ends of its connections. Leaves: for two of them, the ports on which one
//! lets traffic to or from the other through. Always holds: policies are asked in the order of the
//! API (tier, NetworkPolicies, baseline), but an `ipBlock` or a network never means a pod, a
//! ClusterNetworkPolicy is not seen, and of named ports the first of that name counts.

use fixedbitset::FixedBitSet as Bits;
use kuberlock_model::network::{
    Action, Direction, NetworkPolicy, PodSelection, PortMatch, Ports as PortsOf, Tier, TierPeer,
    TieredPolicy,
};
use kuberlock_model::{Cluster, Kind};

use super::connection::Ports;
use super::matching;
use super::peer::{Peer, Pod};
use super::representative::Representative;
use crate::ports::PortSet;

/// A rule, with the ends that it means.
#[derive(Debug)]
struct Rule<'c> {
    action: Action,
    peers: Bits,
    ports: &'c [PortMatch],
    /// Whether one of its peers is everybody in the cluster.
    is_cluster_wide: bool,
}

/// A policy in one direction.
#[derive(Debug)]
struct Part<'c> {
    subject: Bits,
    rules: Vec<Rule<'c>>,
}

/// The policies of a layer: ingress and egress of each.
type Layer<'c> = Vec<[Option<Part<'c>>; 2]>;

/// The policies of a cluster.
#[derive(Debug)]
pub(super) struct Policies<'c> {
    admin: Layer<'c>,
    policies: Layer<'c>,
    baseline: Layer<'c>,
}

/// What a tier has decided so far.
#[derive(Debug, Default)]
struct Decided {
    allowed: Ports,
    denied: Ports,
    passed: Ports,
}

/// Whom a question is about, besides the subject of policies.
#[derive(Clone, Copy, Debug)]
enum Other<'p> {
    /// One end, by its number.
    Peer(usize, &'p Peer),
    /// All pods of the cluster, seen or not.
    Cluster,
}

impl<'c> Policies<'c> {
    pub(super) fn new(cluster: &'c Cluster, peers: &[Peer]) -> Self {
        let of_tier = |tier| {
            let all = tiered(cluster).into_iter().filter(move |policy| policy.tier == tier);
            all.map(|policy| Direction::BOTH.map(|d| of_tiered(policy, d, peers))).collect()
        };
        let policies = network_policies(cluster).into_iter();
        Self {
            admin: of_tier(Tier::Admin),
            baseline: of_tier(Tier::Baseline),
            policies: policies
                .map(|policy| Direction::BOTH.map(|d| of_policy(policy, d, peers)))
                .collect(),
        }
    }

    /// Whether any policy is about the end in this direction.
    pub(super) fn protect(&self, at: usize, direction: Direction) -> bool {
        [&self.admin, &self.policies, &self.baseline]
            .into_iter()
            .any(|layer| selecting(layer, at, direction).next().is_some())
    }

    /// What the policies of `subject` let through to or from another end.
    pub(super) fn with(&self, peers: &[Peer], subject: usize, d: Direction, other: usize) -> Ports {
        match (peers.get(subject), peers.get(other)) {
            (Some(Peer::Range(_)), _) | (_, None) => Ports::all(),
            (Some(Peer::Pod(pod)), Some(peer)) => {
                self.through(subject, Some(pod), d, Other::Peer(other, peer))
            }
            (_, Some(peer)) => self.through(subject, None, d, Other::Peer(other, peer)),
        }
    }

    /// What they let through to or from every pod of the cluster, by rules that mean everybody.
    pub(super) fn with_cluster(&self, subject: usize, pod: &Pod, d: Direction) -> Ports {
        let found = self.through(subject, Some(pod), d, Other::Cluster);
        match d {
            Direction::Ingress => resolved(found, pod),
            Direction::Egress => found,
        }
    }

    fn through(&self, at: usize, pod: Option<&Pod>, d: Direction, other: Other<'_>) -> Ports {
        let mut decided = decide(&self.admin, at, pod, d, other);
        let mut isolated = selecting(&self.policies, at, d).peekable();
        if isolated.peek().is_some() {
            let mut allowed = Ports::default();
            for rule in isolated.flat_map(|part| &part.rules).filter(|rule| rule.means(other)) {
                allowed.add(&ports(rule.ports, pod, d, other));
            }
            decided.allowed.add(&allowed.without(&decided.denied));
            return decided.allowed;
        }
        let baseline = decide(&self.baseline, at, pod, d, other);
        decided.denied.add(&baseline.denied.without(&decided.allowed));
        decided.allowed.add(&Ports::all());
        decided.allowed.without(&decided.denied)
    }
}

impl Rule<'_> {
    fn means(&self, other: Other<'_>) -> bool {
        match other {
            Other::Peer(at, _) => self.peers.contains(at),
            Other::Cluster => self.is_cluster_wide,
        }
    }
}

/// The policies of a layer that select an end.
fn selecting<'l, 'c>(
    layer: &'l Layer<'c>,
    at: usize,
    direction: Direction,
) -> impl Iterator<Item = &'l Part<'c>> {
    let parts = layer.iter().filter_map(move |[ingress, egress]| match direction {
        Direction::Ingress => ingress.as_ref(),
        Direction::Egress => egress.as_ref(),
    });
    parts.filter(move |part| part.subject.contains(at))
}

/// The first rule that means a port decides about it.
fn decide(
    layer: &Layer<'_>,
    at: usize,
    pod: Option<&Pod>,
    d: Direction,
    other: Other<'_>,
) -> Decided {
    let mut decided = Decided::default();
    let rules = selecting(layer, at, d).flat_map(|part| &part.rules);
    for rule in rules.filter(|rule| rule.means(other)) {
        let mut found = ports(rule.ports, pod, d, other);
        for known in [&decided.allowed, &decided.denied, &decided.passed] {
            found = found.without(known);
        }
        match rule.action {
            Action::Accept => decided.allowed.add(&found),
            Action::Deny => decided.denied.add(&found),
            Action::Pass => decided.passed.add(&found),
        }
    }
    decided
}

/// The ports of a rule at the end that is connected to: `pod` or, of egress, the other.
fn ports(rule: &[PortMatch], pod: Option<&Pod>, d: Direction, other: Other<'_>) -> Ports {
    let target = match (d, other, pod) {
        (Direction::Egress, Other::Peer(_, Peer::Pod(pod)), _) => Target::Pod(pod),
        (Direction::Egress, Other::Peer(_, Peer::Range(_)), _) => Target::Nameless,
        (Direction::Ingress, Other::Peer(..), Some(pod)) => Target::Pod(pod),
        _ => Target::Unseen,
    };
    at(rule, target)
}

fn at(rule: &[PortMatch], target: Target<'_>) -> Ports {
    if rule.is_empty() {
        return Ports::all();
    }
    let mut found = Ports::default();
    for port in rule {
        let numbers = match (&port.ports, port.protocol) {
            (PortsOf::All, Some(protocol)) => PortSet::range(protocol, 1, u16::MAX),
            (PortsOf::Range(first, last), Some(protocol)) => {
                PortSet::range(protocol, *first, *last)
            }
            (PortsOf::Named(name), of) => match target {
                Target::Pod(pod) => pod
                    .named(name)
                    .filter(|(protocol, _)| of.is_none_or(|of| of == *protocol))
                    .map(|(protocol, port)| PortSet::range(protocol, port, port))
                    .unwrap_or_default(),
                Target::Nameless => PortSet::none(),
                Target::Unseen => {
                    found.names.insert((of, name.clone()));
                    PortSet::none()
                }
            },
            // The API has no such ports.
            (PortsOf::All | PortsOf::Range(..), None) => PortSet::none(),
        };
        found.numbers = found.numbers.union(&numbers);
    }
    found
}

/// The ports of a rule at a pod.
pub(super) fn rule_ports(rule: &[PortMatch], pod: &Pod) -> Ports {
    at(rule, Target::Pod(pod))
}

/// Who resolves a rule's named ports.
#[derive(Clone, Copy)]
enum Target<'p> {
    Pod(&'p Pod),
    /// Nobody: addresses name no ports.
    Nameless,
    /// A pod that was not seen, so that the name stays.
    Unseen,
}

/// With the names that the pod resolves; a name keeps the protocol that the rule gave it.
fn resolved(ports: Ports, pod: &Pod) -> Ports {
    let mut found = Ports { numbers: ports.numbers, ..Ports::default() };
    for (of, name) in ports.names {
        match pod.named(&name) {
            Some((protocol, port)) => {
                let port = PortSet::range(of.unwrap_or(protocol), port, port);
                found.numbers = found.numbers.union(&port);
            }
            None => _ = found.names.insert((of, name)),
        }
    }
    found
}

fn of_policy<'c>(policy: &'c NetworkPolicy, d: Direction, peers: &[Peer]) -> Option<Part<'c>> {
    let namespace = policy.metadata.namespace.as_deref().unwrap_or_default();
    let rules = policy.rules(d).iter().map(|rule| Rule {
        action: Action::Accept,
        peers: all(peers, |peer| matching::rule(namespace, rule, peer)),
        ports: &rule.ports,
        is_cluster_wide: rule.peers.is_empty() || rule.peers.iter().any(matching::is_everybody),
    });
    policy.isolates(d).then(|| Part {
        subject: all(peers, |peer| matching::selects(policy, peer)),
        rules: rules.collect(),
    })
}

fn of_tiered<'c>(policy: &'c TieredPolicy, d: Direction, peers: &[Peer]) -> Option<Part<'c>> {
    let rules = policy.rules(d).iter().map(|rule| Rule {
        action: rule.action,
        peers: all(peers, |peer| rule.peers.iter().any(|of| matching::tier_peer(of, peer))),
        ports: &rule.ports,
        is_cluster_wide: rule.peers.iter().any(matching::is_every_pod),
    });
    let subject =
        |policy: &TieredPolicy| all(peers, |peer| matching::selection(&policy.subject, peer));
    (!policy.rules(d).is_empty()).then(|| Part { subject: subject(policy), rules: rules.collect() })
}

fn all(peers: &[Peer], is_meant: impl Fn(&Peer) -> bool) -> Bits {
    let mut bits = Bits::with_capacity(peers.len());
    peers.iter().enumerate().for_each(|(at, peer)| bits.set(at, is_meant(peer)));
    bits
}

/// Every NetworkPolicy, in the order of the files.
pub(super) fn network_policies(cluster: &Cluster) -> Vec<&NetworkPolicy> {
    let mut policies: Vec<&NetworkPolicy> = cluster.network_policies().collect();
    policies.sort_by_key(|policy| &policy.metadata.origin);
    policies
}

/// Every policy of a tier that np-guard sees, by priority.
pub(super) fn tiered(cluster: &Cluster) -> Vec<&TieredPolicy> {
    let seen = cluster.tiered_policies().filter(|of| of.kind != Kind::ClusterNetworkPolicy);
    let mut policies: Vec<&TieredPolicy> = seen.collect();
    policies.sort_by_key(|policy| (policy.tier, policy.priority, &policy.metadata.origin));
    policies
}

/// The pods that rules mean and `pods` do not hold.
pub(super) fn representatives(cluster: &Cluster, pods: &[Pod]) -> Vec<Representative> {
    let mut named: Vec<Representative> = Vec::new();
    for policy in network_policies(cluster) {
        for d in Direction::BOTH.into_iter().filter(|d| policy.isolates(*d)) {
            named.extend(policy.rules(d).iter().flat_map(|rule| matching::unseen(policy, rule)));
        }
    }
    for rule in tiered(cluster).into_iter().flat_map(|of| of.ingress.iter().chain(&of.egress)) {
        named.extend(rule.peers.iter().filter_map(|peer| match peer {
            TierPeer::Pods(PodSelection { namespaces, pods }) if !matching::is_every_pod(peer) => {
                Some(Representative::of(namespaces, pods.as_ref()))
            }
            _ => None,
        }));
    }
    let mut found: Vec<Representative> = Vec::new();
    for one in named {
        let is_seen = pods.iter().any(|pod| one.is_seen_in(pod));
        if !is_seen && !found.iter().any(|known| known.is_like(&one)) {
            found.push(one);
        }
    }
    found
}
