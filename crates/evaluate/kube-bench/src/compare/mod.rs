//! kube-bench's verdict beside ours, item by item, and why they differ.
//!
//! Enters: what kube-bench says of each check, and for each item of a benchmark our findings.
//! Leaves: a [`Compared`] for each item of either. Always holds: a reason is given only where a fact
//! of one side shows it; equal verdicts have none.

mod read;
#[cfg(test)]
mod tests;
mod why;

use kuberlock_model::Verdict;
use kuberlock_model::finding::Finding;

pub use self::read::{Theirs, read};
pub use self::why::Why;

use crate::benchmark::{Result as Target, State};

/// What we say of an item.
#[derive(Clone, Debug, Default)]
pub struct Ours<'f> {
    /// The item.
    pub id: String,
    /// What its checks found.
    pub findings: Vec<&'f Finding>,
    /// Why no check of ours answers it, where none does.
    pub undecided: Option<String>,
}

impl Ours<'_> {
    /// The item's verdict: it holds where all of its checks hold. None where no check answers it.
    pub fn verdict(&self) -> Option<Verdict> {
        let grave = [
            Verdict::Fail,
            Verdict::Accepted,
            Verdict::Unknown,
            Verdict::Pass,
            Verdict::NotApplicable,
        ];
        grave.into_iter().find(|verdict| self.findings.iter().any(|f| f.verdict == *verdict))
    }

    /// The findings that the verdict rests on.
    pub fn deciding(&self) -> impl Iterator<Item = &Finding> {
        let verdict = self.verdict();
        self.findings.iter().copied().filter(move |finding| Some(finding.verdict) == verdict)
    }
}

/// How two verdicts stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// Both decide, and not alike.
    Differ,
    /// Only we decide.
    OnlyOurs,
    /// Only kube-bench decides.
    OnlyTheirs,
    /// Neither does.
    Neither,
    /// Both decide alike.
    Agree,
}

impl Relation {
    /// Every relation, the one that matters most first.
    pub const ALL: [Self; 5] =
        [Self::Differ, Self::OnlyOurs, Self::OnlyTheirs, Self::Neither, Self::Agree];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Differ => "differ",
            Self::OnlyOurs => "only-ours",
            Self::OnlyTheirs => "only-theirs",
            Self::Neither => "neither",
            Self::Agree => "agree",
        }
    }
}

/// An item with both verdicts.
#[derive(Clone, Debug)]
pub struct Compared<'c> {
    /// The item's number.
    pub id: String,
    /// How the verdicts stand to each other.
    pub relation: Relation,
    /// kube-bench's.
    pub theirs: Option<&'c Theirs>,
    /// Ours.
    pub ours: Option<&'c Ours<'c>>,
    /// Why they differ.
    pub why: Vec<Why>,
}

/// What kube-bench says of each check of `results`.
pub fn theirs(results: &[Target]) -> Vec<Theirs> {
    let groups = results.iter().flat_map(|result| &result.groups);
    let checks = groups.flat_map(|group| &group.checks);
    checks.map(|(check, outcome)| Theirs::of(check, outcome)).collect()
}

/// Compares, what differs first, then by item.
pub fn compare<'c>(theirs: &'c [Theirs], ours: &'c [Ours<'c>]) -> Vec<Compared<'c>> {
    let mut all: Vec<Compared<'c>> = theirs
        .iter()
        .map(|one| compared(Some(one), ours.iter().find(|ours| ours.id == one.id)))
        .chain(
            ours.iter()
                .filter(|ours| !theirs.iter().any(|one| one.id == ours.id))
                .map(|ours| compared(None, Some(ours))),
        )
        .collect();
    all.sort_by_cached_key(|item| (item.relation, numbers(&item.id), item.id.clone()));
    all
}

/// `1.2.10` behind `1.2.9`.
fn numbers(id: &str) -> Vec<u32> {
    id.split('.').map(|number| number.parse().unwrap_or(u32::MAX)).collect()
}

fn compared<'c>(theirs: Option<&'c Theirs>, ours: Option<&'c Ours<'c>>) -> Compared<'c> {
    let left = theirs.and_then(Theirs::holds);
    let verdict = ours.and_then(Ours::verdict);
    // Where the question does not arise nothing is to be done either: as far as passing goes.
    let right = match verdict {
        Some(Verdict::Pass | Verdict::NotApplicable) => Some(true),
        Some(Verdict::Fail | Verdict::Accepted) => Some(false),
        Some(Verdict::Unknown) | None => None,
    };
    let relation = match (left, right) {
        (Some(left), Some(right)) if left == right => Relation::Agree,
        (Some(_), Some(_)) => Relation::Differ,
        (None, Some(_)) => Relation::OnlyOurs,
        (Some(_), None) => Relation::OnlyTheirs,
        (None, None) => Relation::Neither,
    };
    let id = theirs.map(|theirs| theirs.id.clone()).or_else(|| ours.map(|ours| ours.id.clone()));
    let why = match relation {
        Relation::Agree => Vec::new(),
        _ => why::reasons(theirs, ours),
    };
    Compared { id: id.unwrap_or_default(), relation, theirs, ours, why }
}

impl Theirs {
    /// Whether the check holds, where kube-bench ran its test. One that is not scored warns instead
    /// of failing; one left to a person warns too, and says nothing.
    pub fn holds(&self) -> Option<bool> {
        match self.state {
            State::Pass => Some(true),
            State::Fail => Some(false),
            State::Warn if self.is_left() => None,
            State::Warn => Some(false),
            State::Info | State::NotRun => None,
        }
    }

    /// Whether it is left to a person: marked so, or without a test.
    pub(crate) fn is_left(&self) -> bool {
        self.kind == "manual"
            || matches!(self.reason.as_str(), "There are no tests" | "No tests defined")
    }
}
