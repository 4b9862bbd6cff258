//! All that one endpoint reaches, and which endpoints nothing tells apart.

use std::collections::HashMap;
use std::sync::Arc;

use fixedbitset::FixedBitSet as Bits;

use crate::near::Near;
use crate::ports::{PortSet, PortTable};
use crate::profile::{Profile, Through};
use crate::reachability::{Reach, Reachability};

/// Gives row by row what each endpoint reaches. It keeps what rows have in common, so that one of
/// these should give them all.
#[derive(Debug)]
pub struct Rows<'r> {
    reachability: &'r Reachability,
    table: PortTable,
    /// Endpoints with the same profile of ingress, where it lets many in.
    groups: Vec<(&'r Profile, Members)>,
    /// The others, by whom they let in: what each endpoint gets, and from which of `selective`.
    let_in: Vec<Vec<(Through, u32)>>,
    selective: Vec<Members>,
    /// Endpoints whose traffic is a node's.
    of_nodes: Bits,
    /// Those whom rows are about.
    targets: Bits,
}

/// How many endpoints are put into a set one by one: more are put in word by word.
const FEW: usize = 32;

/// A profile is selective that lets in less than one endpoint of so many.
const SELECTIVE: usize = 4;

/// Some endpoints.
#[derive(Debug)]
enum Members {
    Few(Vec<usize>),
    Many(Bits),
}

impl Members {
    fn of(bits: Bits) -> Self {
        match bits.count_ones(..) {
            ..=FEW => Self::Few(bits.ones().collect()),
            _ => Self::Many(bits),
        }
    }

    fn put_into(&self, all: &mut Bits) {
        match self {
            Self::Few(members) => members.iter().for_each(|at| all.insert(*at)),
            Self::Many(members) => all.union_with(members),
        }
    }
}

/// What one endpoint reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Sets of ports, with the endpoints that are reached on them; apart from one another. Nothing
    /// gets through to any other endpoint.
    pub parts: Vec<(RowReach, Bits)>,
}

/// The ports of a part of a row: a key to [`Rows::reach`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowReach(Through);

impl<'r> Rows<'r> {
    pub(crate) fn new(reachability: &'r Reachability) -> Self {
        Self::towards(reachability, reachability.alive.clone())
    }

    /// Rows that tell of `targets` alone.
    pub(crate) fn towards(reachability: &'r Reachability, targets: Bits) -> Self {
        let size = reachability.endpoints.len();
        let mut groups: HashMap<*const Profile, (&'r Profile, Bits)> = HashMap::new();
        let mut of_nodes = Bits::with_capacity(size);
        for (at, endpoint) in reachability.endpoints() {
            if let Some(profile) = reachability.ingress.get(at).filter(|_| targets.contains(at)) {
                let group = groups.entry(Arc::as_ptr(profile));
                group.or_insert_with(|| (profile, Bits::with_capacity(size))).1.insert(at);
            }
            let is_node = !endpoint.is_pods() && endpoint.node.is_some();
            of_nodes.set(at, endpoint.host_network || is_node);
        }
        let mut groups: Vec<_> = groups.into_values().collect();
        groups.sort_by_key(|(_, members)| members.minimum());
        let mut rows = Self {
            reachability,
            table: reachability.table.clone(),
            groups: Vec::new(),
            let_in: vec![Vec::new(); size],
            selective: Vec::new(),
            of_nodes,
            targets,
        };
        groups.into_iter().for_each(|(profile, members)| rows.take_in(profile, members));
        rows
    }

    /// A profile that lets few in is written down with each of them: to ask thousands of profiles
    /// about every endpoint costs more than to tell each endpoint once.
    fn take_in(&mut self, profile: &'r Profile, members: Bits) {
        let members = Members::of(members);
        let count: usize = profile.parts.iter().map(|(_, peers)| peers.count_ones(..)).sum();
        let number = u32::try_from(self.selective.len());
        let (true, Ok(number)) = (count < self.let_in.len() / SELECTIVE, number) else {
            self.groups.push((profile, members));
            return;
        };
        for (through, peers) in &profile.parts {
            for peer in peers.ones() {
                if let Some(let_in) = self.let_in.get_mut(peer) {
                    let_in.push((*through, number));
                }
            }
        }
        self.selective.push(members);
    }

    /// What `from` reaches.
    pub fn row(&mut self, from: usize) -> Row {
        let Some(egress) = self.reachability.egress.get(from) else {
            return Row { parts: Vec::new() };
        };
        let mut ingress: Vec<(Through, Bits)> = Vec::new();
        let mut known: HashMap<Through, usize> = HashMap::new();
        // Neighbours mostly get the same: what was last found is looked at first.
        let mut last = usize::MAX;
        let size = self.reachability.endpoints.len();
        let few = self.let_in.get(from).into_iter().flatten();
        let few =
            few.filter_map(|(through, of)| Some((*through, self.selective.get(*of as usize)?)));
        let many = self.groups.iter().map(|(profile, members)| (profile.with(from), members));
        for (through, members) in few.chain(many) {
            if through == Through::NOTHING {
                continue;
            }
            if ingress.get(last).is_none_or(|(held, _)| *held != through) {
                last = *known.entry(through).or_insert(ingress.len());
                if last == ingress.len() {
                    ingress.push((through, Bits::with_capacity(size)));
                }
            }
            if let Some((_, all)) = ingress.get_mut(last) {
                members.put_into(all);
            }
        }
        let mut parts: HashMap<Through, Bits> = HashMap::new();
        for (comes_in, to) in &ingress {
            for (goes_out, peers) in &egress.parts {
                if to.is_disjoint(peers) {
                    continue;
                }
                let through = Through {
                    certain: self.table.intersection(comes_in.certain, goes_out.certain),
                    possible: self.table.intersection(comes_in.possible, goes_out.possible),
                };
                if through != Through::NOTHING {
                    let mut both = to.clone();
                    both.intersect_with(peers);
                    unite(&mut parts, through, &both);
                }
            }
        }
        self.separate(from, &mut parts);
        self.exempt(from, &mut parts);
        let mut parts: Vec<_> = parts
            .into_iter()
            .filter(|(_, to)| !to.is_clear())
            .map(|(through, to)| (RowReach(through), to))
            .collect();
        parts.sort_unstable_by_key(|(through, _)| *through);
        Row { parts }
    }

    /// Takes out what is on other networks.
    fn separate(&self, from: usize, parts: &mut HashMap<Through, Bits>) {
        let networks = &self.reachability.networks;
        if networks.len() < 2 {
            return;
        }
        let size = self.reachability.endpoints.len();
        let shared: Bits =
            (0..size).filter(|to| self.reachability.share_a_network(from, *to)).collect();
        parts.values_mut().for_each(|to| to.intersect_with(&shared));
    }

    /// Puts in what gets through because both ends are on one node.
    fn exempt(&mut self, from: usize, parts: &mut HashMap<Through, Bits>) {
        let reachability = self.reachability;
        let candidates: Vec<usize> = match self.of_nodes.contains(from) {
            true => self.targets.ones().collect(),
            false => self.of_nodes.intersection(&self.targets).collect(),
        };
        for to in candidates {
            let near = reachability.near(from, to);
            if near == Near::FAR || !reachability.alive.contains(to) {
                continue;
            }
            let (egress, ingress) = reachability.sides(from, to, near);
            let through = Through {
                certain: self.table.intersection(egress.certain, ingress.certain),
                possible: self.table.intersection(egress.possible, ingress.possible),
            };
            parts.values_mut().for_each(|held| held.set(to, false));
            if through != Through::NOTHING {
                let mut one = Bits::with_capacity(reachability.endpoints.len());
                one.insert(to);
                unite(parts, through, &one);
            }
        }
    }

    /// The ports of a part.
    pub fn reach(&self, of: RowReach) -> Reach {
        Reach { certain: self.certain(of).clone(), possible: self.possible(of).clone() }
    }

    /// The ports of a part on which connections certainly get through.
    pub fn certain(&self, of: RowReach) -> &PortSet {
        self.table.set(of.0.certain)
    }

    /// The ports of a part on which connections possibly get through.
    pub fn possible(&self, of: RowReach) -> &PortSet {
        self.table.set(of.0.possible)
    }
}

fn unite(parts: &mut HashMap<Through, Bits>, through: Through, bits: &Bits) {
    match parts.entry(through) {
        std::collections::hash_map::Entry::Occupied(mut held) => held.get_mut().union_with(bits),
        std::collections::hash_map::Entry::Vacant(empty) => _ = empty.insert(bits.clone()),
    }
}

/// Endpoints that nothing tells apart: same kind and namespace, same policies on both sides, meant by
/// the same rules of everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classes {
    /// The class of each endpoint, by its number; one that is gone has none that counts.
    pub of: Vec<usize>,
    /// The endpoints of each class, in order; classes are in the order of their first.
    pub members: Vec<Vec<usize>>,
}

impl Reachability {
    /// Row by row what each endpoint reaches.
    pub fn rows(&self) -> Rows<'_> {
        Rows::new(self)
    }

    /// Which endpoints nothing tells apart.
    pub fn classes(&self) -> Classes {
        let mut of: Vec<usize> = vec![0; self.endpoints.len()];
        let mut known: HashMap<Kin<'_>, usize> = HashMap::new();
        for (at, endpoint) in self.endpoints() {
            let of_node = (endpoint.host_network || endpoint.node.is_some()).then_some(at);
            let kin = Kin {
                is_pods: endpoint.is_pods(),
                namespace: endpoint.namespace(),
                network: endpoint.network(),
                of_node,
                egress: self.egress.get(at).map(Arc::as_ptr),
                ingress: self.ingress.get(at).map(Arc::as_ptr),
            };
            let next = known.len();
            let class = *known.entry(kin).or_insert(next);
            if let Some(of) = of.get_mut(at) {
                *of = class;
            }
        }
        let mut count = known.len();
        for peers in self.peer_sets() {
            count = split(&mut of, peers, count);
        }
        self.in_order(&of)
    }

    /// Every set of peers that a profile tells apart, each once.
    fn peer_sets(&self) -> impl Iterator<Item = &Bits> {
        let mut seen = std::collections::HashSet::new();
        let profiles = self.ingress.iter().chain(&self.egress);
        let profiles = profiles.filter(move |profile| seen.insert(Arc::as_ptr(profile)));
        let told = profiles.filter(|profile| !profile.is_default);
        told.flat_map(|profile| profile.parts.iter().map(|(_, peers)| peers))
    }

    fn in_order(&self, of: &[usize]) -> Classes {
        let mut rank: HashMap<usize, usize> = HashMap::new();
        let mut classes = Classes { of: vec![0; of.len()], members: Vec::new() };
        for (at, _) in self.endpoints() {
            let Some(class) = of.get(at) else { continue };
            let next = rank.len();
            let class = *rank.entry(*class).or_insert(next);
            if let Some(of) = classes.of.get_mut(at) {
                *of = class;
            }
            match classes.members.get_mut(class) {
                Some(members) => members.push(at),
                None => classes.members.push(vec![at]),
            }
        }
        classes
    }
}

/// What endpoints of one class have in common before peers tell them apart.
#[derive(PartialEq, Eq, Hash)]
struct Kin<'e> {
    is_pods: bool,
    namespace: Option<&'e str>,
    network: Option<&'e str>,
    /// What is of a node is a class of its own: its node's pods are near to it.
    of_node: Option<usize>,
    egress: Option<*const Profile>,
    ingress: Option<*const Profile>,
}

/// Gives those of each class that are among `peers` a class of their own; tells how many there are
/// then.
fn split(of: &mut [usize], peers: &Bits, mut count: usize) -> usize {
    let mut apart: HashMap<usize, usize> = HashMap::new();
    for at in peers.ones() {
        if let Some(class) = of.get_mut(at) {
            *class = *apart.entry(*class).or_insert_with(|| {
                count += 1;
                count - 1
            });
        }
    }
    count
}
