//! Tokens of deleted service accounts are refused.
//!
//! # What
//! `--service-account-lookup` of kube-apiserver, which is on unless it is set to false.
//!
//! # Why
//! Without the look-up a token is good as long as its signature is: deleting its Secret or its
//! account does not take it back.
//!
//! # Remedy
//! Set `--service-account-lookup=true`, or take the flag away.
//!
//! # What the remedy may break
//! Programs that go on with tokens of accounts that were deleted.
//!
//! # References
//! - https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::check::{Check, Outcome, Question};
use crate::flag::{self, Said};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

const SAID: Said = Said { pass: "tokens are looked up", fail: "tokens are not looked up" };

fn evaluate(api_server: &Running<'_>) -> Outcome {
    flag::boolean(api_server, "service-account-lookup", true, SAID)
}
