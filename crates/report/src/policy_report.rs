//! Policy reports that Kubernetes itself holds: OpenReports, and the working group's PolicyReport
//! before it.
//!
//! What is of a namespace goes into a report of that namespace, all else into a report of the
//! cluster; a list of them can be given to `kubectl apply`. Always holds: a report stays well below
//! what etcd takes; names are the same from scan to scan.

use std::collections::BTreeMap;
use std::io;

use kuberlock_model::scan::Scan;
use kuberlock_model::{Finding, Subject, Verdict};
use serde_json::{Value, json};

use crate::neutral::visible;
use crate::{escape, words};

/// Results of one report; at most 1.5 MiB is what etcd takes of an object.
const RESULTS: usize = 500;
/// Characters of a message, and of a property.
const TEXT: usize = 500;

/// Which of the two APIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    /// `openreports.io/v1alpha1`
    OpenReports,
    /// `wgpolicyk8s.io/v1alpha2`
    PolicyReport,
}

impl Api {
    fn version(self) -> &'static str {
        match self {
            Self::OpenReports => "openreports.io/v1alpha1",
            Self::PolicyReport => "wgpolicyk8s.io/v1alpha2",
        }
    }

    fn kind(self, namespaced: bool) -> &'static str {
        match (self, namespaced) {
            (Self::OpenReports, true) => "Report",
            (Self::OpenReports, false) => "ClusterReport",
            (Self::PolicyReport, true) => "PolicyReport",
            (Self::PolicyReport, false) => "ClusterPolicyReport",
        }
    }
}

/// Writes `scan` as a list of reports.
pub(crate) fn write(scan: &Scan, api: Api, out: &mut dyn io::Write) -> io::Result<()> {
    let mut by_namespace: BTreeMap<Option<&str>, Vec<&Finding>> = BTreeMap::new();
    for finding in &scan.findings {
        by_namespace.entry(namespace(finding)).or_default().push(finding);
    }
    let mut items = Vec::new();
    for (namespace, findings) in by_namespace {
        for (at, part) in findings.chunks(RESULTS).enumerate() {
            items.push(report(scan, api, namespace, at, part));
        }
    }
    escape::document(&json!({ "apiVersion": "v1", "kind": "List", "items": items }), out)
}

/// The namespace of the finding's subject, where its name can be one: no report goes elsewhere.
fn namespace(finding: &Finding) -> Option<&str> {
    let Subject::Object(key) = &finding.subject else { return None };
    let name = key.namespace.as_deref()?;
    let is_label = !name.is_empty()
        && name.len() <= 63
        && !name.starts_with('-')
        && !name.ends_with('-')
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    is_label.then_some(name)
}

fn report(
    scan: &Scan,
    api: Api,
    namespace: Option<&str>,
    at: usize,
    findings: &[&Finding],
) -> Value {
    let name = match at {
        0 => "kuberlock".to_owned(),
        at => format!("kuberlock-{}", at + 1),
    };
    let mut metadata =
        json!({ "name": name, "labels": { "app.kubernetes.io/managed-by": "kuberlock" } });
    if let (Some(namespace), Some(fields)) = (namespace, metadata.as_object_mut()) {
        fields.insert("namespace".to_owned(), json!(namespace));
    }
    let count = |word: &str| findings.iter().filter(|f| outcome(f.verdict) == word).count();
    let mut report = json!({
        "apiVersion": api.version(),
        "kind": api.kind(namespace.is_some()),
        "metadata": metadata,
        "summary": {
            "pass": count("pass"), "fail": count("fail"), "warn": count("warn"),
            "error": count("error"), "skip": count("skip"),
        },
        "results": findings.iter().map(|finding| result(scan, finding)).collect::<Vec<_>>(),
    });
    if let (Api::OpenReports, Some(fields)) = (api, report.as_object_mut()) {
        fields.insert("source".to_owned(), json!("kuberlock"));
    }
    report
}

/// The API's word for a verdict: what is accepted is a warning, what was not decided an error.
fn outcome(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Accepted => "warn",
        Verdict::Unknown => "error",
        Verdict::NotApplicable => "skip",
    }
}

fn result(scan: &Scan, finding: &Finding) -> Value {
    let check = scan.check(finding.check);
    let items = check.map(|check| check.items.join(", ")).unwrap_or_default();
    let mut properties = BTreeMap::from([
        ("fingerprint", finding.fingerprint()),
        ("subject", visible(&finding.subject.to_string(), TEXT)),
        ("remedy", visible(&words::remedy(finding.remedy()).sentence(), TEXT)),
    ]);
    if !items.is_empty() {
        properties.insert("items", visible(&items, TEXT));
    }
    if let Some(evidence) = finding.evidence.first() {
        let said = format!("{}  {}", evidence.value, words::place(evidence));
        properties.insert("evidence", visible(&said, TEXT));
    }
    if let Some(waiver) = &finding.waiver {
        let said = format!("{} ({}, until {})", waiver.reason, waiver.owner, waiver.expires);
        properties.insert("waiver", visible(&said, TEXT));
    }
    let mut result = json!({
        "source": "kuberlock",
        "policy": finding.check,
        "category": visible(&scan.benchmark.name, 100),
        "severity": finding.severity,
        "result": outcome(finding.verdict),
        "scored": finding.verdict != Verdict::Accepted,
        "message": visible(&finding.message, TEXT),
        "properties": properties,
    });
    let first = check.and_then(|check| check.items.first());
    if let (Some(item), Some(fields)) = (first, result.as_object_mut()) {
        fields.insert("rule".to_owned(), json!(visible(item, 60)));
    }
    if let (Some(resource), Some(fields)) = (resource(&finding.subject), result.as_object_mut()) {
        fields.insert("resources".to_owned(), json!([resource]));
    }
    result
}

/// The object that a result is about, where it is one: a node stands for what is on its machine.
fn resource(subject: &Subject) -> Option<Value> {
    let node =
        |name: &str| json!({ "apiVersion": "v1", "kind": "Node", "name": visible(name, 253) });
    match subject {
        Subject::Object(key) => {
            let names = key.kind.names();
            let version = match names.group {
                "" => names.version.to_owned(),
                group => format!("{group}/{}", names.version),
            };
            let mut resource = json!({ "apiVersion": version, "kind": names.name, "name": visible(&key.name, 253) });
            if let (Some(namespace), Some(fields)) = (&key.namespace, resource.as_object_mut()) {
                fields.insert("namespace".to_owned(), json!(visible(namespace, 63)));
            }
            Some(resource)
        }
        Subject::Node { node: name }
        | Subject::Component { node: Some(name), .. }
        | Subject::File { node: Some(name), .. } => Some(node(name)),
        _ => None,
    }
}
