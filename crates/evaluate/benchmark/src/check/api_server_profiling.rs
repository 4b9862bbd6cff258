//! The API server offers no profiling.
//!
//! # What
//! `--profiling` of kube-apiserver, which is on unless it is set to false.
//!
//! # Why
//! The profiling endpoints give goroutines, memory and timings to who may ask them, and let them
//! slow the program down.
//!
//! # Remedy
//! Set `--profiling=false`.
//!
//! # What the remedy may break
//! Nothing but the gathering of profiles.
//!
//! # References
//! - https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::check::{Check, Outcome, Question};
use crate::flag::{self, Said};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

const SAID: Said = Said { pass: "profiling is off", fail: "profiling is on" };

fn evaluate(api_server: &Running<'_>) -> Outcome {
    flag::boolean(api_server, "profiling", false, SAID)
}
