//! Nobody but the administrators may do everything.
//!
//! # What
//! Every user, group and service account that a cluster role binding names. It fails where the
//! rules that are bound to it, taken together, allow every verb on every resource of every group,
//! whatever the role is called. The groups `system:masters` and `kubeadm:cluster-admins` are the
//! administrators.
//!
//! # Why
//! Such a principal can read every secret, run anything on every node and give itself any identity.
//! A leaked token of it is the cluster lost; and a role with another name than `cluster-admin`
//! grants the same.
//!
//! # Remedy
//! Find out what it really does (the audit log tells), give it a role with just that, and remove the
//! binding.
//!
//! # What the remedy may break
//! Whatever it does with rights that the smaller role does not have: installers and continuous
//! deployment most of all.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
//! - https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles

use std::collections::BTreeMap;

use kuberlock_access::{Grant, canonical};
use kuberlock_model::rbac::Principal;
use kuberlock_model::{Evidence, FieldPath, Kind, Remedy, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::context::Context;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Critical,
    question: Question::Objects {
        needs: &[Kind::ClusterRole, Kind::ClusterRoleBinding],
        about: &[],
        ask: evaluate,
    },
};

const ADMINISTRATORS: [&str; 2] = ["system:masters", "kubeadm:cluster-admins"];

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let mut grants: BTreeMap<Principal, Vec<Grant>> = BTreeMap::new();
    for principal in bound_to_cluster_roles(context) {
        grants.entry(principal).or_default();
    }
    for (principal, grant) in context.access().everything() {
        grants.entry(principal).or_default().push(grant);
    }
    let subject = |principal: Principal| Subject::Principal { principal };
    grants
        .into_iter()
        .map(|(principal, grants)| {
            let outcome = judge(context, &principal, &grants);
            (subject(principal), outcome)
        })
        .collect()
}

fn bound_to_cluster_roles(context: &Context<'_>) -> Vec<Principal> {
    let bindings = context.cluster.bindings().filter(|b| b.kind() == Kind::ClusterRoleBinding);
    bindings.flat_map(|binding| binding.subjects.iter().map(canonical)).collect()
}

fn judge(context: &Context<'_>, principal: &Principal, grants: &[Grant]) -> Outcome {
    if grants.is_empty() {
        return Outcome::pass("it may not do everything");
    }
    let evidence = grants.iter().filter_map(|grant| {
        let origin = &context.cluster.get(&grant.binding)?.metadata().origin;
        let said = format!("{} grants {}", grant.binding, grant.role);
        Some(Evidence::field(said, origin, FieldPath::of("roleRef")))
    });
    let evidence: Vec<Evidence> = evidence.collect();
    if is_administrators(principal) {
        return Outcome::pass("it is the administrators' group").with_all(evidence);
    }
    let question = format!(
        "what does {principal} really do? Bind it to a role with just that and remove {}",
        grants.iter().map(|grant| grant.binding.to_string()).collect::<Vec<_>>().join(", ")
    );
    Outcome::fail("it may do everything", Remedy::Decision { question }).with_all(evidence)
}

fn is_administrators(principal: &Principal) -> bool {
    matches!(principal, Principal::Group { name } if ADMINISTRATORS.contains(&name.as_str()))
}
