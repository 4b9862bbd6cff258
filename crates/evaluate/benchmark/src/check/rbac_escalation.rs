//! Few may give rights that they do not have.
//!
//! # What
//! Everybody whom bindings let `bind` or `escalate` roles, or `impersonate` users, groups or service
//! accounts. It fails where that holds in the whole cluster, whoever is named; and where `bind` is
//! limited to names among which is `cluster-admin`, or `impersonate` to those among which are
//! `system:masters` or `kubeadm:cluster-admins`. Within one namespace it passes, unless that is
//! `kube-system` or everybody holds it (`system:authenticated`, `system:serviceaccounts`, anonymous
//! users). Limited to other names it is not meant. The grants that Kubernetes and its installers make
//! for their own parts are left out. A role that was not seen leaves the question open.
//!
//! # Why
//! These verbs are the way around the rule that nobody may grant more than they hold: each of them is
//! the same as holding everything that can be granted, or everybody who can be impersonated.
//!
//! # Remedy
//! Name the roles that may be bound, or the identities that may be taken on, by `resourceNames`.
//!
//! # What the remedy may break
//! Operators that make roles for tenants; dashboards and proxies that act in their users' names. Both
//! can mostly name what they need.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#escalate-verb
//! - https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/

use kuberlock_access::Action;
use kuberlock_model::{Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::power::{self, Power};

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Objects { needs: &power::ROLES, about: &[], ask: evaluate },
};

const RBAC: &str = "rbac.authorization.k8s.io";

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let impersonate = |of: &str| Action::resource("impersonate", "", of);
    let on_roles =
        |verb: &'static str| ["roles", "clusterroles"].map(|of| Action::resource(verb, RBAC, of));
    let within = ["bind", "escalate"].into_iter().flat_map(on_roles).chain([
        Action::resource("bind", RBAC, "clusterroles").named(power::EVERYTHING),
        impersonate("serviceaccounts"),
    ]);
    let whole = vec![
        impersonate("users"),
        impersonate("groups"),
        impersonate("groups").named("system:masters"),
        impersonate("groups").named("kubeadm:cluster-admins"),
    ];
    power::judge(
        context,
        &Power {
            does: "give itself or others more rights",
            within: within.collect(),
            whole,
            granted_by: &power::TENANTS,
            question: "which roles does it bind, or in whose name does it act? Name them in resourceNames",
        },
    )
}
