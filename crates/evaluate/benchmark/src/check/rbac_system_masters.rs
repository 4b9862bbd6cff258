//! No binding names the group system:masters.
//!
//! # What
//! Every binding but the API server's own `cluster-admin`. It fails where one names the group
//! `system:masters`.
//!
//! # Why
//! The API server lets that group do everything whatever the roles say: a binding for it grants
//! nothing, and shows that somebody works as a member of it, which no later change of roles can
//! limit.
//!
//! # Remedy
//! Give its members a group of their own, bind that, and remove the binding.
//!
//! # What the remedy may break
//! Nothing: the group may do everything with or without it.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#kubernetes-rbac-privilege-escalation-risks

use kuberlock_model::rbac::Principal;
use kuberlock_model::{Evidence, FieldPath, Kind, ObjectKey, Remedy, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::context::Context;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Objects {
        needs: &[],
        about: &[Kind::ClusterRoleBinding, Kind::RoleBinding],
        ask: evaluate,
    },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let bindings: Vec<_> = context.cluster.bindings().collect();
    let mut found = Vec::new();
    for binding in &bindings {
        let namespace = binding.metadata.namespace.as_deref();
        let key = ObjectKey::new(binding.kind(), namespace, &binding.metadata.name);
        if key.kind == Kind::ClusterRoleBinding && key.name == "cluster-admin" {
            continue;
        }
        let subjects = binding.subjects.iter().enumerate();
        let named = subjects.filter(|(_, of)| is_masters(of)).map(|(at, of)| {
            let field = FieldPath::of("subjects").index(at);
            Evidence::field(of.to_string(), &binding.metadata.origin, field)
        });
        let named: Vec<Evidence> = named.collect();
        if !named.is_empty() {
            let question = "who are its members? Give them a group of their own and bind that";
            let remedy = Remedy::Decision { question: question.to_owned() };
            let outcome = Outcome::fail("it names the group system:masters", remedy);
            found.push((Subject::Object(key), outcome.with_all(named)));
        }
    }
    if found.is_empty() && !bindings.is_empty() {
        found.push((Subject::Cluster, Outcome::pass("no binding names the group")));
    }
    found
}

fn is_masters(principal: &Principal) -> bool {
    matches!(principal, Principal::Group { name } if name == "system:masters")
}
