//! What gets through in one network and not in the other.

use std::collections::BTreeMap;

use serde::Serialize;

use super::align::{Aligned, Reached, Sets};
use crate::endpoint::EndpointKind;
use crate::reachability::{Reach, Reachability};

/// How connections between two classes changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Nothing got through before; something does.
    Gained,
    /// Something got through before; nothing does.
    Lost,
    /// Something gets through on other ports than before, or is no longer sure, or now is.
    Changed,
}

/// Connections that come to something else: from each of these ends to each of those.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// From these ends of [`Aligned::ends`].
    pub from: Vec<usize>,
    /// To these.
    pub to: Vec<usize>,
    /// What got through in the first network; `None` where it has not both ends.
    pub before: Option<Reach>,
    /// What gets through in the second; `None` where it has not both ends.
    pub after: Option<Reach>,
    /// What that amounts to.
    pub change: Change,
}

/// What a row is folded by: what happened, and to whom.
type Numbers = Option<(u32, u32)>;
type Key = (Numbers, Numbers, Vec<usize>);

/// What gets through in the one network and not in the other, folded; ends that are in one of them alone
/// are told with what they reach. Addresses outside among themselves are no cluster's affair.
pub fn diff(first: &Reachability, second: &Reachability, aligned: &Aligned) -> Vec<Difference> {
    let representatives = aligned.representatives();
    let mut sets = Sets::new();
    let (mut before, mut after) = (Reached::new(first), Reached::new(second));
    let mut folded: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for (class, from) in representatives.iter().enumerate() {
        let of_first = representatives.iter().map(|end| end.first);
        let of_second = representatives.iter().map(|end| end.second);
        let was = from.first.map(|from| before.row(from, of_first, &mut sets));
        let is = from.second.map(|from| after.row(from, of_second, &mut sets));
        let mut to: BTreeMap<(Numbers, Numbers), Vec<usize>> = BTreeMap::new();
        for (other, end) in representatives.iter().enumerate() {
            let at = |row: &Option<Vec<Numbers>>| row.as_ref()?.get(other).copied().flatten();
            let (was, is) = (at(&was), at(&is));
            if was.unwrap_or((0, 0)) == is.unwrap_or((0, 0))
                || (from.range.is_some() && end.range.is_some())
                || (class == other && is_one_pod(first, second, aligned, class))
            {
                continue;
            }
            to.entry((was, is)).or_default().push(other);
        }
        for ((was, is), classes) in to {
            folded.entry((was, is, classes)).or_default().push(class);
        }
    }
    let told =
        folded.into_iter().map(|((was, is, to), from)| told(aligned, &sets, (was, is), &from, &to));
    let mut told: Vec<Difference> = told.collect();
    told.sort_by(|a, b| (&a.from, &a.to).cmp(&(&b.from, &b.to)));
    told
}

fn told(
    aligned: &Aligned,
    sets: &Sets,
    (was, is): (Numbers, Numbers),
    from: &[usize],
    to: &[usize],
) -> Difference {
    let reach =
        |numbers: (u32, u32)| Reach { certain: sets.set(numbers.0), possible: sets.set(numbers.1) };
    let nothing = |numbers: Numbers| numbers.is_none_or(|(_, possible)| possible == 0);
    let change = match (nothing(was), nothing(is)) {
        (true, _) => Change::Gained,
        (_, true) => Change::Lost,
        _ => Change::Changed,
    };
    let ends = |classes: &[usize]| {
        let members = classes.iter().flat_map(|class| aligned.members(*class));
        let mut ends: Vec<usize> = members.map(|(at, _)| at).collect();
        ends.sort_unstable();
        ends
    };
    Difference {
        from: ends(from),
        to: ends(to),
        before: was.map(reach),
        after: is.map(reach),
        change,
    }
}

/// Whether a class is one pod in both networks, or no pod: that it reaches itself says nothing.
fn is_one_pod(
    first: &Reachability,
    second: &Reachability,
    aligned: &Aligned,
    class: usize,
) -> bool {
    let mut members = aligned.members(class);
    let (Some((_, end)), None) = (members.next(), members.next()) else { return false };
    end.first.is_none_or(|at| first.is_one_pod(at))
        && end.second.is_none_or(|at| second.is_one_pod(at))
}

impl Difference {
    /// The workloads and nodes at either end, and the ranges of addresses, as pairs: for outputs that have a
    /// line a pair.
    pub fn pairs<'a>(
        &'a self,
        aligned: &'a Aligned,
    ) -> impl Iterator<Item = (&'a super::End, &'a super::End)> {
        let ends = |numbers: &'a [usize]| numbers.iter().filter_map(|at| aligned.ends.get(*at));
        ends(&self.from).flat_map(move |from| ends(&self.to).map(move |to| (from, to)))
    }
}

impl Aligned {
    /// The workloads, pods and nodes that only one of the networks has: of the first, and of the second.
    pub fn alone<'a>(
        &'a self,
        first: &'a Reachability,
        second: &'a Reachability,
    ) -> (Vec<&'a EndpointKind>, Vec<&'a EndpointKind>) {
        let of = |reach: &'a Reachability, at: Option<usize>| Some(&reach.endpoint(at?)?.kind);
        let gone = self.ends.iter().filter(|end| end.second.is_none());
        let new = self.ends.iter().filter(|end| end.first.is_none());
        (
            gone.filter_map(|end| of(first, end.first)).collect(),
            new.filter_map(|end| of(second, end.second)).collect(),
        )
    }
}
