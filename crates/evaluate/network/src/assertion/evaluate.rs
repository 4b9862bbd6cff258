//! Whether assertions hold: sets of endpoints at once, never pair by pair.

use std::collections::{BTreeMap, HashMap};

use fixedbitset::FixedBitSet as Bits;

use super::ends::{Ends, by_ports};
use super::witness::{Pair, counterexample};
use super::{Assertion, Assertions, Counterexample, Expect, Outcome, Status};
use crate::near::is_of_node;
use crate::ports::PortSet;
use crate::reachability::Reachability;
use crate::rows::Rows;
use crate::verdict::Verdict;

/// Connections that are shown of one assertion.
const SHOWN: usize = 5;

impl Assertions {
    /// What comes of each assertion in a network, in the order of [`Assertions::tests`].
    pub fn evaluate(&self, reach: &Reachability) -> Vec<Outcome> {
        let alike = alike(reach);
        self.tests.iter().map(|test| evaluate(reach, &alike, test)).collect()
    }
}

/// A number for each endpoint: equal for those from which everything comes to the same.
fn alike(reach: &Reachability) -> Vec<usize> {
    let classes = reach.classes();
    let near = reach.endpoints().any(|(_, endpoint)| is_of_node(endpoint));
    let mut known: HashMap<(usize, Vec<Option<&str>>), usize> = HashMap::new();
    let mut all = vec![usize::MAX; reach.endpoints.len()];
    for (at, endpoint) in reach.endpoints() {
        let mut nodes: Vec<Option<&str>> = Vec::new();
        if near {
            nodes.extend(endpoint.members.iter().map(|pod| pod.node()));
            nodes.sort_unstable();
            nodes.dedup();
        }
        let class = classes.of.get(at).copied().unwrap_or(usize::MAX);
        let next = known.len();
        let number = *known.entry((class, nodes)).or_insert(next);
        if let Some(held) = all.get_mut(at) {
            *held = number;
        }
    }
    all
}

fn evaluate(reach: &Reachability, alike: &[usize], test: &Assertion) -> Outcome {
    let (from, to) = (Ends::of(reach, &test.from), Ends::of(reach, &test.to));
    let meant = (from.meant.count_ones(..), to.meant.count_ones(..));
    let (sources, targets, sides) = match test.expect {
        Expect::OnlyFrom => (from.others(reach), to.meant.clone(), (false, true)),
        Expect::OnlyTo => (from.meant.clone(), to.others(reach), (true, false)),
        _ => (from.meant.clone(), to.meant.clone(), (true, true)),
    };
    let groups = by_ports(reach, &test.ports, &targets);
    let mut asked = Asked {
        reach,
        rows: Rows::towards(reach, targets),
        groups: &groups,
        ends: (&from, &to),
        sides,
        wrong: Vec::new(),
        open: Vec::new(),
    };
    for sources in by_class(alike, &sources).values() {
        match test.expect {
            Expect::Allowed => asked.allowed(sources),
            Expect::AllowedToOne => asked.allowed_to_one(sources),
            Expect::Denied | Expect::OnlyFrom | Expect::OnlyTo => asked.denied(sources),
        }
    }
    let empty = emptiness(test, meant, &groups);
    outcome(test, meant, asked.wrong, asked.open, empty)
}

/// What keeps an assertion from meaning anything.
fn emptiness(
    test: &Assertion,
    (from, to): (usize, usize),
    groups: &[(PortSet, Bits)],
) -> Option<String> {
    match (from, to) {
        (0, 0) => Some("neither `from` nor `to` means anybody".to_owned()),
        (0, _) => Some("`from` means nobody".to_owned()),
        (_, 0) => Some("`to` means nobody".to_owned()),
        _ if groups.is_empty() && !test.ports.is_empty() => {
            Some("no destination has a port of that name".to_owned())
        }
        _ => None,
    }
}

fn outcome(
    test: &Assertion,
    meant: (usize, usize),
    wrong: Vec<Counterexample>,
    open: Vec<Counterexample>,
    empty: Option<String>,
) -> Outcome {
    let expected = match test.expect {
        Expect::Denied => "a connection gets through that must not",
        Expect::Allowed => "a connection is kept back that must get through",
        Expect::AllowedToOne => "somebody reaches none of them",
        Expect::OnlyFrom => "somebody else gets through",
        Expect::OnlyTo => "they get through to somebody else",
    };
    let outcome = |status, message: String, examples| Outcome { status, message, meant, examples };
    if !wrong.is_empty() {
        return outcome(Status::NotMet, expected.to_owned(), wrong);
    }
    if let Some(example) = open.first() {
        let why = match example.verdict {
            Verdict::Ambiguous => "policies of one priority contradict each other",
            _ => "the API leaves it to the network plugin, or to facts that were not seen",
        };
        return outcome(Status::Unknown, why.to_owned(), open);
    }
    match empty {
        Some(why) if !test.may_be_empty => outcome(Status::Unknown, why, Vec::new()),
        _ => outcome(Status::Met, "it holds".to_owned(), Vec::new()),
    }
}

fn by_class(alike: &[usize], sources: &Bits) -> BTreeMap<usize, Vec<usize>> {
    let mut all: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in sources.ones() {
        if let Some(class) = alike.get(at) {
            all.entry(*class).or_default().push(at);
        }
    }
    all
}

/// One assertion while it is asked.
struct Asked<'a> {
    reach: &'a Reachability,
    rows: Rows<'a>,
    /// Targets, by the ports that are asked of them.
    groups: &'a [(PortSet, Bits)],
    ends: (&'a Ends<'a>, &'a Ends<'a>),
    /// Whether the selectors mean the ends, or all others.
    sides: (bool, bool),
    wrong: Vec<Counterexample>,
    open: Vec<Counterexample>,
}

impl Asked<'_> {
    fn is_full(&self) -> bool {
        self.wrong.len() >= SHOWN
    }

    /// What sources that are alike reach, and the target that is only themselves.
    fn row(&mut self, sources: &[usize]) -> (Vec<(PortSet, PortSet, Bits)>, Option<usize>) {
        let Some(first) = sources.first() else { return (Vec::new(), None) };
        let row = self.rows.row(*first);
        let parts = row.parts.into_iter().map(|(reach, peers)| {
            (self.rows.certain(reach).clone(), self.rows.possible(reach).clone(), peers)
        });
        let parts = parts.collect();
        let alone = sources.len() == 1 && self.reach.is_one_pod(*first);
        (parts, alone.then_some(*first))
    }

    /// None of `sources` gets through to any target.
    fn denied(&mut self, sources: &[usize]) {
        if self.is_full() {
            return;
        }
        let (parts, itself) = self.row(sources);
        let groups = self.groups;
        for (ports, whom) in groups {
            for (certain, possible, peers) in &parts {
                let possible = possible.intersection(ports);
                if possible.is_empty() {
                    continue;
                }
                let certain = certain.intersection(ports);
                for to in hit(peers, whom, itself).take(1) {
                    match certain.is_empty() {
                        false => self.tell(sources, to, &certain, Verdict::Allowed),
                        true => self.may_be(sources, to, &possible, Verdict::Allowed),
                    }
                }
            }
        }
    }

    /// Each of `sources` gets through to each target.
    fn allowed(&mut self, sources: &[usize]) {
        if self.is_full() {
            return;
        }
        let (parts, itself) = self.row(sources);
        let groups = self.groups;
        for (ports, whom) in groups {
            let mut silent = whom.clone();
            if let Some(itself) = itself {
                silent.set(itself, false);
            }
            for (certain, possible, peers) in &parts {
                silent.difference_with(peers);
                let missing = ports.difference(possible);
                let unsure = ports.difference(certain);
                for to in hit(peers, whom, itself).take(1) {
                    if !missing.is_empty() {
                        self.tell(sources, to, &missing, Verdict::Denied);
                    } else if !unsure.is_empty() {
                        self.may_be(sources, to, &unsure, Verdict::Denied);
                    }
                }
            }
            if let Some(to) = silent.minimum() {
                self.tell(sources, to, ports, Verdict::Denied);
            }
        }
    }

    /// Each of `sources` gets through to one target at least.
    fn allowed_to_one(&mut self, sources: &[usize]) {
        if self.is_full() {
            return;
        }
        let (parts, itself) = self.row(sources);
        let groups = self.groups;
        let mut may = None;
        let mut not = None;
        for (ports, whom) in groups {
            for (certain, possible, peers) in &parts {
                let Some(to) = hit(peers, whom, itself).next() else { continue };
                if ports.is_subset(certain) {
                    return;
                }
                if ports.is_subset(possible) {
                    may = may.or(Some((to, ports.difference(certain))));
                }
            }
            let first = whom.ones().find(|to| Some(*to) != itself);
            not = not.or(first.map(|to| (to, ports)));
        }
        match (may, not) {
            (Some((to, ports)), _) => self.may_be(sources, to, &ports, Verdict::Denied),
            (None, Some((to, ports))) => {
                let missing = parts.iter().find(|(.., peers)| peers.contains(to));
                let missing = missing.map(|(_, possible, _)| ports.difference(possible));
                self.tell(sources, to, &missing.unwrap_or_else(|| ports.clone()), Verdict::Denied);
            }
            (None, None) => {}
        }
    }

    /// A connection that is surely not as it must be.
    fn tell(&mut self, sources: &[usize], to: usize, ports: &PortSet, is: Verdict) {
        let pair = Pair { sources, to, ports };
        let found = counterexample(self.reach, &pair, is, self.ends, self.sides);
        if !self.is_full() {
            self.wrong.extend(found);
        }
    }

    /// A connection that may not be as it must: of some pods it may be sure.
    fn may_be(&mut self, sources: &[usize], to: usize, ports: &PortSet, is: Verdict) {
        let pair = Pair { sources, to, ports };
        let found = counterexample(self.reach, &pair, is, self.ends, self.sides);
        match found {
            Some(found) if found.verdict == is => self.wrong.push(found),
            Some(found) if self.open.len() < SHOWN => self.open.push(found),
            _ => {}
        }
    }
}

/// Peers among the targets, but not oneself.
fn hit<'b>(
    peers: &'b Bits,
    whom: &'b Bits,
    itself: Option<usize>,
) -> impl Iterator<Item = usize> + use<'b> {
    peers.intersection(whom).filter(move |at| Some(*at) != itself)
}
