//! Few may create pods beyond a namespace.
//!
//! # What
//! Everybody whom bindings let create pods, or what makes pods: deployments, stateful sets, daemon
//! sets, replica sets, replication controllers, jobs, cron jobs. It fails where that holds in the
//! whole cluster. Within one namespace it passes, unless that is `kube-system` or everybody holds it
//! (`system:authenticated`, `system:serviceaccounts`, anonymous users). The grants that Kubernetes
//! and its installers make for their own parts are left out. A role that was not seen leaves the
//! question open.
//!
//! # Why
//! Who makes a pod in a namespace reads its secrets and acts as any of its service accounts; in
//! `kube-system` that is the cluster, and where no standard is enforced it is the node as well.
//!
//! # Remedy
//! Bind a role in the namespaces where it is needed, and have these enforce a Pod Security Standard.
//!
//! # What the remedy may break
//! Operators and deployment tools that serve many namespaces: each needs a binding in every one of
//! them, also in those that come later.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#workload-creation

use kuberlock_access::Action;
use kuberlock_model::{Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::power::{self, Power};

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Objects { needs: &power::ROLES, about: &[], ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let made = [
        ("", "pods"),
        ("", "replicationcontrollers"),
        ("apps", "deployments"),
        ("apps", "statefulsets"),
        ("apps", "daemonsets"),
        ("apps", "replicasets"),
        ("batch", "jobs"),
        ("batch", "cronjobs"),
    ];
    let actions = made.map(|(group, of)| Action::resource("create", group, of)).to_vec();
    power::judge(
        context,
        &Power {
            does: "create pods",
            within: actions,
            whole: Vec::new(),
            granted_by: &power::TENANTS,
            question: "in which namespaces does it run pods? Bind its role there",
        },
    )
}
