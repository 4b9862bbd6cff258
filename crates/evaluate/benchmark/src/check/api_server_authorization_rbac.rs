//! What users may do is decided by roles.
//!
//! # What
//! `--authorization-mode` of kube-apiserver, or the authorizers of the file that
//! `--authorization-config` names. It fails where RBAC is not among them.
//!
//! # Why
//! RBAC is the one authorizer whose rules are objects of the cluster: they can be read, reviewed
//! and changed without a restart. Without it rights come from files on the node or from outside, or
//! there are none.
//!
//! # Remedy
//! Add RBAC to `--authorization-mode`, keeping what the list has; where a file decides, add an
//! authorizer of that type there, since the API server refuses to start with both.
//!
//! # What the remedy may break
//! Users and programs that have no role yet are refused what only another authorizer allowed; with
//! RBAC added beside it, nothing is taken away.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/rbac/
//! - KEP-3221

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::authorization;
use crate::check::{Check, Outcome, Question};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    authorization::must_ask(api_server, "RBAC")
}
