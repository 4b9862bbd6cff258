//! Each controller has rights of its own.
//!
//! # What
//! `--use-service-account-credentials` of kube-controller-manager, which is off unless it is set.
//!
//! # Why
//! Without it all controllers share the rights of all of them, and the audit log cannot tell which
//! one acted.
//!
//! # Remedy
//! Set `--use-service-account-credentials=true`; RBAC has the roles of the controllers since the
//! cluster was made.
//!
//! # What the remedy may break
//! Without RBAC, or where the roles `system:controller:*` were changed, controllers are refused
//! what they need.
//!
//! # References
//! - https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
//! - https://kubernetes.io/docs/reference/access-authn-authz/rbac/#controller-roles

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::check::{Check, Outcome, Question};
use crate::flag::{self, Said};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Component(ComponentKind::ControllerManager, evaluate),
};

const SAID: Said = Said {
    pass: "each controller signs in as itself",
    fail: "all controllers sign in as one user",
};

fn evaluate(controller_manager: &Running<'_>) -> Outcome {
    flag::boolean(controller_manager, "use-service-account-credentials", true, SAID)
}
