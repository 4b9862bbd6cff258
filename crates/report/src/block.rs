//! Findings of one verdict, brought together by their check.

use std::collections::BTreeMap;

use kuberlock_model::scan::{CheckSummary, Scan};
use kuberlock_model::{Finding, Severity, Verdict};

use crate::words::{self, RemedyWords};

/// The findings of one check that have the same verdict, in the scan's order; never empty.
#[derive(Debug)]
pub(crate) struct Block<'a> {
    /// The check's id.
    pub(crate) id: &'a str,
    /// What is known of the check.
    pub(crate) check: Option<&'a CheckSummary>,
    /// The worst of the findings.
    pub(crate) severity: Severity,
    /// The findings.
    pub(crate) findings: Vec<&'a Finding>,
}

impl<'a> Block<'a> {
    /// The check's title, or its id where nothing is known of it.
    pub(crate) fn title(&self) -> &'a str {
        self.check.map_or(self.id, |check| check.title)
    }

    /// The items of the benchmark that the check answers, joined.
    pub(crate) fn items(&self) -> Option<String> {
        self.check.filter(|check| !check.items.is_empty()).map(|check| check.items.join(", "))
    }

    /// What the remedy may break, where anything.
    pub(crate) fn may_break(&self) -> Option<&'a str> {
        self.check.map(|check| check.may_break).filter(|text| !text.is_empty())
    }

    /// The message, where all findings have the same and there are several.
    pub(crate) fn shared_message(&self) -> Option<&'a str> {
        let (first, rest) = self.findings.split_first()?;
        let same = rest.iter().all(|finding| finding.message == first.message);
        (same && !rest.is_empty()).then_some(first.message.as_ref())
    }

    /// The remedy in words with every place it is for, where all findings have the same.
    pub(crate) fn shared_remedy(&self) -> Option<(RemedyWords, Vec<String>)> {
        let mut remedies = self.findings.iter().map(|finding| words::remedy(finding.remedy()));
        let first = remedies.next()?;
        let mut places: Vec<String> = first.place.iter().cloned().collect();
        for remedy in remedies {
            if remedy.what != first.what {
                return None;
            }
            places.extend(remedy.place);
        }
        places.sort();
        places.dedup();
        Some((first, places))
    }
}

/// The findings of `scan` with `verdict`, one block a check, worst first, else in the scan's order.
pub(crate) fn blocks(scan: &Scan, verdict: Verdict) -> Vec<Block<'_>> {
    let checks: BTreeMap<&str, &CheckSummary> = scan.checks.iter().map(|c| (c.id, c)).collect();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut blocks: Vec<Block<'_>> = Vec::new();
    for finding in scan.findings.iter().filter(|f| f.verdict == verdict) {
        let place = *places.entry(finding.check).or_insert(blocks.len());
        match blocks.get_mut(place) {
            Some(block) => {
                block.severity = block.severity.max(finding.severity);
                block.findings.push(finding);
            }
            None => blocks.push(Block {
                id: finding.check,
                check: checks.get(finding.check).copied(),
                severity: finding.severity,
                findings: vec![finding],
            }),
        }
    }
    blocks.sort_by_key(|block| std::cmp::Reverse(block.severity));
    blocks
}

/// Findings counted by their message, the most frequent first, else by message.
pub(crate) fn reasons<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<(&'a str, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings {
        *counts.entry(finding.message.as_ref()).or_default() += 1;
    }
    let mut reasons: Vec<(&str, usize)> = counts.into_iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    reasons
}
