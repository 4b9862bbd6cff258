//! The API server writes an audit log.
//!
//! # What
//! `--audit-log-path` of kube-apiserver. It fails where the flag names no file (`-` is standard
//! output, and counts as one). Whether a policy records anything is asked by `audit-policy`.
//!
//! # Why
//! Without an audit log nobody can tell afterwards who did what: an incident ends in guesses.
//!
//! # Remedy
//! Write a policy, name it by `--audit-policy-file`, name a file by `--audit-log-path`, and mount
//! both into the API server.
//!
//! # What the remedy may break
//! A path that is not mounted lies in the container and is gone with it; a path that cannot be
//! written stops the API server. A policy that records every request body needs disk and memory:
//! begin with metadata.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/

use kuberlock_model::component::ComponentKind;
use kuberlock_model::{Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::flag;
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    if let Some(outcome) = flag::missing(api_server, "audit-log-path") {
        return outcome;
    }
    let setting = api_server.flag("audit-log-path");
    let outcome = if setting.is_given() {
        Outcome::pass("an audit log is written")
    } else {
        Outcome::fail("no audit log is written", remedy(api_server))
    };
    outcome.with(setting.evidence)
}

fn remedy(api_server: &Running<'_>) -> Remedy {
    let webhook = api_server.flag("audit-webhook-config-file");
    let question = if webhook.is_given() {
        "events go to a webhook only: which file should keep them while it is away?"
    } else {
        "what should be recorded, where should it be kept, and who reads it? A policy \
         (--audit-policy-file), a file (--audit-log-path) and mounts for both are needed"
    };
    Remedy::Decision { question: question.to_owned() }
}
