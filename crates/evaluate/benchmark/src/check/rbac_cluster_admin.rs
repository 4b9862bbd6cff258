//! Nobody but the administrators may do everything.
//!
//! # What
//! Every user, group and service account that a cluster role binding names. It fails where the
//! rules that are bound to it, taken together, allow every verb on every resource of every group,
//! whatever the role is called. The groups `system:masters` and `kubeadm:cluster-admins` are the
//! administrators. Manifests seldom hold the roles that every cluster has: `cluster-admin` is then
//! known for what it is, and a role of another name that no file holds leaves the question open.
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

use kuberlock_access::canonical;
use kuberlock_model::rbac::Principal;
use kuberlock_model::{Evidence, FieldPath, Kind, ObjectKey, Remedy, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::installed::{is_administrators, is_built_in};
use crate::power::{EVERYTHING, unseen_role};

pub(crate) static CHECK: Check = Check {
    severity: Severity::Critical,
    question: Question::Objects {
        needs: &[Kind::ClusterRole, Kind::ClusterRoleBinding],
        about: &[],
        ask: evaluate,
    },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let mut held: BTreeMap<Principal, Held> = BTreeMap::new();
    for (principal, grant) in context.access().everything() {
        let held = held.entry(principal).or_default();
        held.everything.push((grant.binding, grant.role));
    }
    let cluster_wide = context.cluster.bindings().filter(|b| b.kind() == Kind::ClusterRoleBinding);
    for binding in cluster_wide {
        let key = ObjectKey::new(Kind::ClusterRoleBinding, None, &binding.metadata.name);
        let unseen = unseen_role(context, binding);
        for principal in binding.subjects.iter().map(canonical) {
            let held = held.entry(principal).or_default();
            match &unseen {
                Some(role) if role.name == EVERYTHING => {
                    held.everything.push((key.clone(), role.clone()));
                }
                Some(role) if !is_built_in(&role.name) => held.unseen.push(role.clone()),
                _ => {}
            }
        }
    }
    held.into_iter()
        .map(|(principal, held)| {
            let outcome = judge(context, &principal, &held);
            (Subject::Principal { principal }, outcome)
        })
        .collect()
}

/// What cluster role bindings give to one principal.
#[derive(Debug, Default)]
struct Held {
    /// Bindings and roles that allow everything.
    everything: Vec<(ObjectKey, ObjectKey)>,
    /// Roles that are bound to it and were not seen.
    unseen: Vec<ObjectKey>,
}

fn judge(context: &Context<'_>, principal: &Principal, held: &Held) -> Outcome {
    let evidence = held.everything.iter().filter_map(|(binding, role)| {
        let origin = &context.cluster.get(binding)?.metadata().origin;
        let said = format!("{binding} grants {role}");
        Some(Evidence::field(said, origin, FieldPath::of("roleRef")))
    });
    let evidence: Vec<Evidence> = evidence.collect();
    if evidence.is_empty() {
        return match held.unseen.first() {
            Some(role) => Outcome::unknown(format!("what {role} allows was not seen")),
            None => Outcome::pass("it may not do everything"),
        };
    }
    if is_administrators(principal) {
        return Outcome::pass("it is the administrators' group").with_all(evidence);
    }
    let bindings: Vec<String> = held.everything.iter().map(|(b, _)| b.to_string()).collect();
    let question = format!(
        "what does {principal} really do? Bind it to a role with just that and remove {}",
        bindings.join(", ")
    );
    Outcome::fail("it may do everything", Remedy::Decision { question }).with_all(evidence)
}
