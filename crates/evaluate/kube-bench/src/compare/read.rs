//! What kube-bench says of a check: from our run of its files, or from what it wrote itself.

use serde::Deserialize;

use crate::Error;
use crate::benchmark::{Outcome, State};
use crate::controls::Check;

/// kube-bench's account of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theirs {
    /// Its number.
    pub id: String,
    /// Its title.
    pub text: String,
    /// The verdict.
    pub state: State,
    /// `manual`, `skip`, or nothing.
    pub kind: String,
    /// Whether it can fail.
    pub scored: bool,
    /// What is run: for the command line, the configuration, the environment.
    pub audits: [String; 3],
    /// What the audit printed.
    pub actual: String,
    /// What was expected of it.
    pub expected: String,
    /// Why, where the tests did not decide.
    pub reason: String,
}

impl Theirs {
    pub(super) fn of(check: &Check, outcome: &Outcome) -> Self {
        Self {
            id: check.id.clone(),
            text: check.text.trim().to_owned(),
            state: outcome.state,
            kind: check.kind.clone(),
            scored: check.scored,
            audits: [check.audit.clone(), check.audit_config.clone(), check.audit_env.clone()],
            actual: outcome.actual.clone(),
            expected: outcome.expected.clone(),
            reason: outcome.reason.clone(),
        }
    }
}

/// What `kube-bench --json` writes, with totals or, with `--nototals`, as a bare list.
#[derive(Deserialize)]
#[serde(untagged)]
enum Document {
    Whole {
        #[serde(rename = "Controls")]
        controls: Vec<Controls>,
    },
    Bare(Vec<Controls>),
}

#[derive(Deserialize)]
struct Controls {
    #[serde(default)]
    version: String,
    /// `null` where nothing was run.
    #[serde(default)]
    tests: Option<Vec<Group>>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    results: Option<Vec<Written>>,
}

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Written {
    test_number: String,
    test_desc: String,
    audit: String,
    #[serde(rename = "AuditEnv")]
    audit_env: String,
    #[serde(rename = "AuditConfig")]
    audit_config: String,
    #[serde(rename = "type")]
    kind: String,
    status: String,
    actual_value: String,
    scored: bool,
    expected_result: String,
    reason: String,
}

/// Reads what `kube-bench --json` wrote to `file`: the benchmark's name, and each check.
///
/// # Errors
/// Where it is no such document, or a status is none of kube-bench's.
pub fn read(file: &str, text: &str) -> Result<(String, Vec<Theirs>), Error> {
    let wrong = |reason: String| Error::Syntax { file: file.to_owned(), reason };
    let document: Document = serde_json::from_str(text)
        .map_err(|error| wrong(format!("it is not what `kube-bench --json` writes: {error}")))?;
    let controls = match document {
        Document::Whole { controls } | Document::Bare(controls) => controls,
    };
    let version = controls.first().map(|first| first.version.clone()).unwrap_or_default();
    let groups = controls.into_iter().flat_map(|controls| controls.tests.unwrap_or_default());
    let checks = groups.flat_map(|group| group.results.unwrap_or_default());
    let read = checks.map(|written| {
        let states = [State::Pass, State::Fail, State::Warn, State::Info, State::NotRun];
        let state = states.into_iter().find(|state| state.word() == written.status);
        let state = state.ok_or_else(|| wrong(format!("`{}` is no status", written.status)))?;
        Ok(Theirs {
            id: written.test_number,
            text: written.test_desc.trim().to_owned(),
            state,
            kind: written.kind,
            scored: written.scored,
            audits: [written.audit, written.audit_config, written.audit_env],
            actual: written.actual_value,
            expected: written.expected_result,
            reason: written.reason,
        })
    });
    Ok((version, read.collect::<Result<_, _>>()?))
}
