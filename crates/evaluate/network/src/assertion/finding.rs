//! Outcomes of assertions as findings, so that they are shown, borne and counted like all others.

use kuberlock_model::scan::CheckSummary;
use kuberlock_model::{Evidence, Finding, Origin, Remedy, Severity, Subject, Verdict};

use super::{Assertion, Outcome, Status};

/// The id of every finding that an assertion makes; its subject tells which.
const CHECK: &str = "network-test";

/// What a report tells of assertions as a check.
pub fn summary() -> CheckSummary {
    CheckSummary {
        id: CHECK,
        title: "An assertion about who may reach whom holds",
        severity: Severity::High,
        items: Vec::new(),
        packs: Vec::new(),
        what: "The assertions of a file, against the policies of the cluster. One fails where a \
               connection gets through that must not, or is kept back that must get through; it \
               is unknown where it means nobody, or where the API leaves the answer open.",
        why: "Policies say what is allowed, and nobody sees from them what must never be. An \
              assertion does, and goes on holding when policies change.",
        remedy: "Change the rule that the evidence names, or the assertion.",
        may_break: "Connections that the rule allows today.",
        references: &[],
    }
}

/// The finding of one outcome; `file` is the file of assertions, as the user named it.
pub fn finding(file: &str, test: &Assertion, outcome: &Outcome) -> Finding {
    let verdict = match outcome.status {
        Status::Met => Verdict::Pass,
        Status::NotMet => Verdict::Fail,
        Status::Unknown => Verdict::Unknown,
    };
    let mut message = outcome.message.clone();
    if let Some(example) = outcome.examples.first() {
        let connection = &example.connection;
        message = format!(
            "{message}: {} to {} on {} is {}",
            connection.from, connection.to, example.ports, example.verdict
        );
    }
    if let Some(reason) = &test.reason {
        message = format!("{message} (asserted because: {reason})");
    }
    let remedy = (verdict == Verdict::Fail).then(|| {
        let question = "is the policy wrong, or the assertion?".to_owned();
        Box::new(Remedy::Decision { question })
    });
    Finding {
        check: CHECK,
        subject: Subject::Entry { file: file.to_owned(), entry: test.name.clone() },
        severity: test.severity,
        verdict,
        message: message.into(),
        evidence: evidence(file, test, outcome),
        remedy,
        waiver: None,
    }
}

/// The assertion itself, then the rules behind the connections that are not as they must be.
fn evidence(file: &str, test: &Assertion, outcome: &Outcome) -> Vec<Evidence> {
    let expected = format!("expect: {}", test.expect.word());
    let mut all = vec![Evidence::field(expected, &Origin::whole(file), test.path.clone())];
    for example in &outcome.examples {
        let connection = &example.connection;
        for reason in &example.why {
            let Some((_, origin, path)) = reason.why.policy() else { continue };
            let said = format!("{} to {}: {reason}", connection.from, connection.to);
            let one = Evidence::field(said, origin, path);
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }
    all
}
