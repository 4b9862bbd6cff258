//! No workload works as the default service account.
//!
//! # What
//! The service account `default` of each namespace. It fails where a role is bound to it, and where
//! a pod or a workload's template runs as it with its token mounted
//! (`automountServiceAccountToken` of the pod, else of the account, else true). Static pods have no
//! token and do not count.
//!
//! # Why
//! Every pod that names no account shares this one: what is granted to it for one workload is
//! granted to all, those of an attacker too, and the audit log cannot tell them apart.
//!
//! # Remedy
//! Give each workload that speaks to the API server an account of its own, with the rights it
//! needs; then set `automountServiceAccountToken: false` on the default account.
//!
//! # What the remedy may break
//! Pods that use the API server through the default account's token without anyone having noticed.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
//! - https://kubernetes.io/docs/concepts/security/rbac-good-practices/

use std::collections::BTreeMap;

use kuberlock_model::cluster::PodSource;
use kuberlock_model::object::ServiceAccount;
use kuberlock_model::rbac::Principal;
use kuberlock_model::{Evidence, FieldPath, Kind, ObjectKey, Remedy, Severity, Subject};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Objects {
        needs: &[Kind::ServiceAccount, Kind::RoleBinding, Kind::ClusterRoleBinding],
        about: &PODS,
        ask: evaluate,
    },
};

#[derive(Default)]
struct DefaultAccount<'a> {
    account: Option<&'a ServiceAccount>,
    users: BTreeMap<&'a ObjectKey, &'a PodSource<'a>>,
    grants: Vec<Evidence>,
}

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let mut namespaces: BTreeMap<&str, DefaultAccount<'_>> = BTreeMap::new();
    for account in context.cluster.service_accounts().filter(|a| a.metadata.name == "default") {
        let namespace = account.metadata.namespace.as_deref().unwrap_or_default();
        namespaces.entry(namespace).or_default().account = Some(account);
    }
    let as_default = |s: &&PodSource<'_>| !s.is_static && s.spec.service_account == "default";
    for source in context.pod_sources().iter().filter(as_default) {
        let namespace = source.metadata.namespace.as_deref().unwrap_or_default();
        let default = namespaces.entry(namespace).or_default();
        let of_account = default.account.and_then(|account| account.automount_token);
        if source.spec.automount_token.or(of_account).unwrap_or(true) {
            default.users.entry(&source.head).or_insert(source);
        }
    }
    for binding in context.cluster.bindings() {
        for (at, subject) in binding.subjects.iter().enumerate() {
            if let Principal::ServiceAccount { namespace, name } = subject
                && name == "default"
                && !namespace.is_empty()
            {
                let field = FieldPath::of("subjects").index(at);
                let said = format!("{} binds it", binding_name(binding));
                let evidence = Evidence::field(said, &binding.metadata.origin, field);
                namespaces.entry(namespace).or_default().grants.push(evidence);
            }
        }
    }
    namespaces.into_iter().map(|(namespace, default)| finding(namespace, default)).collect()
}

fn binding_name(binding: &kuberlock_model::rbac::Binding) -> ObjectKey {
    ObjectKey::new(binding.kind(), binding.metadata.namespace.as_deref(), &binding.metadata.name)
}

fn finding(namespace: &str, default: DefaultAccount<'_>) -> (Subject, Outcome) {
    let key = ObjectKey::new(Kind::ServiceAccount, Some(namespace), "default");
    let outcome = match (default.grants.len(), default.users.len()) {
        (0, 0) => Outcome::pass("no workload works as it and no role is bound to it"),
        (0, users) => {
            let remedy = Remedy::PatchObject {
                object: key.clone(),
                patch: serde_json::json!({ "automountServiceAccountToken": false }),
            };
            Outcome::fail(format!("{} with its token", workloads(users)), remedy)
        }
        (grants, users) => {
            let question = "which workload needs these rights? Give it an account of its own and \
                            bind the role to that";
            let message = match users {
                0 => bindings(grants),
                users => format!("{}, and {} with its token", bindings(grants), workloads(users)),
            };
            Outcome::fail(message, Remedy::Decision { question: question.to_owned() })
        }
    };
    let users = default.users.values().map(|source| {
        let said = format!("{} runs as it", source.head);
        // Where it is not written, the pod's own specification is the nearest field.
        let field = source.path.key("serviceAccountName");
        Evidence::field(said, &source.metadata.origin, field)
    });
    let users: Vec<_> = users.collect();
    (Subject::Object(key), outcome.with_all(default.grants).with_all(users))
}

fn workloads(count: usize) -> String {
    match count {
        1 => "one workload runs as it".to_owned(),
        count => format!("{count} workloads run as it"),
    }
}

fn bindings(count: usize) -> String {
    match count {
        1 => "a role is bound to it".to_owned(),
        count => format!("{count} roles are bound to it"),
    }
}
