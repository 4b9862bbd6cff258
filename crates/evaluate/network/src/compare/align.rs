//! The ends that two networks have in common, and those of one alone.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use kuberlock_model::ObjectKey;

use crate::address::AddressRange;
use crate::endpoint::{Endpoint, EndpointKind};
use crate::near::is_of_node;
use crate::ports::PortSet;
use crate::reachability::{Reachability, nets};
use crate::rows::{Classes, RowReach, Rows};

/// One end, in one network or both. What a network cuts finer than the other is several of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Its number in the first network; none where that does not have it.
    pub first: Option<usize>,
    /// Its number in the second network.
    pub second: Option<usize>,
    /// `namespace/name[Kind]`, `node/name`, or a range of addresses.
    pub name: String,
    /// Addresses outside: those that are one range in both networks.
    pub range: Option<AddressRange>,
}

/// Ends, and which of them both networks treat alike.
#[derive(Clone, Debug)]
pub struct Aligned {
    /// Every end: pods, nodes, addresses outside.
    pub ends: Vec<End>,
    /// Ends that nothing tells apart in either network, by their numbers here.
    pub classes: Vec<Vec<usize>>,
}

impl Aligned {
    /// The ends of two networks.
    pub fn new(first: &Reachability, second: &Reachability) -> Self {
        let mut ends = of_pods(first, second);
        ends.extend(of_nodes(first, second));
        ends.extend(outside(first, second));
        let classes = classes(&ends, first, second);
        Self { ends, classes }
    }

    /// The ends of a class.
    pub fn members(&self, class: usize) -> impl Iterator<Item = (usize, &End)> {
        let numbers = self.classes.get(class).map_or(&[][..], Vec::as_slice);
        numbers.iter().filter_map(|at| Some((*at, self.ends.get(*at)?)))
    }

    /// The first end of each class: what is so of it is so of all.
    pub(super) fn representatives(&self) -> Vec<&End> {
        self.classes.iter().filter_map(|class| self.ends.get(*class.first()?)).collect()
    }
}

fn pods(reach: &Reachability) -> impl Iterator<Item = (usize, &Endpoint)> {
    reach.endpoints().filter(|(_, endpoint)| endpoint.is_pods())
}

fn end(name: &Endpoint, first: Option<usize>, second: Option<usize>) -> End {
    End { first, second, name: name.to_string(), range: None }
}

/// By the pods' own names; where these changed, by owner and labels; then by owner alone.
fn of_pods(first: &Reachability, second: &Reachability) -> Vec<End> {
    let mut pairs: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut by_pod: HashMap<(&ObjectKey, &ObjectKey), usize> = HashMap::new();
    for (at, endpoint) in pods(second) {
        let EndpointKind::Pods { head, .. } = &endpoint.kind else { continue };
        by_pod.extend(endpoint.members.iter().map(|pod| ((head, &pod.key), at)));
    }
    for (at, endpoint) in pods(first) {
        let EndpointKind::Pods { head, .. } = &endpoint.kind else { continue };
        let found = endpoint.members.iter().filter_map(|pod| by_pod.get(&(head, &pod.key)));
        pairs.extend(found.map(|other| (at, *other)));
    }
    let by_labels = |endpoint: &Endpoint| {
        let labels = Arc::clone(&endpoint.labels);
        (endpoint.kind.clone(), endpoint.host_network, labels)
    };
    let by_owner = |endpoint: &Endpoint| (endpoint.kind.clone(), endpoint.host_network);
    pair_up(first, second, &mut pairs, &by_labels);
    pair_up(first, second, &mut pairs, &by_owner);
    let (of_first, of_second) = paired(&pairs);
    let mut ends: Vec<End> = pairs
        .iter()
        .filter_map(|(a, b)| Some(end(first.endpoint(*a)?, Some(*a), Some(*b))))
        .collect();
    let alone = pods(first).filter(|(at, _)| !of_first.contains(at));
    ends.extend(alone.map(|(at, endpoint)| end(endpoint, Some(at), None)));
    let alone = pods(second).filter(|(at, _)| !of_second.contains(at));
    ends.extend(alone.map(|(at, endpoint)| end(endpoint, None, Some(at))));
    ends
}

fn paired(pairs: &BTreeSet<(usize, usize)>) -> (BTreeSet<usize>, BTreeSet<usize>) {
    (pairs.iter().map(|(a, _)| *a).collect(), pairs.iter().map(|(_, b)| *b).collect())
}

/// Pairs the endpoints that are alone so far and have the same key, each with each.
fn pair_up<K: Ord>(
    first: &Reachability,
    second: &Reachability,
    pairs: &mut BTreeSet<(usize, usize)>,
    key: &dyn Fn(&Endpoint) -> K,
) {
    let (of_first, of_second) = paired(pairs);
    let mut alone: BTreeMap<K, Vec<usize>> = BTreeMap::new();
    for (at, endpoint) in pods(second).filter(|(at, _)| !of_second.contains(at)) {
        alone.entry(key(endpoint)).or_default().push(at);
    }
    for (at, endpoint) in pods(first).filter(|(at, _)| !of_first.contains(at)) {
        let others = alone.get(&key(endpoint)).into_iter().flatten();
        pairs.extend(others.map(|other| (at, *other)));
    }
}

fn of_nodes(first: &Reachability, second: &Reachability) -> Vec<End> {
    let nodes = |reach: &Reachability| -> BTreeMap<Arc<str>, usize> {
        let nodes = reach.endpoints().filter_map(|(at, endpoint)| match &endpoint.kind {
            EndpointKind::Node(name) => Some((Arc::clone(name), at)),
            _ => None,
        });
        nodes.collect()
    };
    let (of_first, of_second) = (nodes(first), nodes(second));
    let names: BTreeSet<&Arc<str>> = of_first.keys().chain(of_second.keys()).collect();
    let end = |name: &Arc<str>| End {
        first: of_first.get(name).copied(),
        second: of_second.get(name).copied(),
        name: format!("node/{name}"),
        range: None,
    };
    names.into_iter().map(end).collect()
}

/// Addresses outside, cut where either network cuts them.
fn outside(first: &Reachability, second: &Reachability) -> Vec<End> {
    let place = |reach: &Reachability, range: &AddressRange| {
        reach.places.outside.get(reach.cuts.index(range.first)).copied()
    };
    let end = |range: AddressRange| End {
        first: place(first, &range),
        second: place(second, &range),
        name: range.to_string(),
        range: Some(range),
    };
    first.cuts.and(nets(&second.facts)).ranges().into_iter().map(end).collect()
}

/// What ends have in common that both networks treat alike.
#[derive(PartialEq, Eq, Hash)]
struct Kin<'e> {
    first: Option<usize>,
    second: Option<usize>,
    /// Nodes of the pods, where traffic of nodes is judged by them.
    nodes: Vec<Option<&'e str>>,
}

fn classes(ends: &[End], first: &Reachability, second: &Reachability) -> Vec<Vec<usize>> {
    let (of_first, of_second) = (first.classes(), second.classes());
    let near = [first, second].iter().any(|reach| reach.endpoints().any(|(_, e)| is_of_node(e)));
    let mut known: HashMap<Kin<'_>, usize> = HashMap::new();
    let mut classes: Vec<Vec<usize>> = Vec::new();
    for (at, end) in ends.iter().enumerate() {
        let class = |of: &Classes, at: Option<usize>| of.of.get(at?).copied();
        let mut nodes = Vec::new();
        if near {
            nodes
                .extend(end.first.and_then(|at| first.endpoint(at)).into_iter().flat_map(nodes_of));
            nodes.extend(
                end.second.and_then(|at| second.endpoint(at)).into_iter().flat_map(nodes_of),
            );
            nodes.sort_unstable();
            nodes.dedup();
        }
        let kin = Kin {
            first: class(&of_first, end.first),
            second: class(&of_second, end.second),
            nodes,
        };
        let next = classes.len();
        let class = *known.entry(kin).or_insert(next);
        match classes.get_mut(class) {
            Some(members) => members.push(at),
            None => classes.push(vec![at]),
        }
    }
    classes
}

fn nodes_of(endpoint: &Endpoint) -> impl Iterator<Item = Option<&str>> {
    endpoint.members.iter().map(|pod| pod.node())
}

/// What one network lets from one end to every class, with numbers in place of sets of ports.
pub(super) struct Reached<'r> {
    rows: Rows<'r>,
    known: HashMap<RowReach, (u32, u32)>,
    size: usize,
}

/// Sets of ports by number, the same in both networks.
#[derive(Default)]
pub(super) struct Sets {
    sets: Vec<PortSet>,
    numbers: HashMap<PortSet, u32>,
}

impl Sets {
    pub(super) fn new() -> Self {
        let mut sets = Self::default();
        sets.number(&PortSet::none());
        sets
    }

    fn number(&mut self, set: &PortSet) -> u32 {
        if let Some(number) = self.numbers.get(set) {
            return *number;
        }
        let number = u32::try_from(self.sets.len()).unwrap_or(u32::MAX);
        self.sets.push(set.clone());
        self.numbers.insert(set.clone(), number);
        number
    }

    pub(super) fn set(&self, number: u32) -> PortSet {
        self.sets.get(number as usize).cloned().unwrap_or_default()
    }
}

impl<'r> Reached<'r> {
    pub(super) fn new(reach: &'r Reachability) -> Self {
        Self { rows: reach.rows(), known: HashMap::new(), size: reach.endpoints.len() }
    }

    /// The numbers of the certain and the possible ports from `from` to each of `to`.
    pub(super) fn row(
        &mut self,
        from: usize,
        to: impl Iterator<Item = Option<usize>>,
        sets: &mut Sets,
    ) -> Vec<Option<(u32, u32)>> {
        let mut all = vec![(0, 0); self.size];
        for (reach, peers) in self.rows.row(from).parts {
            let numbers = match self.known.get(&reach) {
                Some(known) => *known,
                None => {
                    let numbers = (
                        sets.number(self.rows.certain(reach)),
                        sets.number(self.rows.possible(reach)),
                    );
                    self.known.insert(reach, numbers);
                    numbers
                }
            };
            for peer in peers.ones() {
                if let Some(held) = all.get_mut(peer) {
                    *held = numbers;
                }
            }
        }
        to.map(|to| all.get(to?).copied()).collect()
    }
}
