//! OCSF Compliance Finding (class 2003, schema 1.5): one event a finding, one a line.
//!
//! Always holds: the time is the scan's own, given by the caller; without one it is 0, which OCSF
//! readers show as unknown.

use std::io;

use kuberlock_model::scan::Scan;
use kuberlock_model::{Finding, Severity, Subject, Verdict};
use serde_json::{Value, json};

use crate::neutral::visible;
use crate::{Options, escape, words};

const CLASS: u32 = 2003;
/// `Create`: a finding is reported.
const ACTIVITY: u32 = 1;
/// Characters of a text.
const TEXT: usize = 4_000;

/// Writes the findings of `scan` as events.
pub(crate) fn write(scan: &Scan, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    let time = options.time.unwrap_or(0);
    scan.findings.iter().try_for_each(|finding| escape::line(&event(scan, finding, time), out))
}

fn event(scan: &Scan, finding: &Finding, time: u64) -> Value {
    let check = scan.check(finding.check);
    let items = check.map(|check| check.items.clone()).unwrap_or_default();
    let items: Vec<String> = items.iter().map(|item| visible(item, 100)).collect();
    let benchmark = visible(&scan.benchmark.name, 100);
    let evidence = finding.evidence.iter().take(20);
    let evidence: Vec<String> = evidence
        .map(|evidence| visible(&format!("{}  {}", evidence.value, words::place(evidence)), TEXT))
        .collect();
    let (severity_id, severity) = severity(finding);
    let (status_id, status) = compliance_status(finding.verdict);
    json!({
        "activity_id": ACTIVITY,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": CLASS,
        "class_name": "Compliance Finding",
        "type_uid": CLASS * 100 + ACTIVITY,
        "type_name": "Compliance Finding: Create",
        "time": time,
        "severity_id": severity_id,
        "severity": severity,
        "status_id": if finding.verdict == Verdict::Accepted { 3 } else { 1 },
        "status": if finding.verdict == Verdict::Accepted { "Suppressed" } else { "New" },
        "message": visible(&finding.message, TEXT),
        "metadata": {
            "version": "1.5.0",
            "product": {
                "name": "kuberlock",
                "vendor_name": "kuberlock",
                "version": env!("CARGO_PKG_VERSION"),
            },
            "event_code": finding.check,
        },
        "compliance": {
            "standards": [benchmark],
            "requirements": items,
            "control": finding.check,
            "desc": check.map_or("", |check| check.title),
            "status_id": status_id,
            "status": status,
        },
        "finding_info": {
            "uid": finding.fingerprint(),
            "title": check.map_or(finding.check, |check| check.title),
            "desc": check.map_or("", |check| check.what),
            "types": ["Configuration"],
        },
        "remediation": {
            "desc": visible(&words::remedy(finding.remedy()).sentence(), TEXT),
            "references": check.map_or(&[][..], |check| check.references),
        },
        "resources": [resource(scan, finding)],
        "unmapped": { "verdict": finding.verdict, "evidence": evidence },
    })
}

/// OCSF's number and word. What does not fail informs.
fn severity(finding: &Finding) -> (u32, &'static str) {
    match (finding.verdict, finding.severity) {
        (Verdict::Fail | Verdict::Accepted, Severity::Critical) => (5, "Critical"),
        (Verdict::Fail | Verdict::Accepted, Severity::High) => (4, "High"),
        (Verdict::Fail | Verdict::Accepted, Severity::Medium) => (3, "Medium"),
        (Verdict::Fail | Verdict::Accepted, Severity::Low) => (2, "Low"),
        _ => (1, "Informational"),
    }
}

fn compliance_status(verdict: Verdict) -> (u32, &'static str) {
    match verdict {
        Verdict::Pass => (1, "Pass"),
        Verdict::Accepted => (2, "Warning"),
        Verdict::Fail => (3, "Fail"),
        Verdict::Unknown => (0, "Unknown"),
        Verdict::NotApplicable => (99, "Not applicable"),
    }
}

fn resource(scan: &Scan, finding: &Finding) -> Value {
    let (kind, namespace) = match &finding.subject {
        Subject::Cluster => ("Cluster", None),
        Subject::Node { .. } => ("Node", None),
        Subject::Component { .. } => ("Component", None),
        Subject::File { .. } | Subject::Entry { .. } => ("File", None),
        Subject::Object(key) => (key.kind.names().name, key.namespace.as_deref()),
        Subject::Principal { .. } => ("Principal", None),
    };
    let cluster = scan.cluster_uid.as_deref().or(scan.cluster.as_deref()).unwrap_or_default();
    let mut resource = json!({
        "type": kind,
        "name": visible(&finding.subject.to_string(), TEXT),
        "uid": visible(&format!("{cluster}/{}", finding.subject), TEXT),
    });
    if let (Some(namespace), Some(fields)) = (namespace, resource.as_object_mut()) {
        fields.insert("namespace".to_owned(), json!(visible(namespace, 253)));
    }
    resource
}
