//! JSON: what a program reads. Its schema is `docs/schemas/scan.json`.
//!
//! Always holds: values are whole, never cut; every key is there, with `null` where nothing is
//! known; `findings` are at the top, in the scan's order.

mod coverage;

use std::collections::BTreeMap;
use std::io;

use kuberlock_model::Finding;
use kuberlock_model::namespace::Standing;
use kuberlock_model::scan::{CheckSummary, Scan};
use kuberlock_model::{Release, Severity};
use serde::Serialize;

use crate::escape;
use crate::tally::Tally;
use coverage::CoverageDocument;

/// The version of what is written; it changes when a reader has to.
const SCHEMA: &str = "kuberlock.dev/scan/v1";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ScanDocument<'a> {
    schema: &'static str,
    target: &'a str,
    cluster: ClusterName<'a>,
    release: Option<&'a Release>,
    defaults_of: DefaultsOf<'a>,
    benchmark: Benchmark<'a>,
    identity: Option<&'a str>,
    coverage: CoverageDocument<'a>,
    summary: Tally,
    checks: Vec<Check<'a>>,
    findings: &'a [Finding],
}

#[derive(Serialize)]
struct ClusterName<'a> {
    name: Option<&'a str>,
    uid: Option<&'a str>,
}

/// The release whose table gives the defaults, and whether it is the release's own.
#[derive(Serialize)]
struct DefaultsOf<'a> {
    release: &'a str,
    own: bool,
}

#[derive(Serialize)]
struct Benchmark<'a> {
    name: &'a str,
    why: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Check<'a> {
    id: &'a str,
    title: &'a str,
    severity: Severity,
    items: &'a [String],
    packs: &'a [&'static str],
    may_break: &'a str,
    summary: Tally,
}

impl<'a> Check<'a> {
    fn of(check: &'a CheckSummary, summary: Tally) -> Self {
        let CheckSummary { id, title, severity, items, packs, may_break, .. } = check;
        Self { id, title, severity: *severity, items, packs, may_break, summary }
    }
}

/// How namespaces stand, beside the scan that says so.
#[derive(Serialize)]
struct NamespacesDocument<'a> {
    #[serde(flatten)]
    scan: ScanDocument<'a>,
    namespaces: &'a [Standing],
}

/// Writes how namespaces stand as JSON.
pub(crate) fn write_namespaces(
    scan: &Scan,
    standings: &[Standing],
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let schema = "kuberlock.dev/namespace-check/v1";
    let scan = ScanDocument { schema, ..document(scan) };
    let mut out = io::BufWriter::new(out);
    escape::document(&NamespacesDocument { scan, namespaces: standings }, &mut out)?;
    io::Write::flush(&mut out)
}

/// Writes `scan` as JSON.
pub(crate) fn write(scan: &Scan, out: &mut dyn io::Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    escape::document(&document(scan), &mut out)?;
    io::Write::flush(&mut out)
}

fn document(scan: &Scan) -> ScanDocument<'_> {
    ScanDocument {
        schema: SCHEMA,
        target: &scan.target,
        cluster: ClusterName { name: scan.cluster.as_deref(), uid: scan.cluster_uid.as_deref() },
        release: scan.release.as_ref(),
        defaults_of: DefaultsOf { release: &scan.table.0, own: scan.table.1 },
        benchmark: Benchmark { name: &scan.benchmark.name, why: &scan.benchmark.why },
        identity: scan.identity.as_deref(),
        coverage: CoverageDocument::of(&scan.coverage),
        summary: Tally::of(scan),
        checks: checks(scan),
        findings: &scan.findings,
    }
}

fn checks(scan: &Scan) -> Vec<Check<'_>> {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for finding in &scan.findings {
        tallies.entry(finding.check).or_default().add(finding.verdict, finding.severity);
    }
    let summary = |id: &str| tallies.get(id).copied().unwrap_or_default();
    scan.checks.iter().map(|check| Check::of(check, summary(check.id))).collect()
}
