//! Sections of the benchmark, and how each of its items stands.
//!
//! An item stands as the worst finding of any check that answers it. Checks that answer no item
//! belong to the section of their pack, one item a check.

use std::collections::BTreeMap;

use kuberlock_model::scan::{CheckSummary, Scan};
use kuberlock_model::{Finding, Severity, Verdict};

use crate::tally::Tally;

/// How an item, a node or a check stands; the worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    NotApplicable,
    Pass,
    Accepted,
    Unknown,
    Fail(Severity),
}

impl State {
    /// Every state, worst first.
    pub(crate) const ALL: [Self; 8] = [
        Self::Fail(Severity::Critical),
        Self::Fail(Severity::High),
        Self::Fail(Severity::Medium),
        Self::Fail(Severity::Low),
        Self::Unknown,
        Self::Accepted,
        Self::Pass,
        Self::NotApplicable,
    ];

    /// The state of one finding.
    pub(crate) fn of(finding: &Finding) -> Self {
        match finding.verdict {
            Verdict::Fail => Self::Fail(finding.severity),
            Verdict::Unknown => Self::Unknown,
            Verdict::Accepted => Self::Accepted,
            Verdict::Pass => Self::Pass,
            Verdict::NotApplicable => Self::NotApplicable,
        }
    }

    /// How many findings of `tally` are in this state.
    pub(crate) fn count(self, tally: &Tally) -> usize {
        match self {
            Self::Fail(severity) => tally.failures(severity),
            Self::Unknown => tally.verdict(Verdict::Unknown),
            Self::Accepted => tally.verdict(Verdict::Accepted),
            Self::Pass => tally.verdict(Verdict::Pass),
            Self::NotApplicable => tally.verdict(Verdict::NotApplicable),
        }
    }

    /// The word for a person.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Fail(severity) => severity.word(),
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
            Self::Pass => "passed",
            Self::NotApplicable => "not applicable",
        }
    }

    /// The class that the style sheet colours.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Fail(severity) => severity.word(),
            Self::Unknown => "unknown",
            Self::Accepted => "accepted",
            Self::Pass => "pass",
            Self::NotApplicable => "none",
        }
    }
}

/// The name of a section; it sorts as numbers do: `1.2` before `1.10`, no section last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SectionName {
    numbers: Vec<u32>,
    /// As shown.
    pub(crate) text: String,
}

impl SectionName {
    /// The section of the item `1.2.3` is `1.2`.
    fn of_item(item: &str) -> Self {
        let text = item.rsplit_once('.').map_or(item, |(section, _)| section);
        let number = |part: &str| part.parse().unwrap_or(u32::MAX);
        Self { numbers: text.split('.').map(number).collect(), text: text.to_owned() }
    }

    /// The section of a check that answers no item: its first pack.
    fn of_pack(check: &CheckSummary) -> Self {
        let pack = check.packs.first().copied().unwrap_or("other");
        Self { numbers: vec![u32::MAX], text: pack.to_owned() }
    }

    /// The section of the first item that `check` answers, else of its pack.
    pub(crate) fn of(check: Option<&CheckSummary>) -> Self {
        let by_item = |check: &CheckSummary| match check.items.first() {
            Some(item) => Self::of_item(item),
            None => Self::of_pack(check),
        };
        let other = || Self { numbers: vec![u32::MAX], text: "other".to_owned() };
        check.map_or_else(other, by_item)
    }

    /// Whether it is no section of the benchmark.
    pub(crate) fn is_pack(&self) -> bool {
        self.numbers.first() == Some(&u32::MAX)
    }
}

/// How the items of each section stand.
#[derive(Debug)]
pub(crate) struct Sections<'a> {
    /// The sections of each check.
    of_check: BTreeMap<&'a str, Vec<SectionName>>,
    /// Section, item, state.
    pub(crate) items: BTreeMap<SectionName, BTreeMap<&'a str, State>>,
}

impl<'a> Sections<'a> {
    /// The sections of `scan`.
    pub(crate) fn of(scan: &'a Scan) -> Self {
        let mut worst: BTreeMap<&str, State> = BTreeMap::new();
        for finding in &scan.findings {
            let state = worst.entry(finding.check).or_insert(State::NotApplicable);
            *state = (*state).max(State::of(finding));
        }
        let mut sections = Self { of_check: BTreeMap::new(), items: BTreeMap::new() };
        for check in &scan.checks {
            let Some(state) = worst.get(check.id) else { continue };
            for (name, item) in named_items(check) {
                let items = sections.items.entry(name.clone()).or_default();
                let held = items.entry(item).or_insert(*state);
                *held = (*held).max(*state);
                sections.of_check.entry(check.id).or_default().push(name);
            }
        }
        for names in sections.of_check.values_mut() {
            names.sort();
            names.dedup();
        }
        sections
    }

    /// The sections that `check` answers items of.
    pub(crate) fn of_check(&self, check: &str) -> &[SectionName] {
        self.of_check.get(check).map_or(&[], Vec::as_slice)
    }
}

fn named_items(check: &CheckSummary) -> Vec<(SectionName, &str)> {
    if check.items.is_empty() {
        return vec![(SectionName::of_pack(check), check.id)];
    }
    check.items.iter().map(|item| (SectionName::of_item(item), item.as_str())).collect()
}
