//! Policies, with their selectors looked up.

use std::sync::Arc;

use kuberlock_model::network::{
    Action, Direction, NetworkPolicy, PortMatch, Ports, Protocol, Tier, TieredPolicy,
};

use crate::cni::Cni;
use crate::endpoint::Endpoint;
use crate::facts::NamedPort;
use crate::matching::{self, Closed, Match};
use crate::ports::{PortId, PortSet, PortTable};
use crate::select::{Matched, Select};

/// Tells one looked-up policy from every other, and from itself after a change.
pub(crate) type Version = u32;

/// The ports of a rule: those told by number, and the names that each destination resolves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RulePorts {
    pub(crate) numbers: PortId,
    pub(crate) names: Box<[(Option<Protocol>, Box<str>)]>,
}

impl RulePorts {
    pub(crate) fn of(ports: &[PortMatch], table: &mut PortTable) -> Self {
        if ports.is_empty() {
            return Self { numbers: PortId::ALL, names: Box::default() };
        }
        let (names, numbers) = split(ports);
        Self { numbers: table.id(numbers), names }
    }

    /// The ports that it means at a destination with these named ports.
    pub(crate) fn at(&self, ports: &[NamedPort], table: &mut PortTable) -> PortId {
        if self.names.is_empty() {
            return self.numbers;
        }
        let named = table.id(resolve(&self.names, ports));
        table.union(self.numbers, named)
    }
}

type Names = Box<[(Option<Protocol>, Box<str>)]>;

fn split(ports: &[PortMatch]) -> (Names, PortSet) {
    let mut names = Vec::new();
    let mut numbers = PortSet::none();
    for port in ports {
        let protocol = port.protocol;
        match (&port.ports, protocol) {
            (Ports::Named(name), _) => names.push((protocol, name.clone())),
            (Ports::All, Some(protocol)) => {
                numbers = numbers.union(&PortSet::range(protocol, 1, u16::MAX));
            }
            (Ports::Range(first, last), Some(protocol)) => {
                numbers = numbers.union(&PortSet::range(protocol, *first, *last));
            }
            // The API has no such ports.
            (Ports::All | Ports::Range(..), None) => {}
        }
    }
    (names.into(), numbers)
}

/// The numbers that a destination gives to names.
fn resolve(names: &[(Option<Protocol>, Box<str>)], ports: &[NamedPort]) -> PortSet {
    let meant = |port: &NamedPort| {
        names.iter().any(|(protocol, name)| {
            *name == port.name && protocol.is_none_or(|protocol| protocol == port.protocol)
        })
    };
    ports.iter().filter(|port| meant(port)).fold(PortSet::none(), |set, port| {
        set.union(&PortSet::range(port.protocol, port.port, port.port))
    })
}

/// Whether a rule's ports hold `port` at a destination with these named ports.
pub(crate) fn ports_hold(
    rule: &[PortMatch],
    destination: &[NamedPort],
    protocol: Protocol,
    port: u16,
) -> bool {
    if rule.is_empty() {
        return true;
    }
    let (names, numbers) = split(rule);
    numbers.contains(protocol, port) || resolve(&names, destination).contains(protocol, port)
}

/// A rule of a NetworkPolicy.
#[derive(Clone, Debug)]
pub(crate) struct CompiledRule {
    /// `None` is everybody.
    pub(crate) peers: Option<Matched>,
    pub(crate) ports: RulePorts,
}

/// A NetworkPolicy.
#[derive(Clone, Debug)]
pub(crate) struct CompiledPolicy {
    pub(crate) version: Version,
    pub(crate) source: Arc<NetworkPolicy>,
    pub(crate) subject: Matched,
    ingress: Vec<CompiledRule>,
    egress: Vec<CompiledRule>,
}

impl CompiledPolicy {
    pub(crate) fn new(
        version: Version,
        source: &Arc<NetworkPolicy>,
        select: &mut Select<'_>,
        table: &mut PortTable,
    ) -> Self {
        let namespace = source.metadata.namespace.as_deref().unwrap_or_default();
        let mut rules = |direction: Direction| {
            // Inert sections cost nothing.
            let rules = if source.isolates(direction) { source.rules(direction) } else { &[] };
            let rules = rules.iter().map(|rule| CompiledRule {
                peers: select.peers(namespace, &rule.peers),
                ports: RulePorts::of(&rule.ports, table),
            });
            rules.collect()
        };
        let (ingress, egress) = (rules(Direction::Ingress), rules(Direction::Egress));
        let subject = select.subject(namespace, &source.pods);
        Self { version, source: Arc::clone(source), subject, ingress, egress }
    }

    pub(crate) fn rules(&self, direction: Direction) -> &[CompiledRule] {
        match direction {
            Direction::Ingress => &self.ingress,
            Direction::Egress => &self.egress,
        }
    }

    /// The policy without its `index`th rule of `direction`.
    pub(crate) fn without(&self, direction: Direction, index: usize) -> Self {
        let mut rest = self.clone();
        let rules = match direction {
            Direction::Ingress => &mut rest.ingress,
            Direction::Egress => &mut rest.egress,
        };
        if index < rules.len() {
            rules.remove(index);
        }
        rest
    }

    /// Asks again about one endpoint that changed or is new; `None` where the answers are those held.
    pub(crate) fn refreshed(
        self: &Arc<Self>,
        cni: Cni,
        at: usize,
        endpoint: &Endpoint,
    ) -> Option<Arc<Self>> {
        let namespace = self.source.metadata.namespace.as_deref().unwrap_or_default();
        let subject = matching::selects(cni, namespace, &self.source.pods, endpoint);
        let ask = |direction: Direction| {
            let rules = self.rules(direction).iter().zip(self.source.rules(direction));
            let asked = rules.filter(|(compiled, _)| compiled.peers.is_some()).map(|(_, rule)| {
                let peers = rule.peers.iter().map(|p| matching::peer(cni, namespace, p, endpoint));
                peers.max().unwrap_or(Match::No)
            });
            asked.collect::<Vec<Match>>()
        };
        let mut answers = vec![subject];
        answers.extend(Direction::BOTH.into_iter().flat_map(ask));
        renewed(self, at, &answers, Self::sets, Self::sets_mut)
    }

    fn sets(&self) -> Vec<&Matched> {
        let rules = self.ingress.iter().chain(&self.egress);
        std::iter::once(&self.subject).chain(rules.filter_map(|rule| rule.peers.as_ref())).collect()
    }

    fn sets_mut(&mut self) -> Vec<&mut Matched> {
        let rules = self.ingress.iter_mut().chain(&mut self.egress);
        let rules = rules.filter_map(|rule| rule.peers.as_mut());
        std::iter::once(&mut self.subject).chain(rules).collect()
    }
}

/// A copy of `policy` with new answers about the endpoint `at`, where they differ from those held: the
/// subject's first, then the rules'.
fn renewed<P: Clone>(
    policy: &Arc<P>,
    at: usize,
    answers: &[Match],
    sets: fn(&P) -> Vec<&Matched>,
    sets_mut: fn(&mut P) -> Vec<&mut Matched>,
) -> Option<Arc<P>> {
    let held = sets(policy);
    if held.iter().zip(answers).all(|(set, answer)| set.of(at) == *answer) {
        return None;
    }
    let mut renewed = P::clone(policy);
    for (set, answer) in sets_mut(&mut renewed).into_iter().zip(answers) {
        set.put(at, *answer);
    }
    Some(Arc::new(renewed))
}

/// A rule of a tiered policy.
#[derive(Clone, Debug)]
pub(crate) struct CompiledTierRule {
    pub(crate) action: Action,
    /// `None` is everybody, as in a rule that fails closed.
    pub(crate) peers: Option<Matched>,
    pub(crate) ports: RulePorts,
}

/// A policy of a tier.
#[derive(Clone, Debug)]
pub(crate) struct CompiledTiered {
    pub(crate) version: Version,
    pub(crate) source: Arc<TieredPolicy>,
    pub(crate) subject: Matched,
    ingress: Vec<CompiledTierRule>,
    egress: Vec<CompiledTierRule>,
}

impl CompiledTiered {
    pub(crate) fn new(
        version: Version,
        source: &Arc<TieredPolicy>,
        select: &mut Select<'_>,
        table: &mut PortTable,
    ) -> Self {
        let mut rules = |direction: Direction| {
            let rules = source.rules(direction).iter().filter_map(|rule| {
                let everything = RulePorts { numbers: PortId::ALL, names: Box::default() };
                match matching::fails_closed(rule) {
                    Closed::Nothing => None,
                    Closed::DenyAll => Some(CompiledTierRule {
                        action: Action::Deny,
                        peers: None,
                        ports: everything,
                    }),
                    Closed::Not => Some(CompiledTierRule {
                        action: rule.action,
                        peers: Some(select.tier_peers(&rule.peers)),
                        ports: RulePorts::of(&rule.ports, table),
                    }),
                }
            });
            rules.collect()
        };
        let (ingress, egress) = (rules(Direction::Ingress), rules(Direction::Egress));
        let subject = select.selection(&source.subject);
        let subject = Matched { certain: subject.clone(), possible: subject };
        Self { version, source: Arc::clone(source), subject, ingress, egress }
    }

    pub(crate) fn rules(&self, direction: Direction) -> &[CompiledTierRule] {
        match direction {
            Direction::Ingress => &self.ingress,
            Direction::Egress => &self.egress,
        }
    }

    /// As [`CompiledPolicy::refreshed`].
    pub(crate) fn refreshed(self: &Arc<Self>, at: usize, endpoint: &Endpoint) -> Option<Arc<Self>> {
        let ask = |direction: Direction| {
            let rules = self.source.rules(direction).iter();
            let rules = rules.filter(|rule| matching::fails_closed(rule) == Closed::Not);
            let asked = rules.map(|rule| {
                let peers = rule.peers.iter().map(|peer| matching::tier_peer(peer, endpoint));
                peers.max().unwrap_or(Match::No)
            });
            asked.collect::<Vec<Match>>()
        };
        let mut answers = vec![Match::of(matching::selection(&self.source.subject, endpoint))];
        answers.extend(Direction::BOTH.into_iter().flat_map(ask));
        renewed(self, at, &answers, Self::sets, Self::sets_mut)
    }

    fn sets(&self) -> Vec<&Matched> {
        let rules = self.ingress.iter().chain(&self.egress);
        std::iter::once(&self.subject).chain(rules.filter_map(|rule| rule.peers.as_ref())).collect()
    }

    fn sets_mut(&mut self) -> Vec<&mut Matched> {
        let rules = self.ingress.iter_mut().chain(&mut self.egress);
        let rules = rules.filter_map(|rule| rule.peers.as_mut());
        std::iter::once(&mut self.subject).chain(rules).collect()
    }

    pub(crate) fn order(&self) -> (Tier, u16, &str) {
        (self.source.tier, self.source.priority, &self.source.metadata.name)
    }
}
