//! Tokens of pods end when they say they do.
//!
//! # What
//! `--service-account-extend-token-expiration` of kube-apiserver, which is on unless it is set to
//! false.
//!
//! # Why
//! A token that is mounted into a pod is asked for an hour; with the extension the API server makes
//! it good for a year, so that a stolen one is too.
//!
//! # Remedy
//! Set `--service-account-extend-token-expiration=false` after making sure that no workload goes on
//! with an old token.
//!
//! # What the remedy may break
//! Programs that read their token once and never again (client libraries of before 2021): they are
//! refused after an hour. The metric `serviceaccount_stale_tokens_total` and the audit annotation
//! `authentication.k8s.io/stale-token` name them.
//!
//! # References
//! - https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
//! - KEP-1205

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::check::{Check, Outcome, Question};
use crate::flag::{self, Said};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

const SAID: Said = Said {
    pass: "tokens are not extended",
    fail: "tokens that are mounted into pods are good for a year",
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    flag::boolean(api_server, "service-account-extend-token-expiration", false, SAID)
}
