//! People come in by something that can be taken back.
//!
//! # What
//! The users and groups that bindings name, apart from Kubernetes' own and the administrators' group,
//! and the ways by which the API server takes people in: OpenID Connect (`--oidc-issuer-url`, the
//! issuers of `--authentication-config`) or a webhook (`--authentication-token-webhook-config-file`).
//! It fails where there are such people and no such way: client certificates are then all that is
//! left.
//!
//! # Why
//! A client certificate cannot be revoked: who leaves, or loses it, keeps every right until it
//! expires.
//!
//! # Remedy
//! Set up an issuer that your people log in at, bind roles to its groups, and keep the
//! administrators' certificate for the day on which it is down.
//!
//! # What the remedy may break
//! The kubeconfig files in use, if the roles of their users are taken away before these log in by the
//! new way.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens
//! - https://kubernetes.io/docs/concepts/security/hardening-guide/authentication-mechanisms/

use std::collections::BTreeMap;

use kuberlock_model::component::ComponentKind;
use kuberlock_model::configuration::Configuration;
use kuberlock_model::rbac::Principal;
use kuberlock_model::{Evidence, FieldPath, Kind, ObjectKey, Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

/// Flags each of which names a way for people.
const WAYS: [&str; 2] = ["oidc-issuer-url", "authentication-token-webhook-config-file"];
const FILE: &str = "authentication-config";

fn evaluate(api_server: &Running<'_>) -> Outcome {
    let coverage = api_server.context.cluster.coverage();
    for kind in [Kind::ClusterRoleBinding, Kind::RoleBinding] {
        if !coverage.kind(kind).is_whole() {
            let what = kind.names().resource;
            return Outcome::unknown(format!("{what} not seen in whole: {}", coverage.kind(kind)));
        }
    }
    let people = people(api_server.context);
    if people.is_empty() {
        return Outcome::pass("no binding names a user or a group but Kubernetes' own");
    }
    let ways = WAYS.map(|way| api_server.flag(way));
    if let Some(way) = ways.iter().find(|way| way.is_given()) {
        return Outcome::pass("there is another way for people").with(way.evidence.clone());
    }
    let file = api_server.flag(FILE);
    if file.is_given() {
        return by_file(api_server, file.value.as_deref().unwrap_or_default(), people)
            .with(file.evidence);
    }
    let absent = ways.into_iter().map(|way| way.evidence).chain([file.evidence]);
    fail(people).with_all(absent)
}

fn by_file(api_server: &Running<'_>, path: &str, people: Vec<Evidence>) -> Outcome {
    match api_server.configuration(path).map(|read| &read.configuration) {
        Some(Configuration::Authentication(read)) if !read.issuers.is_empty() => {
            Outcome::pass(format!("people log in at {}", read.issuers.join(", ")))
        }
        Some(Configuration::Authentication(_)) => fail(people),
        _ => Outcome::unknown(format!("`{path}`, which may name issuers, was not read")),
    }
}

fn fail(people: Vec<Evidence>) -> Outcome {
    let question = "where can your people log in? Give the API server that issuer by \
                    --authentication-config";
    let remedy = Remedy::Decision { question: question.to_owned() };
    Outcome::fail("people have no way in but client certificates", remedy).with_all(people)
}

/// The people whom bindings name, each once.
fn people(context: &Context<'_>) -> Vec<Evidence> {
    let mut people: BTreeMap<&Principal, Evidence> = BTreeMap::new();
    for binding in context.cluster.bindings() {
        let namespace = binding.metadata.namespace.as_deref();
        let key = ObjectKey::new(binding.kind(), namespace, &binding.metadata.name);
        for (at, principal) in binding.subjects.iter().enumerate() {
            if is_person(principal) {
                let said = format!("{key} names {principal}");
                let field = FieldPath::of("subjects").index(at);
                let evidence = Evidence::field(said, &binding.metadata.origin, field);
                people.entry(principal).or_insert(evidence);
            }
        }
    }
    people.into_values().collect()
}

/// Whether it may be a person: not a part of the cluster, nor the administrators' group, whose
/// certificate is for the day when all else is down.
fn is_person(principal: &Principal) -> bool {
    let name = match principal {
        Principal::User { name } | Principal::Group { name } => name,
        Principal::ServiceAccount { .. } => return false,
    };
    let parts = ["kube-apiserver", "kube-apiserver-kubelet-client"];
    !name.starts_with("system:") && !name.starts_with("kubeadm:") && !parts.contains(&name.as_str())
}
