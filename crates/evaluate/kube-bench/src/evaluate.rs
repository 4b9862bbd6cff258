//! One check: its audits are run, its tests made of what they print.

use std::collections::HashMap;

use crate::controls::{Check, Tests};
use crate::go;
use crate::item::{Documents, Source, Tested};
use crate::node::{Commands, Node};
use crate::shell::{self, Finished, Limits, NotRun};

/// What a check comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It passes.
    Pass,
    /// It fails.
    Fail,
    /// It is not scored and fails, or a person has to look.
    Warn,
    /// It is skipped.
    Info,
    /// It could not be run here; kube-bench knows no such state.
    NotRun,
}

impl State {
    /// As kube-bench writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Warn => "WARN",
            Self::Info => "INFO",
            Self::NotRun => "NOT RUN",
        }
    }
}

/// A check's verdict, and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The verdict.
    pub state: State,
    /// What the audit printed.
    pub actual: String,
    /// What was expected of it.
    pub expected: String,
    /// Why, where it was not decided by the tests.
    pub reason: String,
}

impl Outcome {
    fn told(state: State, reason: &str) -> Self {
        let (actual, expected) = (String::new(), String::new());
        Self { state, actual, expected, reason: reason.to_owned() }
    }
}

/// Something that runs what the small shell cannot: a real one, where the user allows it.
pub trait Fallback: Sync {
    /// Runs `script` on standard input of `/bin/sh`.
    fn run(&self, script: &str) -> Option<Finished>;
}

/// Nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoFallback;

impl Fallback for NoFallback {
    fn run(&self, _: &str) -> Option<Finished> {
        None
    }
}

/// Runs audits, each text once.
pub(crate) struct Audits<'a> {
    node: &'a dyn Node,
    commands: &'a dyn Commands,
    fallback: &'a dyn Fallback,
    done: HashMap<String, Result<Finished, NotRun>>,
    documents: Documents,
}

/// What keeps an audit's output from being tested.
enum Trouble {
    /// It failed; kube-bench's words.
    Failed(String),
    NotRun(NotRun),
}

impl<'a> Audits<'a> {
    pub(crate) fn new(
        node: &'a dyn Node,
        commands: &'a dyn Commands,
        fallback: &'a dyn Fallback,
    ) -> Self {
        Self { node, commands, fallback, done: HashMap::new(), documents: Documents::default() }
    }

    fn output(&mut self, audit: &str) -> Result<String, Trouble> {
        let audit = audit.trim();
        if audit.is_empty() {
            return Ok(String::new());
        }
        if !self.done.contains_key(audit) {
            let ran = shell::run(audit, self.node, self.commands, Limits::default());
            let ran = match ran {
                Err(not_run) => self.fallback.run(audit).ok_or(not_run),
                finished => finished,
            };
            self.done.insert(audit.to_owned(), ran);
        }
        match self.done.get(audit) {
            Some(Ok(finished)) => {
                let output = String::from_utf8_lossy(&finished.output).into_owned();
                if finished.status == 0 {
                    return Ok(output);
                }
                Err(Trouble::Failed(format!(
                    "failed to run: {}, output: {}, error: exit status {}",
                    go::quote(audit),
                    go::quote(&output),
                    finished.status
                )))
            }
            Some(Err(not_run)) => Err(Trouble::NotRun(not_run.clone())),
            None => Ok(String::new()),
        }
    }

    /// The check's verdict.
    pub(crate) fn evaluate(&mut self, check: &Check) -> Outcome {
        if check.scored && check.kind.trim().is_empty() && check.tests.is_none() {
            return Outcome::told(State::Warn, "There are no tests");
        }
        match check.kind.as_str() {
            "skip" => return Outcome::told(State::Info, "Test marked as skip"),
            "manual" => return Outcome::told(State::Warn, "Test marked as a manual test"),
            _ => {}
        }
        let unmet = if check.scored { State::Fail } else { State::Warn };
        let Some(tests) = check.tests.as_ref().filter(|tests| !tests.test_items.is_empty()) else {
            return Outcome::told(unmet, "No tests defined");
        };
        let outputs = match self.outputs(check) {
            Ok(outputs) => outputs,
            Err(Trouble::Failed(reason)) => return Outcome::told(unmet, &reason),
            Err(Trouble::NotRun(why)) => {
                return Outcome::told(State::NotRun, &format!("not run: {why}"));
            }
        };
        decide(check, tests, &outputs, unmet, &mut self.documents)
    }

    fn outputs(&mut self, check: &Check) -> Result<Outputs, Trouble> {
        let environment = self.output(&check.audit_env)?;
        let command = self.output(&check.audit)?;
        let config = match self.output(&check.audit_config) {
            Err(Trouble::Failed(reason))
                if (reason.contains("exit status 127")
                    || reason.contains("No such file or directory"))
                    && !(environment.is_empty() && command.is_empty()) =>
            {
                String::new()
            }
            other => other?,
        };
        Ok(Outputs { command, config, environment })
    }
}

struct Outputs {
    command: String,
    config: String,
    environment: String,
}

fn decide(
    check: &Check,
    tests: &Tests,
    outputs: &Outputs,
    unmet: State,
    documents: &mut Documents,
) -> Outcome {
    let mut all = Vec::new();
    for item in &tests.test_items {
        let mut test =
            |output: &str, source| item.test(output, source, check.use_multiple_values, documents);
        let tested = test(&outputs.command, Source::Command).and_then(|mut tested| {
            if !tested.found && !check.audit_config.is_empty() && !outputs.config.is_empty() {
                tested = test(&outputs.config, Source::Config)?;
            }
            if !tested.found && !item.env.is_empty() {
                tested = test(&outputs.environment, Source::Environment)?;
            }
            Ok(tested)
        });
        match tested {
            Ok(tested) => all.push(tested),
            Err(why) => return Outcome::told(State::NotRun, &format!("not run: {why}")),
        }
    }
    combine(tests, all, unmet)
}

fn combine(tests: &Tests, all: Vec<Tested>, unmet: State) -> Outcome {
    let (holds, join) = match tests.bin_op.as_str() {
        "" | "and" => (all.iter().all(|one| one.holds), " AND "),
        "or" => (all.iter().any(|one| one.holds), " OR "),
        other => {
            let reason = format!("unknown binary operator for tests {other}");
            let actual = format!("{reason}\n");
            return Outcome { state: unmet, actual, expected: String::new(), reason };
        }
    };
    let expected: Vec<&str> = all.iter().map(|one| one.expected.as_str()).collect();
    Outcome {
        state: if holds { State::Pass } else { unmet },
        expected: expected.join(join),
        actual: all.into_iter().next().map(|one| one.actual).unwrap_or_default(),
        reason: String::new(),
    }
}
