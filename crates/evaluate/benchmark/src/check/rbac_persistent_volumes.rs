//! Few may create persistent volumes.
//!
//! # What
//! Everybody whom bindings let create persistent volumes. The grants that Kubernetes and its
//! installers make for their own parts are left out. A role that was not seen leaves the question
//! open.
//!
//! # Why
//! A persistent volume of type hostPath is any folder of any node, past every Pod Security Standard:
//! these judge a pod's own volumes, not what its claims lead to.
//!
//! # Remedy
//! Leave volumes to a provisioner, and take the right from everybody else; a claim is all that a
//! workload needs.
//!
//! # What the remedy may break
//! Storage provisioners that run in the cluster: their right is needed, and best accepted with a
//! waiver that names it.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#persistent-volume-creation

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
    let actions = vec![Action::resource("create", "", "persistentvolumes")];
    power::judge(
        context,
        &Power {
            does: "create persistent volumes",
            within: Vec::new(),
            whole: actions,
            granted_by: &[power::EVERYTHING],
            question: "is it a storage provisioner? Take the right away otherwise: claims are enough",
        },
    )
}
