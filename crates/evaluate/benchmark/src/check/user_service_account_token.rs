//! People do not use the tokens of service accounts.
//!
//! # What
//! The service accounts that a role is bound to and that no workload runs as. It fails where such an
//! account has a lasting token, a Secret of type `kubernetes.io/service-account-token`: whoever holds
//! it works from outside. Without such a Secret it passes; where Secrets were not looked at, it stays
//! open.
//!
//! # Why
//! Such a token never expires, tells in no log who used it, and is copied from machine to machine.
//!
//! # Remedy
//! Give people a login of their own, and programs outside of the cluster short-lived tokens
//! (TokenRequest, or an identity of their own platform); then delete the Secret.
//!
//! # What the remedy may break
//! Whatever holds the token: continuous deployment and monitoring outside of the cluster most of all.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/service-accounts/
//! - https://kubernetes.io/docs/concepts/security/hardening-guide/authentication-mechanisms/

use std::collections::{BTreeMap, BTreeSet};

use kuberlock_access::canonical;
use kuberlock_model::object::Secret;
use kuberlock_model::rbac::{Principal, RoleRef};
use kuberlock_model::{Evidence, FieldPath, Kind, ObjectKey, Remedy, Severity, Subject};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::installed;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Objects {
        needs: &[Kind::ClusterRoleBinding, Kind::RoleBinding],
        about: &PODS,
        ask: evaluate,
    },
};

/// Namespace and name of an account.
type Account = (String, String);

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    if context.cluster.bindings().next().is_none() {
        return Vec::new();
    }
    let mut idle = bound(context);
    for source in context.pod_sources() {
        let namespace = source.metadata.namespace.clone().unwrap_or_default();
        idle.remove(&(namespace, source.spec.service_account.clone()));
    }
    if idle.is_empty() {
        let message = "every account that a role is bound to is a workload's";
        return vec![(Subject::Cluster, Outcome::pass(message))];
    }
    let tokens = tokens(context);
    // Manifests seldom hold a Secret: where there is none among them, none was looked for.
    let all_seen = context.cluster.coverage().kind(Kind::Secret).is_whole()
        && context.cluster.secrets().next().is_some();
    idle.into_iter()
        .map(|(account, binding)| {
            let key = ObjectKey::new(Kind::ServiceAccount, Some(&account.0), &account.1);
            let outcome = match tokens.get(&account) {
                Some(secrets) => fail(secrets),
                None if all_seen => Outcome::pass("no workload runs as it, and it has no token"),
                None => {
                    let message = "no workload runs as it, and its tokens were not seen";
                    Outcome::unknown(message)
                }
            };
            (Subject::Object(key), outcome.with(binding))
        })
        .collect()
}

/// The accounts that somebody bound a role to, and the first binding of each.
fn bound(context: &Context<'_>) -> BTreeMap<Account, Evidence> {
    let mut bound = BTreeMap::new();
    for binding in context.cluster.bindings() {
        let namespace = binding.metadata.namespace.as_deref();
        let key = ObjectKey::new(binding.kind(), namespace, &binding.metadata.name);
        let role = match &binding.role {
            RoleRef::Role(name) => ObjectKey::new(Kind::Role, namespace, name),
            RoleRef::ClusterRole(name) => ObjectKey::new(Kind::ClusterRole, None, name),
        };
        for (at, subject) in binding.subjects.iter().enumerate() {
            let principal = canonical(subject);
            if installed::is_own(&principal, &key, &role) {
                continue;
            }
            if let Principal::ServiceAccount { namespace, name } = principal
                && !(namespace.is_empty() || is_part(&namespace, &key))
            {
                let field = FieldPath::of("subjects").index(at);
                let said = format!("{key} grants it {role}");
                let evidence = Evidence::field(said, &binding.metadata.origin, field);
                bound.entry((namespace, name)).or_insert(evidence);
            }
        }
    }
    bound
}

/// Whether the binding is one that Kubernetes makes for its controllers, which run in no pod.
fn is_part(namespace: &str, binding: &ObjectKey) -> bool {
    namespace == "kube-system" && binding.name.starts_with("system:")
}

/// The lasting tokens of each account.
fn tokens<'a>(context: &Context<'a>) -> BTreeMap<Account, BTreeSet<&'a str>> {
    let mut tokens: BTreeMap<Account, BTreeSet<&str>> = BTreeMap::new();
    let is_token = |secret: &&Secret| secret.secret_type == "kubernetes.io/service-account-token";
    for secret in context.cluster.secrets().filter(is_token) {
        let metadata = &secret.metadata;
        if let Some(account) = metadata.annotations.get("kubernetes.io/service-account.name") {
            let namespace = metadata.namespace.clone().unwrap_or_default();
            tokens.entry((namespace, account.clone())).or_default().insert(&metadata.name);
        }
    }
    tokens
}

fn fail(secrets: &BTreeSet<&str>) -> Outcome {
    let names: Vec<&str> = secrets.iter().copied().collect();
    let message =
        format!("no workload runs as it, and its token lasts for ever in {}", names.join(", "));
    let question = "who holds that token? Give them an identity of their own and delete the Secret";
    Outcome::fail(message, Remedy::Decision { question: question.to_owned() })
}
