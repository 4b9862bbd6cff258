//! No role of a namespace is bound to everybody.
//!
//! # What
//! The role bindings of each namespace, and the groups that they name. It fails where one names
//! `system:authenticated`, `system:unauthenticated`, `system:serviceaccounts` or the user
//! `system:anonymous`. Kubernetes' own namespaces are left out: what its installer shows to everybody
//! there is needed to join.
//!
//! # Why
//! Such a binding is for all tenants of the cluster, and for every pod of theirs: what it grants in
//! this namespace, nobody outside it has to be given.
//!
//! # Remedy
//! Bind the role to those who need it, by name or by a group of theirs.
//!
//! # What the remedy may break
//! Whoever uses the right without being named: the audit log tells who.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/rbac-good-practices/
//! - https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects

use kuberlock_model::rbac::{Binding, RoleRef};
use kuberlock_model::{Evidence, FieldPath, Kind, Object, Remedy, Severity, Subject};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::{namespace, power};

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Objects { needs: &[Kind::RoleBinding], about: &PODS, ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let bindings = namespace::by_namespace(context, Kind::RoleBinding);
    namespace::judge(context, |space| {
        let bindings = bindings.get(space.name).map_or(&[][..], Vec::as_slice).iter();
        let found: Vec<Evidence> = bindings
            .filter_map(|object| match object {
                Object::Binding(binding) => Some(binding),
                _ => None,
            })
            .flat_map(to_everybody)
            .collect();
        match found.len() {
            0 => Outcome::pass("nothing in it is granted to everybody"),
            count => {
                let message = match count {
                    1 => "a role is bound to everybody".to_owned(),
                    count => format!("{count} roles are bound to everybody"),
                };
                let question = "who needs the role? Bind it to those".to_owned();
                Outcome::fail(message, Remedy::Decision { question }).with_all(found)
            }
        }
    })
}

fn to_everybody(binding: &Binding) -> Vec<Evidence> {
    let (RoleRef::Role(role) | RoleRef::ClusterRole(role)) = &binding.role;
    let subjects = binding.subjects.iter().enumerate();
    let found =
        subjects.filter(|(_, subject)| power::is_everybody(subject)).map(|(at, subject)| {
            let said = format!("{} grants {role} to {subject}", binding.metadata.name);
            let field = FieldPath::of("subjects").index(at);
            Evidence::field(said, &binding.metadata.origin, field)
        });
    found.collect()
}
