//! Connections, sorted by what becomes of them.

use std::collections::BTreeMap;

use kuberlock_model::flow::{Period, Place};
use kuberlock_model::network::Protocol;
use serde::Serialize;

use super::blame::Blame;
use super::judge::{Judged, Judging, harm};
use crate::declared::{Declared, Reason};
use crate::traffic::{Counts, ObservedEdge, Side, Traffic, Who};
use crate::verdict::Verdict;

/// How a connection was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// How often.
    pub counts: Counts,
    /// From when to when.
    pub period: Option<Period>,
    /// The last record of it.
    pub place: Place,
    /// How the server's side was found.
    pub side: Side,
    /// Between how many pairs of pods.
    pub pairs: usize,
}

/// A connection that was seen, or that manifests tell of, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Affected {
    /// Who opens it.
    pub from: Who,
    /// To whom.
    pub to: Who,
    /// By which protocol.
    pub protocol: Protocol,
    /// To which port.
    pub port: u16,
    /// What it comes to today.
    pub before: Verdict,
    /// What it would come to.
    pub after: Verdict,
    /// How it was seen; `None` where only manifests tell of it.
    pub seen: Option<Seen>,
    /// What tells of it in manifests.
    pub declared: Vec<Reason>,
    /// What keeps it back; empty where nothing does.
    pub blame: Vec<Blame>,
}

/// Everything that was judged.
#[derive(Clone, Debug, Default)]
pub(super) struct Sorted {
    /// Gets through today, and would not.
    pub(super) broken: Vec<Affected>,
    /// Would be left to the plugin, or to facts that were not seen.
    pub(super) uncertain: Vec<Affected>,
    /// Kept back today and then.
    pub(super) denied: Vec<Affected>,
    /// Got through though policies deny it today.
    pub(super) contradicting: Vec<Affected>,
    /// Kept back today, and would get through.
    pub(super) allowed: Vec<Affected>,
    /// Told of by manifests only.
    pub(super) unobserved: Vec<Affected>,
    /// Of which an end is not in the network.
    pub(super) unjudged: Vec<Affected>,
    /// How many were judged and stay as they are.
    pub(super) kept: usize,
}

type Key = (Who, Who, Protocol, u16);

/// Judges every connection; those between pods of the same workloads are one.
pub(super) fn affected(
    judging: &Judging<'_, '_>,
    traffic: Option<&Traffic>,
    declared: &Declared,
) -> Sorted {
    let mut reasons: BTreeMap<Key, &[Reason]> = BTreeMap::new();
    for edge in &declared.edges {
        let key = (edge.from.folded(), edge.to.folded(), edge.protocol, edge.port);
        reasons.insert(key, &edge.reasons);
    }
    let mut folded: BTreeMap<(Key, Class), Affected> = BTreeMap::new();
    for edge in traffic.into_iter().flat_map(|traffic| &traffic.edges) {
        let judged = judging.judge([&edge.from, &edge.to], edge.protocol, edge.port);
        let key = (edge.from.folded(), edge.to.folded(), edge.protocol, edge.port);
        let why = reasons.remove(&key).map(<[Reason]>::to_vec).unwrap_or_default();
        let class = class(judged.as_ref(), Some(edge.counts));
        let one = one(judging, &key, judged.as_ref(), Some(seen(edge)), why);
        match folded.entry((key, class)) {
            std::collections::btree_map::Entry::Occupied(mut held) => fold(held.get_mut(), one),
            std::collections::btree_map::Entry::Vacant(empty) => _ = empty.insert(one),
        }
    }
    for (key, why) in reasons {
        let judged = judging.judge([&key.0, &key.1], key.2, key.3);
        let class = class(judged.as_ref(), None);
        let one = one(judging, &key, judged.as_ref(), None, why.to_vec());
        folded.insert((key, class), one);
    }
    sorted(folded)
}

fn seen(edge: &ObservedEdge) -> Seen {
    let (place, side) = (edge.place.clone(), edge.side);
    Seen { counts: edge.counts, period: edge.period, place, side, pairs: 1 }
}

/// Where a connection is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Broken,
    Uncertain,
    Denied,
    Contradicting,
    Allowed,
    Unjudged,
    Kept,
}

fn class(judged: Option<&Judged>, seen: Option<Counts>) -> Class {
    let Some(Judged { before, after, .. }) = judged else { return Class::Unjudged };
    let got_through = seen.is_some_and(|counts| counts.forwarded > 0);
    let only_dropped = seen.is_some_and(Counts::only_dropped);
    match (before, after) {
        (Verdict::Denied, Verdict::Denied) if got_through => Class::Contradicting,
        (Verdict::Denied, Verdict::Denied) => Class::Denied,
        (_, Verdict::Denied) if only_dropped => Class::Denied,
        (Verdict::Allowed, Verdict::Denied) => Class::Broken,
        // Whatever the plugin made of it, it did get through.
        (_, Verdict::Denied) if got_through => Class::Broken,
        (_, Verdict::Denied) => Class::Uncertain,
        (Verdict::Denied, _) => Class::Allowed,
        (before, after) if harm(*before, *after) >= harm(Verdict::Allowed, Verdict::Ambiguous) => {
            Class::Uncertain
        }
        _ => Class::Kept,
    }
}

fn one(
    judging: &Judging<'_, '_>,
    key: &Key,
    judged: Option<&Judged>,
    seen: Option<Seen>,
    declared: Vec<Reason>,
) -> Affected {
    let (before, after) =
        judged.map_or((Verdict::Denied, Verdict::Denied), |judged| (judged.before, judged.after));
    let kept_back = judged.filter(|judged| judged.after != Verdict::Allowed);
    Affected {
        from: key.0.clone(),
        to: key.1.clone(),
        protocol: key.2,
        port: key.3,
        before,
        after,
        seen,
        declared,
        blame: kept_back.map(|judged| judging.blame(judged)).unwrap_or_default(),
    }
}

fn fold(held: &mut Affected, other: Affected) {
    held.declared.extend(other.declared);
    let (Some(one), Some(other)) = (&mut held.seen, other.seen) else { return };
    one.counts = one.counts.plus(other.counts);
    one.pairs += other.pairs;
    one.side = one.side.max(other.side);
    let last = |period: Option<Period>| period.map(|period| period.last);
    if last(other.period) > last(one.period) {
        one.place = other.place;
    }
    one.period = match (one.period, other.period) {
        (Some(one), Some(other)) => Some(one.with(other)),
        (one, other) => one.or(other),
    };
}

fn sorted(folded: BTreeMap<(Key, Class), Affected>) -> Sorted {
    let mut sorted = Sorted::default();
    for ((_, class), one) in folded {
        if one.seen.is_none() {
            sorted.unobserved.push(one.clone());
        }
        match class {
            Class::Broken => sorted.broken.push(one),
            Class::Uncertain => sorted.uncertain.push(one),
            Class::Denied => sorted.denied.push(one),
            Class::Contradicting => sorted.contradicting.push(one),
            Class::Allowed => sorted.allowed.push(one),
            Class::Unjudged => sorted.unjudged.push(one),
            Class::Kept => sorted.kept += 1,
        }
    }
    sorted
}
