//! No request to the API server is allowed unasked.
//!
//! # What
//! `--authorization-mode` of kube-apiserver, or the authorizers of the file that
//! `--authorization-config` names. It fails where AlwaysAllow is among them, and where none is
//! named, since the API server then allows everything.
//!
//! # Why
//! AlwaysAllow makes whoever can sign in, and where anonymous requests are taken everyone,
//! administrator of the cluster.
//!
//! # Remedy
//! Name the authorizers that are meant to decide, Node and RBAC at least, without AlwaysAllow.
//!
//! # What the remedy may break
//! Everything that has worked only because nothing was refused: give its accounts roles before the
//! change.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/authorization/

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::authorization;
use crate::check::{Check, Outcome, Question};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Critical,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    authorization::must_not_allow_all(api_server)
}
