//! Random roles and bindings on a real API server, random reviews asked of it and of us.
#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test without libtest's harness is not seen as a test by clippy"
)]

mod objects;
mod questions;

use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, Instant};

use kuberlock_access::{Access, Request};
use kuberlock_conformance::{Chance, Inside, Outcome, Shared, from_line, prove, small};
use kuberlock_model::{Change, Cluster as Model};
use kuberlock_source::convert::Converter;
use kuberlock_testbed::{Binaries, Cluster};
use libtest_mimic::{Arguments, Failed};
use serde_json::{Value, json};

const REVIEWS: &str = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
const INSIDE: &str = env!("CARGO_BIN_EXE_inside");

static SHARED: Shared = Shared::new(small);

fn main() -> ExitCode {
    let binaries = Binaries::locate();
    let trial = SHARED.trial("reviews_are_answered_as_the_api_server_does", &binaries, reviews);
    let conclusion = libtest_mimic::run(&Arguments::from_args(), vec![trial]);
    SHARED.end();
    conclusion.exit_code()
}

fn reviews(cluster: &Cluster) -> Outcome {
    let (mut chance, seed) = Chance::seeded();
    let admin = Inside::administrator(cluster, INSIDE);
    for (path, bodies) in objects::random(&mut chance) {
        admin.post(&path, &bodies)?;
    }
    // It would hide that `system:masters`, ourselves among them, needs no binding.
    cluster.kubectl(&["delete", "clusterrolebinding", "cluster-admin"])?;
    let lines = settled(&admin)?;
    let listed = model(&lines);
    let as_in_files = model(&lines.iter().map(unaggregated).collect::<Vec<_>>());
    let count = if prove() { 10_000 } else { 500 };
    let requests = questions::random(&mut chance, &listed, count);
    let bodies: Vec<Value> = requests.iter().map(questions::review).collect();
    let started = Instant::now();
    let answers = admin.post(REVIEWS, &bodies)?;
    println!(
        "seed {seed}: {count} reviews answered by the API server in {:.1?}",
        started.elapsed()
    );
    compare("objects as listed", &Access::new(&listed), &requests, &answers)?;
    compare("aggregated roles without rules", &Access::new(&as_in_files), &requests, &answers)
}

fn compare(what: &str, access: &Access<'_>, requests: &[Request], answers: &[Value]) -> Outcome {
    let mut allowed = 0;
    let mut different = Vec::new();
    for (request, answer) in requests.iter().zip(answers) {
        let theirs = answer.pointer("/status/allowed") == Some(&Value::Bool(true));
        let ours = access.evaluate(request);
        allowed += usize::from(theirs);
        if ours.allowed != theirs {
            different.push(format!("{request:?}\n  ours {ours:?}\n  theirs {}", answer["status"]));
        }
    }
    let count = requests.len();
    println!("{what}: {allowed} of {count} allowed, {} answered differently", different.len());
    // Neither all nor nothing: else the questions are no good.
    if allowed * 10 < count || allowed * 10 > count * 9 {
        return Err(format!("{allowed} of {count} allowed is no fair mixture").into());
    }
    match different.first() {
        None if answers.len() == count => Ok(()),
        None => Err(format!("{count} questions and {} answers", answers.len()).into()),
        Some(first) => Err(format!("{what}: {} differ, first {first}", different.len()).into()),
    }
}

/// The objects, once the controller has aggregated what it will.
fn settled(admin: &Inside<'_>) -> Result<Vec<Value>, Failed> {
    let until = Instant::now() + Duration::from_secs(60);
    let mut before = Vec::new();
    while Instant::now() < until {
        sleep(Duration::from_secs(2));
        let lines = admin.read(&[])?;
        let rules: Vec<Vec<String>> = lines.iter().map(rules_of).collect();
        if rules == before {
            return Ok(lines);
        }
        before = rules;
    }
    Err("the roles do not settle".into())
}

/// The rules of a role in any order: roles that select each other pass them round for ever.
fn rules_of(line: &Value) -> Vec<String> {
    let rules = line.pointer("/object/rules").and_then(Value::as_array);
    let mut rules: Vec<String> = rules.into_iter().flatten().map(Value::to_string).collect();
    rules.sort();
    rules
}

/// A cluster role as it is in a file, before the controller has filled it.
fn unaggregated(line: &Value) -> Value {
    let mut line = line.clone();
    if line.pointer("/object/aggregationRule").is_some_and(|rule| !rule.is_null()) {
        line["object"]["rules"] = json!([]);
    }
    line
}

fn model(lines: &[Value]) -> Model {
    let mut model = Model::default();
    let mut converter = Converter::default();
    let mut apply = |change: Change| model.apply(change);
    converter.push(lines.iter().filter_map(from_line).collect(), &mut apply);
    converter.finish(&mut apply);
    model
}
