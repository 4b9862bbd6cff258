//! SARIF 2.1.0, within the limits of GitHub's code scanning.
//!
//! A failure is a result; an accepted one is a result that is suppressed. What passes, does not
//! arise or is not known is no result: code scanning would show it as an alert. Always holds: a
//! location is given only where a file and a line were found; what is cut for a limit is told in a
//! notification of the run.

mod location;

use std::io;

use kuberlock_model::scan::{CheckSummary, Scan};
use kuberlock_model::{Finding, Severity, Verdict};
use serde_json::{Value, json};

use crate::neutral::visible;
use crate::{escape, words};

/// GitHub takes 25,000 results of a run, and shows the worst 5,000.
const RESULTS: usize = 25_000;
/// Characters of a message.
const MESSAGE: usize = 1_000;
/// Notifications of what could not be read.
const UNREAD: usize = 100;

/// Writes `scan` as SARIF.
pub(crate) fn write(scan: &Scan, out: &mut dyn io::Write) -> io::Result<()> {
    let told = |finding: &&Finding| matches!(finding.verdict, Verdict::Fail | Verdict::Accepted);
    let findings: Vec<&Finding> = scan.findings.iter().filter(told).collect();
    let results: Vec<Value> =
        findings.iter().take(RESULTS).map(|finding| result(scan, finding)).collect();
    let rules: Vec<Value> = scan.checks.iter().map(|check| rule(scan, check)).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "kuberlock",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "automationDetails": { "id": format!("kuberlock/{}/", visible(&scan.benchmark.name, 100)) },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notifications(scan, findings.len()),
            }],
            "results": results,
        }],
    });
    escape::document(&document, out)
}

/// What was cut, and what could not be read.
fn notifications(scan: &Scan, findings: usize) -> Vec<Value> {
    let mut told = Vec::new();
    if findings > RESULTS {
        let left = findings - RESULTS;
        told.push(format!("{left} of {findings} results are left out: a run holds {RESULTS}"));
    }
    let unread = scan.coverage.unread();
    let one = |unread: &kuberlock_model::coverage::Unread| {
        format!("{} was not read: {}", unread.place(), unread.reason)
    };
    told.extend(unread.iter().take(UNREAD).map(one));
    if unread.len() > UNREAD {
        told.push(format!("{} more were not read", unread.len() - UNREAD));
    }
    let notification = |text: String| json!({ "level": "warning", "message": { "text": visible(&text, MESSAGE) } });
    told.into_iter().map(notification).collect()
}

fn rule(scan: &Scan, check: &CheckSummary) -> Value {
    let benchmark = &scan.benchmark.name;
    let mut tags = vec!["security".to_owned(), "kubernetes".to_owned()];
    tags.extend(check.packs.iter().map(|pack| format!("pack/{pack}")));
    tags.extend(check.items.iter().map(|item| visible(&format!("{benchmark}/{item}"), 100)));
    // GitHub takes ten tags of a rule.
    tags.truncate(10);
    let help = format!(
        "{}\n\nWhy: {}\n\nRemedy: {}\n\nWhat the remedy may break: {}",
        check.what, check.why, check.remedy, check.may_break
    );
    let markdown = format!(
        "{}\n\n## Why\n\n{}\n\n## Remedy\n\n{}\n\n## What the remedy may break\n\n{}\n",
        check.what, check.why, check.remedy, check.may_break
    );
    let mut rule = json!({
        "id": check.id,
        "shortDescription": { "text": check.title },
        "fullDescription": { "text": visible(check.what, MESSAGE) },
        "help": { "text": help, "markdown": markdown },
        "defaultConfiguration": { "level": level(check.severity) },
        "properties": {
            "tags": tags,
            "precision": "high",
            "problem.severity": level(check.severity),
            "security-severity": score(check.severity),
        },
    });
    let page = check.references.iter().find(|reference| reference.starts_with("https://"));
    if let (Some(page), Some(rule)) = (page, rule.as_object_mut()) {
        rule.insert("helpUri".to_owned(), json!(page));
    }
    rule
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// The score by which GitHub names a severity: over 9 is critical, 7 high, 4 medium, else low.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

fn result(scan: &Scan, finding: &Finding) -> Value {
    let remedy = words::remedy(finding.remedy()).sentence();
    let text = format!("{}: {}. Remedy: {remedy}", finding.subject, finding.message);
    let mut result = json!({
        "ruleId": finding.check,
        "level": level(finding.severity),
        "message": { "text": visible(&text, MESSAGE) },
        "locations": location::of(finding),
        "partialFingerprints": { "kuberlock/v1": finding.fingerprint() },
        "properties": {
            "severity": finding.severity,
            "evidence": finding.evidence.iter().take(20).map(|evidence| {
                visible(&format!("{}  {}", evidence.value, words::place(evidence)), MESSAGE)
            }).collect::<Vec<_>>(),
        },
    });
    let Some(fields) = result.as_object_mut() else { return result };
    if let Some(at) = scan.checks.iter().position(|check| check.id == finding.check) {
        fields.insert("ruleIndex".to_owned(), json!(at));
    }
    if let Some(waiver) = finding.waiver.as_ref().filter(|_| finding.verdict == Verdict::Accepted) {
        let why = format!("{} ({}, until {})", waiver.reason, waiver.owner, waiver.expires);
        let suppression = json!([{ "kind": "external", "status": "accepted", "justification": visible(&why, MESSAGE) }]);
        fields.insert("suppressions".to_owned(), suppression);
    }
    result
}
