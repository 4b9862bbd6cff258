//! Findings as they are collected: one a policy, with all its fields at fault.

use std::collections::BTreeMap;

use kuberlock_model::{Evidence, FieldPath, Finding, ObjectKey, Origin, Remedy, Subject, Verdict};

use super::Lint;
use crate::reason::Why;

/// Rules that are named as the cause of one defect.
const CAUSES: usize = 3;

/// The findings of one lint.
pub(super) struct Report {
    lint: &'static Lint,
    found: BTreeMap<ObjectKey, (Vec<String>, Vec<Evidence>)>,
}

impl Report {
    pub(super) fn new(lint: &'static Lint) -> Self {
        Self { lint, found: BTreeMap::new() }
    }

    /// A defect of `subject`: `message` is a whole clause that needs nothing beside it.
    pub(super) fn add(
        &mut self,
        subject: &ObjectKey,
        message: impl Into<String>,
        evidence: impl IntoIterator<Item = Evidence>,
    ) {
        let (messages, held) = self.found.entry(subject.clone()).or_default();
        messages.push(message.into());
        held.extend(evidence);
    }

    pub(super) fn findings(self) -> Vec<Finding> {
        let lint = self.lint;
        let finding = |(subject, (messages, mut evidence)): (ObjectKey, (Vec<String>, _))| {
            tidy(&mut evidence);
            Finding {
                check: lint.id,
                subject: Subject::Object(subject),
                severity: lint.severity,
                verdict: Verdict::Fail,
                message: joined(&messages).into(),
                evidence,
                remedy: Some(Box::new(Remedy::Decision { question: lint.remedy.to_owned() })),
                waiver: None,
            }
        };
        self.found.into_iter().map(finding).collect()
    }
}

/// The first of them, and how many there are besides.
fn joined(messages: &[String]) -> String {
    match messages {
        [] => String::new(),
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first}; {} more such", rest.len()),
    }
}

/// Each piece once, in the order in which they came.
fn tidy(evidence: &mut Vec<Evidence>) {
    let mut held: Vec<Evidence> = Vec::with_capacity(evidence.len());
    for one in evidence.drain(..) {
        if !held.contains(&one) {
            held.push(one);
        }
    }
    *evidence = held;
}

/// The field of a policy that is at fault.
pub(super) fn at(value: impl Into<String>, origin: &Origin, path: FieldPath) -> Evidence {
    Evidence::field(value, origin, path)
}

/// The first few rules that are the cause of something.
pub(super) fn causes(all: &[Why]) -> Vec<Evidence> {
    let mut evidence: Vec<Evidence> = Vec::new();
    for why in all {
        let Some((_, origin, path)) = why.policy() else { continue };
        let one = Evidence::field(why.to_string(), origin, path);
        if !evidence.contains(&one) && evidence.len() < CAUSES {
            evidence.push(one);
        }
    }
    evidence
}
