//! Policies right and wrong, created on a real API server without being kept, and judged by us:
//! both take the same, and name the same fields of what they do not take.
//!
//! The definitions of the tiered kinds come from the Go module that publishes them, in both of its
//! channels.
#![expect(
    clippy::print_stdout,
    reason = "a test without libtest's harness is not seen as a test by clippy"
)]

mod corpus;
mod definitions;
mod mutate;
mod verdict;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Instant;

use kuberlock_conformance::{Chance, Inside, Outcome, Shared, prove, small};
use kuberlock_model::coverage::Notice;
use kuberlock_model::{Cluster as Model, Origin};
use kuberlock_source::Record;
use kuberlock_source::convert::Converter;
use kuberlock_source::validate::{Channel, faults};
use kuberlock_testbed::{Binaries, Cluster};
use libtest_mimic::{Arguments, Failed};
use serde_json::Value;

use corpus::{Case, KINDS};
use verdict::{Verdict, unknown_fields};

const INSIDE: &str = env!("CARGO_BIN_EXE_inside");

/// What the server takes, and nobody can give a meaning to: a range of ports that falls, a protocol
/// or an operator of a selector that does not exist. We say that it was not read.
const MEANINGLESS: [&str; 3] =
    ["has a range of ports from", "which no policy knows", "with the unknown operator"];

static SHARED: Shared = Shared::new(small);

fn main() -> ExitCode {
    let binaries = Binaries::locate();
    let name = "policies_are_refused_as_the_api_server_does";
    let trial = SHARED.trial(name, &binaries, policies);
    let conclusion = libtest_mimic::run(&Arguments::from_args(), vec![trial]);
    SHARED.end();
    conclusion.exit_code()
}

fn policies(cluster: &Cluster) -> Outcome {
    let (mut chance, seed) = Chance::seeded();
    let admin = Inside::administrator(cluster, INSIDE);
    let written = corpus::cases()?;
    let count = if prove() { 3_000 } else { 300 };
    let broken = mutate::broken(&written, count, &mut chance);
    println!("seed {seed}: {} policies written down, {count} broken at random", written.len());
    let mut wrong = Vec::new();
    for channel in [Channel::Standard, Channel::Experimental] {
        definitions::install(cluster, &admin, channel)?;
        for (what, cases) in [("written", &written), ("broken", &broken)] {
            let started = Instant::now();
            let tally = compare(&admin, cases, channel, &mut wrong)?;
            println!("{channel:?}, {what}: {tally} in {:.1?}", started.elapsed());
        }
    }
    // What was taken, once more, by a server that names every field that it drops.
    let all: Vec<&Case> = written.iter().chain(&broken).collect();
    println!("{}", dropped(&admin, &all, &mut wrong)?);
    match wrong.first() {
        None => Ok(()),
        Some(_) => {
            let shown: Vec<&str> = wrong.iter().take(20).map(String::as_str).collect();
            Err(format!("{} differ, first\n{}", wrong.len(), shown.join("\n")).into())
        }
    }
}

/// Asks the server and ourselves, and tells how many were taken and how many were not.
fn compare(
    admin: &Inside<'_>,
    cases: &[Case],
    channel: Channel,
    wrong: &mut Vec<String>,
) -> Result<String, Failed> {
    let (mut taken, mut refused, mut differ) = (0, 0, 0);
    for kind in &KINDS {
        let cases: Vec<&Case> = cases.iter().filter(|case| case.kind == kind.name).collect();
        let answers = ask(admin, kind.path, "Warn", &cases)?;
        for (case, answer) in cases.iter().zip(&answers) {
            let theirs = Verdict::of(answer);
            let ours = faults(&case.object, channel);
            taken += usize::from(theirs == Verdict::Accepted);
            refused += usize::from(theirs != Verdict::Accepted);
            let as_written = case.accepted.is_none_or(|accepted| {
                channel == Channel::Standard || accepted == (theirs == Verdict::Accepted)
            });
            if !theirs.agrees(&ours) || !as_written {
                differ += 1;
                wrong.push(format!("{channel:?} {case}\n  ours {ours:?}\n  theirs {theirs:?}"));
            }
        }
    }
    // Neither all nor nothing: else the cases are no good.
    if taken * 10 < refused || refused * 10 < taken {
        return Err(format!("{taken} taken and {refused} refused is no fair mixture").into());
    }
    Ok(format!("{taken} taken and {refused} refused by the API server, {differ} differ"))
}

fn ask(
    admin: &Inside<'_>,
    path: &str,
    fields: &str,
    cases: &[&Case],
) -> Result<Vec<Value>, Failed> {
    let bodies: Vec<Value> = cases.iter().map(|case| case.object.clone()).collect();
    let path = format!("{path}?dryRun=All&fieldValidation={fields}");
    let answers = admin.try_post(&path, &bodies)?;
    if answers.len() != cases.len() {
        return Err(format!("{} questions and {} answers", cases.len(), answers.len()).into());
    }
    Ok(answers)
}

/// Compares the fields that are unknown, where the object is taken. All of these can be read.
fn dropped(admin: &Inside<'_>, cases: &[&Case], wrong: &mut Vec<String>) -> Result<String, Failed> {
    let (mut taken, mut some, mut meaningless) = (0, 0, 0);
    for kind in &KINDS {
        let of_kind = cases.iter().copied().filter(|case| case.kind == kind.name);
        let cases: Vec<&Case> =
            of_kind.filter(|case| faults(&case.object, Channel::Experimental).is_empty()).collect();
        let answers = ask(admin, kind.path, "Strict", &cases)?;
        for (case, answer) in cases.iter().zip(&answers) {
            let theirs = unknown_fields(answer);
            let mut model = Model::default();
            let mut converter = Converter::default();
            let origin = Origin::whole("case");
            let record = Record::Object { object: case.object.clone(), origin };
            converter.push(vec![record], &mut |change| model.apply(change));
            let ours = model.coverage().notices().filter_map(|(notice, _)| match notice {
                Notice::UnknownField { field, .. } => Some(field.clone()),
                _ => None,
            });
            let ours: BTreeSet<String> = ours.collect();
            let reasons = model.coverage().unread().iter().map(|unread| unread.reason.as_str());
            let reasons: Vec<&str> = reasons.collect();
            taken += 1;
            some += usize::from(!theirs.is_empty());
            meaningless += usize::from(!reasons.is_empty());
            let is_known = |reason: &&str| MEANINGLESS.iter().any(|known| reason.contains(known));
            if !reasons.iter().all(is_known) {
                wrong.push(format!("taken by the server alone: {case}\n  {reasons:?}"));
            } else if ours != theirs && reasons.is_empty() {
                wrong.push(format!("unknown of {case}\n  ours {ours:?}\n  theirs {theirs:?}"));
            }
        }
    }
    Ok(format!(
        "of {taken} taken {some} have unknown fields, the same for both; {meaningless} mean nothing"
    ))
}
