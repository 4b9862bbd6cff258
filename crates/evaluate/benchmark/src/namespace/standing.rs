//! How each namespace stands, by the findings about it.

use std::collections::BTreeMap;

use kuberlock_model::namespace::{Score, Standing};
use kuberlock_model::{Finding, Kind, Severity, Subject, Verdict};

use super::mention;
use super::mixing::{self, Surroundings};
use super::sensitive::mark;
use super::{Space, spaces, suggestion};
use crate::context::Context;

/// Every namespace of the cluster, judged by `findings`: the sensitive first, then the worst.
pub fn standings(context: &Context<'_>, findings: &[Finding]) -> Vec<Standing> {
    let mut about: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    // What could not be asked of any namespace is unknown of each.
    let is_of_all = |f: &&Finding| {
        f.subject == Subject::Cluster
            && f.verdict == Verdict::Unknown
            && f.check.starts_with("namespace-")
    };
    let of_all: Vec<&Finding> = findings.iter().filter(is_of_all).collect();
    for finding in findings {
        if let Some(name) = namespace_of(&finding.subject) {
            about.entry(name).or_default().push(finding);
        }
    }
    let mentions = mention::mentions(context);
    let surroundings = Surroundings::of(context, &mentions);
    let mut standings: Vec<Standing> = spaces(context)
        .values()
        .map(|space| {
            let mut findings = about.remove(space.name).unwrap_or_default();
            if !space.is_own() {
                let unasked =
                    of_all.iter().filter(|of| !findings.iter().any(|f| f.check == of.check));
                findings.extend(unasked.copied().collect::<Vec<_>>());
            }
            standing(context, space, &findings, &surroundings)
        })
        .collect();
    standings.sort_by_key(|standing| {
        let score = standing.score.unwrap_or(Score { least: 101, most: 101 });
        (standing.sensitive.is_none(), score, standing.name.clone())
    });
    standings
}

/// The namespace that a finding of the pack is about: the object itself, or the account in it.
fn namespace_of(subject: &Subject) -> Option<&str> {
    match subject {
        Subject::Object(key) if key.kind == Kind::Namespace => Some(&key.name),
        _ => None,
    }
}

fn standing(
    context: &Context<'_>,
    space: &Space<'_>,
    findings: &[&Finding],
    surroundings: &Surroundings<'_>,
) -> Standing {
    let of = |verdict: Verdict| {
        let mut found: Vec<&&Finding> = findings.iter().filter(|f| f.verdict == verdict).collect();
        found.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.check));
        found.into_iter().map(|finding| finding.check).collect()
    };
    let sensitive = context.sensitive(space.name, space.metadata);
    let suggestions = match &sensitive {
        None if !space.is_own() => suggestions(context, space),
        _ => Vec::new(),
    };
    let mixture = mixing::mixture(context, space, sensitive.is_some(), surroundings);
    Standing {
        name: space.name.to_owned(),
        score: score(findings),
        failing: of(Verdict::Fail),
        unknown: of(Verdict::Unknown),
        accepted: of(Verdict::Accepted),
        sensitive,
        suggestions,
        mixture,
    }
}

/// Why a namespace is probably sensitive: its name, and its workloads.
fn suggestions(context: &Context<'_>, space: &Space<'_>) -> Vec<String> {
    if space.metadata.and_then(mark).is_some_and(|(is_sensitive, _)| !is_sensitive) {
        return Vec::new();
    }
    let mut reasons: Vec<String> = suggestion::by_name(space.name).into_iter().collect();
    for group in space.sources.chunk_by(|a, b| a.head == b.head) {
        let Some(head) = group.first().map(|source| &source.head) else { continue };
        let of = suggestion::of_workload(context.cluster, group);
        reasons
            .extend(of.into_iter().map(|reason| format!("{} {}: {reason}", head.kind, head.name)));
    }
    reasons
}

/// What a check weighs.
fn weight(severity: Severity) -> usize {
    match severity {
        Severity::Low => 1,
        Severity::Medium => 2,
        Severity::High => 4,
        Severity::Critical => 8,
    }
}

fn score(findings: &[&Finding]) -> Option<Score> {
    let of = |verdict: Verdict| -> usize {
        findings.iter().filter(|f| f.verdict == verdict).map(|f| weight(f.severity)).sum()
    };
    let (pass, fail, unknown) = (of(Verdict::Pass), of(Verdict::Fail), of(Verdict::Unknown));
    let all = pass + fail + unknown;
    let share = |part: usize| u8::try_from((part * 100).checked_div(all)?).ok();
    Some(Score { least: share(pass)?, most: share(pass + unknown)? })
}

#[cfg(test)]
mod tests {
    use kuberlock_model::ObjectKey;

    use super::*;

    fn finding(severity: Severity, verdict: Verdict) -> Finding {
        Finding {
            check: "a",
            subject: Subject::Object(ObjectKey::new(Kind::Namespace, None, "shop")),
            severity,
            verdict,
            message: "m".into(),
            evidence: Vec::new(),
            remedy: None,
            waiver: None,
        }
    }

    #[test]
    fn unknown_is_never_counted_as_pass() {
        let all = [
            finding(Severity::High, Verdict::Pass),
            finding(Severity::Medium, Verdict::Fail),
            finding(Severity::Low, Verdict::Unknown),
            finding(Severity::Low, Verdict::Pass),
            finding(Severity::Critical, Verdict::NotApplicable),
            finding(Severity::Critical, Verdict::Accepted),
        ];
        let all: Vec<&Finding> = all.iter().collect();
        // 5 of 8, and 6 of 8.
        assert_eq!(score(&all), Some(Score { least: 62, most: 75 }));
        assert_eq!(score(&[]), None);
    }
}
