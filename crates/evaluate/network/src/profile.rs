//! What policies let an endpoint do in one direction, with everybody at once.
//!
//! Enters: the policies that select an endpoint. Leaves: its [`Profile`]: for each peer, the ports on
//! which a connection certainly gets through, and those on which it may. Endpoints that the same
//! policies select share one. Always holds: a set of ports is decided once every rule that could
//! decide it was asked, in the order of the API: Admin tier, NetworkPolicies, Baseline tier.

use std::collections::HashMap;

use fixedbitset::FixedBitSet as Bits;
use kuberlock_model::network::{Action, Direction, Protocol};

use crate::facts::NamedPort;
use crate::policy::{CompiledPolicy, CompiledTiered, RulePorts};
use crate::ports::{PortId, PortTable};

/// Ports on which a connection gets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Through {
    /// Certainly.
    pub(crate) certain: PortId,
    /// Possibly; holds all of `certain`.
    pub(crate) possible: PortId,
}

impl Through {
    pub(crate) const NOTHING: Self = Self { certain: PortId::NONE, possible: PortId::NONE };
    pub(crate) const EVERYTHING: Self = Self { certain: PortId::ALL, possible: PortId::ALL };
}

/// What policies let an endpoint do in one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Profile {
    /// Peers with what gets through from or to them; apart from one another. With everybody else
    /// nothing does.
    pub(crate) parts: Vec<(Through, Bits)>,
    /// Whether any policy is about it.
    pub(crate) is_default: bool,
}

impl Profile {
    /// What gets through from or to `peer`.
    pub(crate) fn with(&self, peer: usize) -> Through {
        let part = self.parts.iter().find(|(_, peers)| peers.contains(peer));
        part.map_or(Through::NOTHING, |(through, _)| *through)
    }
}

/// Whether NetworkPolicies isolate an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Isolated {
    No,
    /// It is on its node's network, and the plugin is not known.
    Maybe,
    Yes,
}

/// The policies that select an endpoint in one direction.
pub(crate) struct Selected<'p> {
    pub(crate) direction: Direction,
    /// Of both tiers, in the order of tier and priority.
    pub(crate) tiered: Vec<&'p CompiledTiered>,
    pub(crate) policies: Vec<&'p CompiledPolicy>,
    pub(crate) isolated: Isolated,
    /// The endpoint's own named ports: rules of ingress resolve names there.
    pub(crate) ports: &'p [NamedPort],
}

/// Named ports of all endpoints, by protocol and name: who has which.
pub(crate) type NamedPorts = HashMap<Box<str>, Vec<(Protocol, u16, Bits)>>;

/// What a set of ports has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    /// May still be undecided.
    pub(crate) open: PortId,
    pub(crate) accepted: PortId,
    pub(crate) denied: PortId,
    /// May have been left to the next tier.
    pub(crate) passed: PortId,
}

impl State {
    /// Before any rule was asked.
    pub(crate) const UNDECIDED: Self = Self {
        open: PortId::ALL,
        accepted: PortId::NONE,
        denied: PortId::NONE,
        passed: PortId::NONE,
    };
}

/// Evaluates profiles over one set of endpoints.
pub(crate) struct Evaluation<'e> {
    pub(crate) everybody: &'e Bits,
    pub(crate) named: &'e NamedPorts,
    pub(crate) table: &'e mut PortTable,
}

/// Sets of endpoints apart from one another, each with what is known of it.
pub(crate) type Partition<S> = Vec<(S, Bits)>;

impl Evaluation<'_> {
    pub(crate) fn profile(&mut self, selected: &Selected<'_>) -> Profile {
        let is_default = selected.tiered.is_empty() && selected.isolated == Isolated::No;
        if is_default {
            let parts = vec![(Through::EVERYTHING, self.everybody.clone())];
            return Profile { parts, is_default };
        }
        let mut states = vec![(State::UNDECIDED, self.everybody.clone())];
        states = self.tier(states, selected, kuberlock_model::network::Tier::Admin);
        states = match selected.isolated {
            Isolated::No => self.tier(states, selected, kuberlock_model::network::Tier::Baseline),
            isolated => self.policies(&states, selected, isolated),
        };
        let mut parts: HashMap<Through, Bits> = HashMap::new();
        for (state, peers) in states {
            // What nobody decided is allowed.
            let possible = self.table.union(state.accepted, state.open);
            let certain = self.table.difference(PortId::ALL, state.denied);
            let through = Through { certain, possible };
            if through != Through::NOTHING {
                unite(&mut parts, through, peers);
            }
        }
        let mut parts: Vec<_> = parts.into_iter().collect();
        parts.sort_unstable_by_key(|(through, _)| *through);
        Profile { parts, is_default }
    }

    /// One tier: policies by rising priority; those of one priority may be asked in any order.
    pub(crate) fn tier(
        &mut self,
        mut states: Partition<State>,
        selected: &Selected<'_>,
        tier: kuberlock_model::network::Tier,
    ) -> Partition<State> {
        let of_tier: Vec<&CompiledTiered> =
            selected.tiered.iter().filter(|policy| policy.source.tier == tier).copied().collect();
        for equal in of_tier.chunk_by(|a, b| a.source.priority == b.source.priority) {
            states = match equal {
                [one] => self.tiered(states, one, selected),
                several => self.in_any_order(&states, several, selected),
            };
        }
        // What was passed is open again for what comes next.
        let next = states.into_iter().map(|(state, peers)| {
            let open = self.table.union(state.open, state.passed);
            (State { open, passed: PortId::NONE, ..state }, peers)
        });
        merged(next)
    }

    /// Each policy as if it came first; what none of them decides goes on.
    pub(crate) fn in_any_order(
        &mut self,
        states: &Partition<State>,
        policies: &[&CompiledTiered],
        selected: &Selected<'_>,
    ) -> Partition<State> {
        let mut all: Option<Partition<State>> = None;
        for policy in policies {
            let own = self.tiered(states.clone(), policy, selected);
            all = Some(match all {
                None => own,
                Some(all) => product(&all, &own, |a, b| State {
                    open: self.table.intersection(a.open, b.open),
                    accepted: self.table.union(a.accepted, b.accepted),
                    denied: self.table.union(a.denied, b.denied),
                    passed: self.table.union(a.passed, b.passed),
                }),
            });
        }
        all.unwrap_or_else(|| states.clone())
    }

    pub(crate) fn tiered(
        &mut self,
        mut states: Partition<State>,
        policy: &CompiledTiered,
        selected: &Selected<'_>,
    ) -> Partition<State> {
        for rule in policy.rules(selected.direction) {
            for (ports, destinations) in self.ports(&rule.ports, selected) {
                states = self.applied(
                    states,
                    rule.action,
                    ports,
                    &[
                        rule.peers.as_ref().map(|peers| (&peers.certain, &peers.possible)),
                        destinations.as_ref().map(|bits| (bits, bits)),
                    ],
                );
            }
        }
        states
    }

    /// One rule, to those that every filter lets through; `None` lets everybody.
    pub(crate) fn applied(
        &mut self,
        states: Partition<State>,
        action: Action,
        ports: PortId,
        filters: &[Option<(&Bits, &Bits)>],
    ) -> Partition<State> {
        let mut certain = self.everybody.clone();
        let mut possible = self.everybody.clone();
        for (must, may) in filters.iter().flatten() {
            certain.intersect_with(must);
            possible.intersect_with(may);
        }
        possible.difference_with(&certain);
        let mut next: HashMap<State, Bits> = HashMap::new();
        for (state, peers) in states {
            let matched = self.table.intersection(state.open, ports);
            if matched == PortId::NONE {
                unite(&mut next, state, peers);
                continue;
            }
            let mut decided = match action {
                Action::Accept => {
                    State { accepted: self.table.union(state.accepted, matched), ..state }
                }
                Action::Deny => State { denied: self.table.union(state.denied, matched), ..state },
                Action::Pass => State { passed: self.table.union(state.passed, matched), ..state },
            };
            let [yes, maybe, no] = three(peers, &certain, &possible);
            unite(&mut next, decided, maybe);
            decided.open = self.table.difference(state.open, matched);
            unite(&mut next, decided, yes);
            unite(&mut next, state, no);
        }
        next.into_iter().collect()
    }

    /// The NetworkPolicies: what any of them allows gets through, all else that reached them does not.
    fn policies(
        &mut self,
        states: &Partition<State>,
        selected: &Selected<'_>,
        isolated: Isolated,
    ) -> Partition<State> {
        let allowed = self.allowed(selected);
        let table = &mut *self.table;
        product(states, &allowed, |state, through| {
            let let_in = table.intersection(state.open, through.possible);
            let mut accepted = table.union(state.accepted, let_in);
            if isolated == Isolated::Maybe {
                accepted = table.union(accepted, state.open);
            }
            let kept_out = table.difference(state.open, through.certain);
            let denied = table.union(state.denied, kept_out);
            State { open: PortId::NONE, passed: PortId::NONE, accepted, denied }
        })
    }

    /// What the rules of all policies allow together.
    fn allowed(&mut self, selected: &Selected<'_>) -> Partition<Through> {
        let everybody = self.everybody;
        // Rules of equal ports are one rule.
        let mut by_ports: Vec<(PortId, Bits, Bits)> = Vec::new();
        for policy in &selected.policies {
            for rule in policy.rules(selected.direction) {
                for (ports, destinations) in self.ports(&rule.ports, selected) {
                    let peers = rule.peers.as_ref();
                    let of = |peers: Option<&Bits>| {
                        let mut set = peers.unwrap_or(everybody).clone();
                        if let Some(destinations) = &destinations {
                            set.intersect_with(destinations);
                        }
                        set
                    };
                    let certain = of(peers.map(|peers| &peers.certain));
                    let possible = of(peers.map(|peers| &peers.possible));
                    match by_ports.iter_mut().find(|(held, ..)| *held == ports) {
                        Some((_, must, may)) => {
                            must.union_with(&certain);
                            may.union_with(&possible);
                        }
                        None => by_ports.push((ports, certain, possible)),
                    }
                }
            }
        }
        let mut parts = vec![(Through::NOTHING, everybody.clone())];
        for (ports, certain, mut possible) in by_ports {
            possible.difference_with(&certain);
            let mut next: HashMap<Through, Bits> = HashMap::new();
            for (through, peers) in parts {
                let [yes, maybe, no] = three(peers, &certain, &possible);
                let may = self.table.union(through.possible, ports);
                let must = self.table.union(through.certain, ports);
                unite(&mut next, Through { certain: must, possible: may }, yes);
                unite(&mut next, Through { possible: may, ..through }, maybe);
                unite(&mut next, through, no);
            }
            parts = next.into_iter().collect();
        }
        parts
    }

    /// The ports of a rule, apart by destination where they have names: `None` is every destination.
    pub(crate) fn ports(
        &mut self,
        rule: &RulePorts,
        selected: &Selected<'_>,
    ) -> Vec<(PortId, Option<Bits>)> {
        if rule.names.is_empty() {
            return vec![(rule.numbers, None)];
        }
        if selected.direction == Direction::Ingress {
            return vec![(rule.at(selected.ports, self.table), None)];
        }
        let mut parts = vec![(rule.numbers, self.everybody.clone())];
        for (protocol, name) in &rule.names {
            for (of, port, who) in self.named.get(name).into_iter().flatten() {
                if protocol.is_some_and(|protocol| protocol != *of) {
                    continue;
                }
                let port = self.table.id(crate::ports::PortSet::range(*of, *port, *port));
                let mut next: HashMap<PortId, Bits> = HashMap::new();
                for (ports, mut without) in parts {
                    let mut with = without.clone();
                    with.intersect_with(who);
                    without.difference_with(who);
                    unite(&mut next, self.table.union(ports, port), with);
                    unite(&mut next, ports, without);
                }
                parts = next.into_iter().collect();
            }
        }
        parts.into_iter().map(|(ports, who)| (ports, Some(who))).collect()
    }
}

/// Adds `bits` to those of `key`; no bits add nothing.
fn unite<K: std::hash::Hash + Eq>(map: &mut HashMap<K, Bits>, key: K, bits: Bits) {
    if bits.is_clear() {
        return;
    }
    match map.entry(key) {
        std::collections::hash_map::Entry::Occupied(mut held) => held.get_mut().union_with(&bits),
        std::collections::hash_map::Entry::Vacant(empty) => _ = empty.insert(bits),
    }
}

fn merged<K: std::hash::Hash + Eq>(parts: impl Iterator<Item = (K, Bits)>) -> Partition<K> {
    let mut map = HashMap::new();
    parts.for_each(|(key, bits)| unite(&mut map, key, bits));
    map.into_iter().collect()
}

/// `peers` in `certain`, in `possible`, and in neither; those two are apart.
fn three(peers: Bits, certain: &Bits, possible: &Bits) -> [Bits; 3] {
    let mut yes = peers.clone();
    yes.intersect_with(certain);
    let mut maybe = peers.clone();
    maybe.intersect_with(possible);
    let mut no = peers;
    no.difference_with(certain);
    no.difference_with(possible);
    [yes, maybe, no]
}

/// The parts of two partitions where they meet.
fn product<A: Copy, B: Copy, K: std::hash::Hash + Eq>(
    a: &Partition<A>,
    b: &Partition<B>,
    mut joined: impl FnMut(A, B) -> K,
) -> Partition<K> {
    let mut parts = HashMap::new();
    for (of_a, bits_a) in a {
        for (of_b, bits_b) in b {
            if !bits_a.is_disjoint(bits_b) {
                let mut both = bits_a.clone();
                both.intersect_with(bits_b);
                unite(&mut parts, joined(*of_a, *of_b), both);
            }
        }
    }
    parts.into_iter().collect()
}
