//! Few may make tokens of service accounts beyond a namespace.
//!
//! # What
//! Everybody whom bindings let create the subresource `token` of service accounts. It fails where
//! that holds in the whole cluster. Within one namespace it passes, unless that is `kube-system` or
//! everybody holds it (`system:authenticated`, `system:serviceaccounts`, anonymous users). Limited to
//! accounts by name it is not meant. The grants that Kubernetes and its installers make for their own
//! parts are left out. A role that was not seen leaves the question open.
//!
//! # Why
//! A token is the account: who makes tokens in `kube-system` acts as every controller, and is the
//! cluster.
//!
//! # Remedy
//! Bind a role in the namespaces where it is needed, with the accounts named.
//!
//! # What the remedy may break
//! Vaults, and whatever hands tokens to programs outside of the cluster.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#token-request

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
    let actions = vec![Action::resource("create", "", "serviceaccounts/token")];
    power::judge(
        context,
        &Power {
            does: "make tokens of service accounts",
            within: actions,
            whole: Vec::new(),
            granted_by: &power::TENANTS,
            question: "whose tokens does it hand out? Name these accounts in a role of their namespace",
        },
    )
}
