//! Waivers: failures that a person has looked at, and bears until a day.
//!
//! The file's schema is `docs/schemas/waivers.json`.

use kuberlock_model::Cluster;
use kuberlock_model::finding::{Finding, Verdict, Waiver};
use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::selector::Selector;
use crate::{Date, Error};

/// The waivers of one file.
#[derive(Clone, Debug, Default)]
pub struct Waivers {
    waivers: Vec<Line>,
}

/// One waiver, and where it was written.
#[derive(Clone, Debug)]
struct Line {
    line: u64,
    check: String,
    subject: Selector,
    expires: Date,
    waiver: Waiver,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    waivers: Vec<Spanned<WaiverText>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WaiverText {
    check: String,
    #[serde(default)]
    subject: Selector,
    reason: Option<String>,
    owner: Option<String>,
    expires: Option<String>,
}

/// What a person should know of the waivers after they were used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Findings that were accepted.
    pub accepted: usize,
    /// Waivers that have ended although something still fails: line, check, last day.
    pub expired: Vec<String>,
    /// Waivers that meet no failure: they can go.
    pub idle: Vec<String>,
}

impl Waivers {
    /// The waivers of the file with this text; `is_check` tells whether an id is a check's.
    ///
    /// # Errors
    /// The text is no such file, or a waiver lacks something, with its line.
    pub fn parse(text: &str, is_check: &dyn Fn(&str) -> bool) -> Result<Self, Error> {
        let file: FileText = serde_saphyr::from_str(text)
            .map_err(|error| Error::Waivers(first_line(&error.to_string())))?;
        let waivers = file.waivers.into_iter().map(|waiver| line(waiver, is_check));
        Ok(Self { waivers: waivers.collect::<Result<_, _>>()? })
    }

    /// Marks the failures that are borne on the day `today`. Of several waivers the first counts.
    pub fn apply(&self, findings: &mut [Finding], cluster: &Cluster, today: Date) -> Told {
        let mut told = Told::default();
        let mut met = vec![false; self.waivers.len()];
        for finding in findings.iter_mut().filter(|finding| finding.verdict == Verdict::Fail) {
            for (line, met) in self.waivers.iter().zip(&mut met) {
                if line.check != finding.check || !line.subject.meets(&finding.subject, cluster) {
                    continue;
                }
                *met = true;
                if line.expires >= today {
                    finding.verdict = Verdict::Accepted;
                    finding.waiver = Some(Box::new(line.waiver.clone()));
                    told.accepted += 1;
                    break;
                }
            }
        }
        for (line, met) in self.waivers.iter().zip(met) {
            let said = format!("line {}: {}", line.line, line.check);
            if !met {
                told.idle.push(said);
            } else if line.expires < today {
                told.expired
                    .push(format!("{said}, until {}, owner {}", line.expires, line.waiver.owner));
            }
        }
        told
    }
}

fn line(text: Spanned<WaiverText>, is_check: &dyn Fn(&str) -> bool) -> Result<Line, Error> {
    let line = text.referenced.line();
    let refused = |reason: String| Error::Waiver { line, reason };
    let WaiverText { check, subject, reason, owner, expires } = text.value;
    if !is_check(&check) {
        return Err(refused(format!("there is no check `{check}`")));
    }
    let needed = |name: &str, value: Option<String>| {
        let value = value.filter(|value| !value.trim().is_empty());
        value.ok_or_else(|| refused(format!("it has no `{name}`")))
    };
    let (reason, owner) = (needed("reason", reason)?, needed("owner", owner)?);
    let written = needed("expires", expires)?;
    let expires: Date = written
        .parse()
        .map_err(|()| refused(format!("`{written}` is no day such as 2027-01-31")))?;
    let waiver = Waiver { reason, owner, expires: expires.to_string() };
    Ok(Line { line, check, subject, expires, waiver })
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use kuberlock_model::object::{Kind, ObjectKey};
    use kuberlock_model::{Severity, Subject};

    use super::*;

    fn finding(namespace: &str, name: &str) -> Finding {
        Finding {
            check: "pod-privileged",
            subject: Subject::Object(ObjectKey::new(Kind::DaemonSet, Some(namespace), name)),
            severity: Severity::High,
            verdict: Verdict::Fail,
            message: "m".into(),
            evidence: Vec::new(),
            remedy: None,
            waiver: None,
        }
    }

    const FILE: &str = "\
waivers:
  - check: pod-privileged
    subject: { kind: DaemonSet, namespace: kube-system, name: 'csi-*' }
    reason: the driver mounts volumes
    owner: storage@example.com
    expires: 2027-01-31
  - check: pod-privileged
    subject: { namespace: gone }
    reason: r
    owner: o
    expires: 2027-01-31
";

    fn parse(text: &str) -> Result<Waivers, Error> {
        Waivers::parse(text, &|id| id == "pod-privileged")
    }

    #[test]
    fn a_waiver_holds_to_its_last_day() {
        let waivers = parse(FILE).unwrap();
        let cluster = Cluster::default();
        let apply = |today: &str| {
            let mut findings = [finding("kube-system", "csi-node"), finding("apps", "csi-node")];
            let told = waivers.apply(&mut findings, &cluster, today.parse().unwrap());
            (findings.map(|finding| finding.verdict), told)
        };
        let (verdicts, told) = apply("2027-01-31");
        assert_eq!(verdicts, [Verdict::Accepted, Verdict::Fail]);
        assert_eq!((told.accepted, told.expired.len()), (1, 0));
        assert_eq!(told.idle, ["line 7: pod-privileged"]);
        let (verdicts, told) = apply("2027-02-01");
        assert_eq!(verdicts, [Verdict::Fail, Verdict::Fail]);
        assert_eq!(
            told.expired,
            ["line 2: pod-privileged, until 2027-01-31, owner storage@example.com"]
        );
    }

    #[test]
    fn what_is_missing_is_told_with_its_line() {
        let without = |field: &str| {
            let lines: Vec<&str> =
                FILE.lines().filter(|line| !line.trim_start().starts_with(field)).collect();
            parse(&lines.join("\n")).unwrap_err().to_string()
        };
        assert_eq!(without("owner:"), "the waiver at line 2: it has no `owner`");
        assert_eq!(without("expires:"), "the waiver at line 2: it has no `expires`");
        let text = FILE.replace("2027-01-31", "31.1.2027");
        let error = parse(&text).unwrap_err().to_string();
        assert_eq!(error, "the waiver at line 2: `31.1.2027` is no day such as 2027-01-31");
        let error =
            parse(&FILE.replace("check: pod-privileged", "check: pod-privilged")).unwrap_err();
        assert_eq!(error.to_string(), "the waiver at line 2: there is no check `pod-privilged`");
        assert!(matches!(parse("waivers:\n  - chek: x\n").unwrap_err(), Error::Waivers(_)));
    }
}
