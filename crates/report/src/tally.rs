//! Findings counted.

use kuberlock_model::scan::Scan;
use kuberlock_model::{Severity, Verdict};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// How many findings there are of each verdict, and how many failures of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    verdicts: [usize; Verdict::ALL.len()],
    failures: [usize; Severity::ALL.len()],
}

impl Tally {
    /// The findings of `scan`.
    pub(crate) fn of(scan: &Scan) -> Self {
        let mut tally = Self::default();
        for finding in &scan.findings {
            tally.add(finding.verdict, finding.severity);
        }
        tally
    }

    /// One more.
    pub(crate) fn add(&mut self, verdict: Verdict, severity: Severity) {
        raise(&mut self.verdicts, verdict as usize);
        if verdict == Verdict::Fail {
            raise(&mut self.failures, severity as usize);
        }
    }

    /// How many findings have this verdict.
    pub(crate) fn verdict(&self, verdict: Verdict) -> usize {
        self.verdicts.get(verdict as usize).copied().unwrap_or(0)
    }

    /// How many findings fail with this severity.
    pub(crate) fn failures(&self, severity: Severity) -> usize {
        self.failures.get(severity as usize).copied().unwrap_or(0)
    }

    /// How many findings fail at or above `threshold`.
    pub(crate) fn at_or_above(&self, threshold: Severity) -> usize {
        Severity::ALL.into_iter().filter(|s| *s >= threshold).map(|s| self.failures(s)).sum()
    }

    /// The severities that fail, worst first, with their counts.
    pub(crate) fn worst_first(&self) -> impl Iterator<Item = (Severity, usize)> {
        let counted = Severity::ALL.into_iter().rev().map(|s| (s, self.failures(s)));
        counted.filter(|(_, count)| *count > 0)
    }

    /// Every finding.
    pub(crate) fn total(&self) -> usize {
        self.verdicts.iter().sum()
    }
}

fn raise(counts: &mut [usize], at: usize) {
    if let Some(count) = counts.get_mut(at) {
        *count += 1;
    }
}

/// `{"fail": 3, …, "failures": {"critical": 1, …}}`: every verdict and severity, zeros too.
impl Serialize for Tally {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for verdict in Verdict::ALL {
            map.serialize_entry(verdict.word(), &self.verdict(verdict))?;
        }
        map.serialize_entry("failures", &BySeverity(self))?;
        map.end()
    }
}

struct BySeverity<'a>(&'a Tally);

impl Serialize for BySeverity<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let worst_first = Severity::ALL.into_iter().rev();
        serializer.collect_map(worst_first.map(|s| (s.word(), self.0.failures(s))))
    }
}
