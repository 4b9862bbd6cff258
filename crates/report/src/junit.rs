//! JUnit XML: what continuous integration shows as tests.
//!
//! A section of the benchmark, or a pack, is a suite; a finding is a test case. What was not decided
//! and what does not arise is skipped with its reason, and so is what is accepted. Always holds: no
//! text becomes markup, and none holds a character that XML 1.0 forbids.

use std::collections::BTreeMap;
use std::io;

use kuberlock_model::scan::Scan;
use kuberlock_model::{Finding, Verdict};

use crate::neutral::visible;
use crate::section::SectionName;
use crate::words;

/// Characters of one text.
const TEXT: usize = 4_000;

/// Writes `scan` as JUnit XML.
pub(crate) fn write(scan: &Scan, out: &mut dyn io::Write) -> io::Result<()> {
    let mut suites: BTreeMap<SectionName, Vec<&Finding>> = BTreeMap::new();
    for finding in &scan.findings {
        suites.entry(suite(scan, finding)).or_default().push(finding);
    }
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<testsuites name=\"kuberlock scan\" {}>",
        counts(&scan.findings.iter().collect::<Vec<_>>())
    )?;
    for (name, findings) in &suites {
        let title = format!("{} {}", scan.benchmark.name, name.text);
        let title = if name.is_pack() { &name.text } else { &title };
        writeln!(out, "  <testsuite name=\"{}\" {}>", attribute(title), counts(findings))?;
        findings.iter().try_for_each(|finding| case(finding, out))?;
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// The section of the first item that the finding's check answers, or its pack.
fn suite(scan: &Scan, finding: &Finding) -> SectionName {
    SectionName::of(scan.check(finding.check))
}

fn counts(findings: &[&Finding]) -> String {
    let of = |verdict: fn(Verdict) -> bool| findings.iter().filter(|f| verdict(f.verdict)).count();
    let failures = of(|verdict| verdict == Verdict::Fail);
    let skipped = of(|verdict| !matches!(verdict, Verdict::Fail | Verdict::Pass));
    format!(
        "tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"",
        findings.len()
    )
}

fn case(finding: &Finding, out: &mut dyn io::Write) -> io::Result<()> {
    let name = attribute(&finding.subject.to_string());
    write!(out, "    <testcase classname=\"{}\" name=\"{name}\"", finding.check)?;
    let message = attribute(&finding.message);
    match finding.verdict {
        Verdict::Pass => writeln!(out, "/>"),
        Verdict::Fail => {
            write!(out, "><failure type=\"{}\" message=\"{message}\">", finding.severity)?;
            writeln!(out, "{}</failure></testcase>", details(finding))
        }
        Verdict::Accepted => {
            let waiver = finding.waiver.as_ref().map_or_else(String::new, |waiver| {
                format!("accepted by {} until {}: {}", waiver.owner, waiver.expires, waiver.reason)
            });
            writeln!(out, "><skipped message=\"{}\"/></testcase>", attribute(&waiver))
        }
        Verdict::NotApplicable | Verdict::Unknown => {
            let message = format!("{}: {}", finding.verdict, finding.message);
            writeln!(out, "><skipped message=\"{}\"/></testcase>", attribute(&message))
        }
    }
}

/// What a failure rests on, and what to do, a line each.
fn details(finding: &Finding) -> String {
    let facts = finding.evidence.iter().map(|e| format!("{}  {}", e.value, words::place(e)));
    let remedy = format!("remedy: {}", words::remedy(finding.remedy()).sentence());
    let lines: Vec<String> = facts.chain([remedy]).map(|line| attribute(&line)).collect();
    lines.join("\n")
}

/// Text as XML takes it, in an attribute and outside.
fn attribute(text: &str) -> String {
    let mut escaped = String::new();
    for c in visible(text, TEXT).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            // The only characters left that XML 1.0 forbids.
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
