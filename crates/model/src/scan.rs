//! A scan: findings, and what has to be known to read them.

use std::collections::BTreeMap;

use crate::coverage::Coverage;
use crate::finding::{Finding, Severity, Verdict};
use crate::release::Release;

/// What was scanned, by what, and what came of it.
#[derive(Clone, Debug)]
pub struct Scan {
    /// What the user pointed at, in words: `snapshot example.tar.zst`.
    pub target: String,
    /// The cluster's name, where known.
    pub cluster: Option<String>,
    /// The uid of the namespace `kube-system`, where known.
    pub cluster_uid: Option<String>,
    /// The release in use, where known.
    pub release: Option<Release>,
    /// The release whose table gives the defaults, and whether it is the release's own.
    pub table: (String, bool),
    /// The benchmark and why it was chosen.
    pub benchmark: ChosenBenchmark,
    /// Who asked the API server, where one was asked.
    pub identity: Option<String>,
    /// What was seen.
    pub coverage: Coverage,
    /// Worst first.
    pub findings: Vec<Finding>,
    /// What is known of each check that was evaluated.
    pub checks: Vec<CheckSummary>,
}

/// A benchmark, and why it was chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChosenBenchmark {
    /// Its name: `cis-1.12`.
    pub name: String,
    /// Why, in half a sentence.
    pub why: String,
    /// The titles of its sections by number: `1`, `2`.
    pub sections: BTreeMap<String, String>,
}

/// What a reader needs of a check beside its findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckSummary {
    /// The check's id.
    pub id: &'static str,
    /// Its title, one line.
    pub title: &'static str,
    /// How bad a failure is.
    pub severity: Severity,
    /// The items of the chosen benchmark that it answers: `1.2.1`.
    pub items: Vec<String>,
    /// The packs that hold it.
    pub packs: Vec<&'static str>,
    /// What is looked at, and when it fails.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// What the remedy may break.
    pub may_break: &'static str,
    /// Where to read on.
    pub references: &'static [&'static str],
}

impl Scan {
    /// How many findings have this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.findings.iter().filter(|f| f.verdict == verdict).count()
    }

    /// The summary of the check `id`.
    pub fn check(&self, id: &str) -> Option<&CheckSummary> {
        self.checks.iter().find(|c| c.id == id)
    }

    /// Whether any finding fails at or above `threshold`.
    pub fn fails_at(&self, threshold: Severity) -> bool {
        self.findings.iter().any(|f| f.verdict == Verdict::Fail && f.severity >= threshold)
    }
}
