//! The text format of Prometheus: counts, and no subject's name.
//!
//! Always holds: the number of series is bounded by checks, verdicts and kinds, never by what the
//! cluster holds; label values are escaped.

use std::collections::BTreeMap;
use std::io;

use kuberlock_model::Verdict;
use kuberlock_model::coverage::Reach;
use kuberlock_model::object::Kind;
use kuberlock_model::scan::Scan;

use crate::neutral::visible;
use crate::tally::Tally;

/// Characters of a label's value.
const LABEL: usize = 200;

/// Writes `scan` as metrics.
pub(crate) fn write(scan: &Scan, out: &mut dyn io::Write) -> io::Result<()> {
    information(scan, out)?;
    findings(scan, out)?;
    score(scan, out)?;
    coverage(scan, out)
}

fn family(name: &str, help: &str, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge")
}

fn information(scan: &Scan, out: &mut dyn io::Write) -> io::Result<()> {
    let name = "kuberlock_scan_info";
    family(name, "What was scanned, and what it was held against.", out)?;
    let release = scan.release.as_ref().map(ToString::to_string).unwrap_or_default();
    let labels = labels(&[
        ("cluster", scan.cluster.as_deref().unwrap_or_default()),
        ("cluster_uid", scan.cluster_uid.as_deref().unwrap_or_default()),
        ("release", &release),
        ("benchmark", &scan.benchmark.name),
        ("defaults_of", &scan.table.0),
        ("version", env!("CARGO_PKG_VERSION")),
    ]);
    writeln!(out, "{name}{{{labels}}} 1")
}

fn findings(scan: &Scan, out: &mut dyn io::Write) -> io::Result<()> {
    let mut counts: BTreeMap<(&str, Verdict), usize> = BTreeMap::new();
    for finding in &scan.findings {
        *counts.entry((finding.check, finding.verdict)).or_default() += 1;
    }
    let name = "kuberlock_findings";
    family(name, "Findings by check and verdict.", out)?;
    for check in &scan.checks {
        let items = check.items.join(",");
        for verdict in Verdict::ALL {
            let count = counts.get(&(check.id, verdict)).copied().unwrap_or(0);
            let labels = labels(&[
                ("check", check.id),
                ("severity", check.severity.word()),
                ("items", &items),
                ("verdict", verdict.word()),
            ]);
            writeln!(out, "{name}{{{labels}}} {count}")?;
        }
    }
    Ok(())
}

/// Failures by severity, zeros too, so that an alert has something to compare with.
fn score(scan: &Scan, out: &mut dyn io::Write) -> io::Result<()> {
    let tally = Tally::of(scan);
    let name = "kuberlock_failures";
    family(name, "Findings that fail, by severity.", out)?;
    for severity in kuberlock_model::Severity::ALL {
        let labels = labels(&[("severity", severity.word())]);
        writeln!(out, "{name}{{{labels}}} {}", tally.failures(severity))?;
    }
    let name = "kuberlock_pass_ratio";
    family(name, "Of the findings that pass or fail, those that pass.", out)?;
    let (pass, fail) = (tally.verdict(Verdict::Pass), tally.verdict(Verdict::Fail));
    match pass + fail {
        0 => writeln!(out, "{name} NaN"),
        #[expect(clippy::cast_precision_loss, reason = "a ratio of counts")]
        both => writeln!(out, "{name} {:.4}", pass as f64 / both as f64),
    }
}

fn coverage(scan: &Scan, out: &mut dyn io::Write) -> io::Result<()> {
    let name = "kuberlock_kind_seen";
    family(name, "Whether every object of a kind was seen.", out)?;
    for kind in Kind::all() {
        let seen = u8::from(scan.coverage.kind(kind.kind).is_whole());
        writeln!(out, "{name}{{{}}} {seen}", labels(&[("kind", kind.name)]))?;
    }
    let whole = |reach: &Reach| reach.is_whole();
    let hosts: Vec<bool> = scan.coverage.hosts().map(|(_, reach)| whole(reach)).collect();
    let name = "kuberlock_nodes";
    family(name, "Nodes whose machine was read, in whole or in part.", out)?;
    for (read, wanted) in [("whole", true), ("part", false)] {
        let count = hosts.iter().filter(|whole| **whole == wanted).count();
        writeln!(out, "{name}{{{}}} {count}", labels(&[("read", read)]))?;
    }
    let name = "kuberlock_unread_documents";
    family(name, "Documents that could not be read.", out)?;
    writeln!(out, "{name} {}", scan.coverage.unread_documents())
}

fn labels(pairs: &[(&str, &str)]) -> String {
    let label = |(name, value): &(&str, &str)| {
        let value = visible(value, LABEL).replace('\\', "\\\\").replace('"', "\\\"");
        format!("{name}=\"{value}\"")
    };
    pairs.iter().map(label).collect::<Vec<_>>().join(",")
}
