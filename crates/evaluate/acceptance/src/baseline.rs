//! What changed since an earlier scan.

use std::collections::BTreeMap;

use kuberlock_model::finding::{Finding, Severity, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Error;

/// The findings of a scan as `-o json` wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Earlier {
    findings: BTreeMap<String, Compared>,
}

/// What two scans are compared by: one finding of either.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// The fingerprint.
    pub fingerprint: String,
    /// The check's id.
    pub check: String,
    /// The subject, in words.
    pub subject: String,
    /// The severity's word.
    #[serde(serialize_with = "word")]
    pub severity: Severity,
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub message: String,
}

fn word<S: serde::Serializer>(severity: &Severity, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(severity.word())
}

/// How a failure stands against the earlier scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It did not fail before.
    New,
    /// It fails with a graver severity.
    Worse,
    /// It fails with a milder severity, or is accepted now.
    Better,
    /// It failed, and does not any more.
    Gone,
}

impl Change {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Worse => "worse",
            Self::Better => "better",
            Self::Gone => "gone",
        }
    }
}

/// Two scans compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// What differs: by change, then gravest first, then by check and subject.
    pub changes: Vec<(Change, Compared)>,
    /// Failures that are as they were.
    pub same: usize,
}

#[derive(Deserialize)]
struct FindingText {
    fingerprint: String,
    check: String,
    #[serde(default)]
    subject: Value,
    severity: String,
    verdict: String,
    #[serde(default)]
    message: String,
}

impl Earlier {
    /// The findings of a scan's JSON, or of JSON lines.
    ///
    /// # Errors
    /// The text is neither.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let findings = match serde_json::from_str::<Value>(text) {
            Ok(mut value) => match value.get_mut("findings").map(Value::take) {
                Some(findings) => serde_json::from_value::<Vec<FindingText>>(findings),
                None if value.get("fingerprint").is_some() => {
                    serde_json::from_value(value).map(|finding| vec![finding])
                }
                None => return Err(Error::Scan("it has no `findings`".to_owned())),
            },
            Err(_) => {
                text.lines().filter(|l| !l.trim().is_empty()).map(serde_json::from_str).collect()
            }
        };
        let findings = findings.map_err(|error| Error::Scan(error.to_string()))?;
        let compared: Result<Vec<Compared>, Error> = findings.into_iter().map(compared).collect();
        let keyed = compared?.into_iter().map(|finding| (finding.fingerprint.clone(), finding));
        Ok(Self { findings: keyed.collect() })
    }

    /// Whether `finding` failed before, with a severity that was as grave.
    pub fn knows(&self, finding: &Finding) -> bool {
        self.findings.get(&finding.fingerprint()).is_some_and(|before| {
            matches!(before.verdict, Verdict::Fail | Verdict::Accepted)
                && before.severity >= finding.severity
        })
    }
}

fn compared(text: FindingText) -> Result<Compared, Error> {
    let wrong = |what: &str, value: &str| Error::Scan(format!("`{value}` is no {what}"));
    let severity = text.severity.parse().map_err(|_| wrong("severity", &text.severity))?;
    let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.word() == text.verdict);
    Ok(Compared {
        verdict: verdict.ok_or_else(|| wrong("verdict", &text.verdict))?,
        severity,
        subject: in_words(&text.subject),
        fingerprint: text.fingerprint,
        check: text.check,
        message: text.message,
    })
}

/// A subject of the JSON in words: the kind, then the names.
fn in_words(subject: &Value) -> String {
    let Some(fields) = subject.as_object() else { return "cluster".to_owned() };
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let principal = fields.get("principal").map(Value::to_string);
    match (text("kind"), text("path"), text("component"), text("node")) {
        (Some(kind), ..) => {
            let name = text("name").unwrap_or_default();
            text("namespace")
                .map_or_else(|| format!("{kind} {name}"), |ns| format!("{kind} {ns}/{name}"))
        }
        (_, Some(path), _, Some(node)) => format!("{node}:{path}"),
        (_, Some(path), ..) => path.to_owned(),
        (_, _, Some(component), Some(node)) => format!("{component} on {node}"),
        (_, _, Some(component), None) => component.to_owned(),
        (_, _, _, Some(node)) => format!("node {node}"),
        _ => principal.unwrap_or_else(|| "cluster".to_owned()),
    }
}

/// What differs from `before` to `after`, of what fails in either.
pub fn compare(before: &Earlier, after: &Earlier) -> Comparison {
    let mut comparison = Comparison::default();
    let fails = |finding: &Compared| finding.verdict == Verdict::Fail;
    for (fingerprint, now) in &after.findings {
        let then = before.findings.get(fingerprint).filter(|then| fails(then));
        let change = match then {
            None if fails(now) => Change::New,
            Some(then) if fails(now) && now.severity > then.severity => Change::Worse,
            Some(then) if fails(now) && now.severity < then.severity => Change::Better,
            Some(_) if fails(now) => {
                comparison.same += 1;
                continue;
            }
            Some(_) if now.verdict == Verdict::Accepted => Change::Better,
            Some(_) => Change::Gone,
            None => continue,
        };
        comparison.changes.push((change, now.clone()));
    }
    let gone = before.findings.values().filter(|then| fails(then));
    let gone = gone.filter(|then| !after.findings.contains_key(&then.fingerprint));
    comparison.changes.extend(gone.map(|then| (Change::Gone, then.clone())));
    comparison.changes.sort_by(|(a, x), (b, y)| {
        let grave = y.severity.cmp(&x.severity);
        a.cmp(b)
            .then(grave)
            .then_with(|| x.check.cmp(&y.check))
            .then_with(|| x.subject.cmp(&y.subject))
    });
    comparison
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(findings: &[(&str, &str, &str)]) -> Earlier {
        let findings: Vec<Value> = findings
            .iter()
            .map(|(id, severity, verdict)| {
                serde_json::json!({
                    "fingerprint": id, "check": id, "severity": severity, "verdict": verdict,
                    "subject": { "type": "node", "node": "n" }, "message": "m"
                })
            })
            .collect();
        Earlier::parse(&serde_json::json!({ "findings": findings }).to_string()).unwrap()
    }

    #[test]
    fn changes_are_told() {
        let before = scan(&[
            ("a", "high", "fail"),
            ("b", "low", "fail"),
            ("c", "high", "fail"),
            ("d", "high", "fail"),
            ("e", "high", "pass"),
            ("f", "high", "fail"),
        ]);
        let after = scan(&[
            ("a", "high", "fail"),
            ("b", "high", "fail"),
            ("c", "high", "pass"),
            ("d", "high", "accepted"),
            ("e", "high", "fail"),
        ]);
        let comparison = compare(&before, &after);
        let told: Vec<_> = comparison
            .changes
            .iter()
            .map(|(change, f)| (change.word(), f.check.as_str()))
            .collect();
        assert_eq!(
            told,
            [("new", "e"), ("worse", "b"), ("better", "d"), ("gone", "c"), ("gone", "f")]
        );
        assert_eq!(comparison.same, 1);
        assert!(compare(&before, &before).changes.is_empty());
    }

    #[test]
    fn what_is_no_scan_is_refused() {
        for text in ["", "{}", "[]", "no", "{\"findings\": [{}]}"] {
            let parsed = Earlier::parse(text);
            assert!(parsed.is_err() || text.is_empty(), "{text}");
        }
    }
}
