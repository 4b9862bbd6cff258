//! How what two networks allow relates.

use serde::Serialize;

use super::align::{Aligned, End, Reached, Sets};
use crate::ports::PortSet;
use crate::reachability::Reachability;

/// How what one network allows relates to what another does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// The same connections.
    Equivalent,
    /// All that the second allows, and more.
    Contains,
    /// Less than the second, and nothing else.
    Contained,
    /// No connection that both allow.
    Disjoint,
    /// Some that both allow, and each some that the other does not.
    Overlapping,
}

impl Relation {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Equivalent => "equivalent",
            Self::Contains => "contains",
            Self::Contained => "contained",
            Self::Disjoint => "disjoint",
            Self::Overlapping => "overlapping",
        }
    }
}

/// Connections that one of two networks allows and the other does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// From this end of [`Aligned::ends`].
    pub from: usize,
    /// To this one.
    pub to: usize,
    /// On these ports.
    pub ports: PortSet,
    /// Whether it is sure: allowed for certain in the one, denied for certain in the other.
    pub is_sure: bool,
}

/// What two networks come to, side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// How they relate, where both what is sure and what is possible relate so.
    pub relation: Relation,
    /// Connections that the first allows and the second does not; no more than were asked for.
    pub only_first: Vec<Example>,
    /// Connections that the second allows and the first does not.
    pub only_second: Vec<Example>,
    /// Whether the API leaves any of what was compared open.
    pub is_open: bool,
}

/// Compares what two networks allow between the ends that both have, with at most `limit` examples of
/// each sort.
pub fn compare(
    first: &Reachability,
    second: &Reachability,
    aligned: &Aligned,
    limit: usize,
) -> Comparison {
    let mut seen = Seen::default();
    each_pair(first, second, aligned, &mut |pair| {
        seen.note(&pair.first, &pair.second);
        let examples = [
            (&mut seen.only_first, &pair.first, &pair.second),
            (&mut seen.only_second, &pair.second, &pair.first),
        ];
        for (examples, one, other) in examples {
            if examples.len() < limit {
                examples.extend(example(&pair, one, other));
            }
        }
    });
    let relation = match (seen.first_has_more, seen.second_has_more, seen.share) {
        (false, false, _) => Relation::Equivalent,
        (_, _, false) => Relation::Disjoint,
        (true, false, true) => Relation::Contains,
        (false, true, true) => Relation::Contained,
        (true, true, true) => Relation::Overlapping,
    };
    Comparison {
        relation,
        only_first: seen.only_first,
        only_second: seen.only_second,
        is_open: seen.is_open,
    }
}

#[derive(Default)]
struct Seen {
    first_has_more: bool,
    second_has_more: bool,
    share: bool,
    is_open: bool,
    only_first: Vec<Example>,
    only_second: Vec<Example>,
}

impl Seen {
    fn note(&mut self, first: &Ports, second: &Ports) {
        let has_more = |one: &Ports, other: &Ports| {
            !one.certain.is_subset(&other.certain) || !one.possible.is_subset(&other.possible)
        };
        self.first_has_more |= has_more(first, second);
        self.second_has_more |= has_more(second, first);
        self.share |= !first.possible.intersection(&second.possible).is_empty();
        self.is_open |= first.certain != first.possible || second.certain != second.possible;
    }
}

fn example(pair: &Pair<'_>, one: &Ports, other: &Ports) -> Option<Example> {
    let sure = one.certain.difference(&other.possible);
    let (ports, is_sure) = match sure.is_empty() {
        false => (sure, true),
        true => {
            let possible = one.possible.difference(&other.possible);
            (possible.union(&one.certain.difference(&other.certain)), false)
        }
    };
    (!ports.is_empty()).then_some(Example { from: pair.from.0, to: pair.to.0, ports, is_sure })
}

/// What gets through between two ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ports {
    pub(super) certain: PortSet,
    pub(super) possible: PortSet,
}

/// Two ends that both networks have, by their numbers, and what gets through in each.
pub(super) struct Pair<'a> {
    pub(super) from: (usize, &'a End),
    pub(super) to: (usize, &'a End),
    pub(super) first: Ports,
    pub(super) second: Ports,
}

/// Asks of every pair of classes, by two ends of them that are not one pod.
pub(super) fn each_pair(
    first: &Reachability,
    second: &Reachability,
    aligned: &Aligned,
    ask: &mut dyn FnMut(Pair<'_>),
) {
    let representatives = aligned.representatives();
    let mut sets = Sets::new();
    let (mut before, mut after) = (Reached::new(first), Reached::new(second));
    for (class, from) in representatives.iter().enumerate() {
        let (Some(in_first), Some(in_second)) = (from.first, from.second) else { continue };
        let ends = || representatives.iter();
        let was = before.row(in_first, ends().map(|end| end.first), &mut sets);
        let is = after.row(in_second, ends().map(|end| end.second), &mut sets);
        for (other, (was, is)) in was.into_iter().zip(is).enumerate() {
            let (Some(was), Some(is)) = (was, is) else { continue };
            let Some((from, to)) = apart(first, second, aligned, (class, other)) else { continue };
            if from.1.range.is_some() && to.1.range.is_some() {
                continue;
            }
            let ports = |(certain, possible)| Ports {
                certain: sets.set(certain),
                possible: sets.set(possible),
            };
            ask(Pair { from, to, first: ports(was), second: ports(is) });
        }
    }
}

type Numbered<'a> = (usize, &'a End);

/// Two ends of two classes, such that a connection between them is one.
fn apart<'a>(
    first: &Reachability,
    second: &Reachability,
    aligned: &'a Aligned,
    (from, to): (usize, usize),
) -> Option<(Numbered<'a>, Numbered<'a>)> {
    let one = aligned.members(from).next()?;
    if from != to {
        return Some((one, aligned.members(to).next()?));
    }
    if let Some(other) = aligned.members(to).nth(1) {
        return Some((one, other));
    }
    let is_one = |reach: &Reachability, at: Option<usize>| at.is_none_or(|at| reach.is_one_pod(at));
    let alone = is_one(first, one.1.first) && is_one(second, one.1.second);
    (!alone).then_some((one, one))
}
