//! Few may read secrets beyond a namespace.
//!
//! # What
//! Everybody whom bindings let get, list or watch secrets; `list` and `watch` give the contents as
//! `get` does. It fails where that holds in the whole cluster. Within one namespace it passes, unless
//! that is `kube-system` or everybody holds it (`system:authenticated`, `system:serviceaccounts`,
//! anonymous users). A rule that names the secrets (`resourceNames`) is not meant. The grants that
//! Kubernetes and its installers make for their own parts are left out. A role that was not seen
//! leaves the question open.
//!
//! # Why
//! Among the secrets of a cluster are tokens that may do everything, and the keys to what lies
//! outside of it: who reads all of them needs nothing else.
//!
//! # Remedy
//! Bind a role in the namespaces where it is needed, with the secrets named where they are known.
//!
//! # What the remedy may break
//! Operators that read the secrets of many namespaces: certificate managers, ingress controllers,
//! backups. Their manuals tell which rights suffice.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#secrets

use kuberlock_access::Action;
use kuberlock_model::{Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::power::{self, Power};

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Objects { needs: &power::ROLES, about: &[], ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let actions = ["get", "list", "watch"].map(|verb| Action::resource(verb, "", "secrets"));
    let actions = actions.to_vec();
    power::judge(
        context,
        &Power {
            does: "read secrets",
            within: actions,
            whole: Vec::new(),
            granted_by: &power::TENANTS,
            question: "which secrets, in which namespaces, does it read? Bind a role there that names them",
        },
    )
}
