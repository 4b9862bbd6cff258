//! Bootstrap tokens let nodes join, and nothing else.
//!
//! # What
//! `--enable-bootstrap-token-auth` of kube-apiserver, and the bindings that name the groups
//! `system:bootstrappers…` or a token's own user. It fails where the tokens are taken and such a
//! binding grants another role than those by which a node joins.
//!
//! # Why
//! A bootstrap token stands in scripts and in the logs of installers, and is shared by all machines
//! that join: whoever finds it has what its groups have.
//!
//! # Remedy
//! Remove the binding; people and programs need an identity of their own.
//!
//! # What the remedy may break
//! Installers that fetch more by the token than a node needs.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/

use kuberlock_model::component::ComponentKind;
use kuberlock_model::rbac::{Binding, Principal, RoleRef};
use kuberlock_model::{Evidence, FieldPath, Kind, ObjectKey, Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::flag;
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

/// The roles by which a node joins: those of Kubernetes, and what kubeadm has it read.
const JOINING: [&str; 7] = [
    "system:node-bootstrapper",
    "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
    "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
    "kubeadm:get-nodes",
    "kubeadm:kubelet-config",
    "kubeadm:nodes-kubeadm-config",
    "kube-proxy",
];

fn evaluate(api_server: &Running<'_>) -> Outcome {
    if let Some(outcome) = flag::missing(api_server, "enable-bootstrap-token-auth") {
        return outcome;
    }
    let setting = api_server.flag("enable-bootstrap-token-auth");
    match setting.as_bool() {
        Some(false) => {
            return Outcome::pass("bootstrap tokens are not taken").with(setting.evidence);
        }
        Some(true) => {}
        None => {
            return Outcome::unknown("the flag's value is no boolean").with(setting.evidence);
        }
    }
    let cluster = api_server.context.cluster;
    for kind in [Kind::ClusterRoleBinding, Kind::RoleBinding] {
        let reach = cluster.coverage().kind(kind);
        if !reach.is_whole() {
            let what = kind.names().resource;
            return Outcome::unknown(format!("{what} not seen in whole: {reach}"));
        }
    }
    let other: Vec<Evidence> = cluster.bindings().flat_map(other_than_joining).collect();
    if other.is_empty() {
        return Outcome::pass("bootstrap tokens let nodes join, and nothing else")
            .with(setting.evidence);
    }
    let question = "who works with a bootstrap token? Give them an identity of their own, and \
                    remove the binding";
    let remedy = Remedy::Decision { question: question.to_owned() };
    Outcome::fail("bootstrap tokens open more than joining", remedy).with_all(other)
}

fn other_than_joining(binding: &Binding) -> Vec<Evidence> {
    let (RoleRef::Role(role) | RoleRef::ClusterRole(role)) = &binding.role;
    if JOINING.contains(&role.as_str()) {
        return Vec::new();
    }
    let namespace = binding.metadata.namespace.as_deref();
    let key = ObjectKey::new(binding.kind(), namespace, &binding.metadata.name);
    let subjects = binding.subjects.iter().enumerate().filter(|(_, of)| is_bootstrapper(of));
    let evidence = |(at, of): (usize, &Principal)| {
        let field = FieldPath::of("subjects").index(at);
        Evidence::field(format!("{key} grants `{role}` to {of}"), &binding.metadata.origin, field)
    };
    subjects.map(evidence).collect()
}

fn is_bootstrapper(principal: &Principal) -> bool {
    match principal {
        Principal::Group { name } => {
            name == "system:bootstrappers" || name.starts_with("system:bootstrappers:")
        }
        Principal::User { name } => name.starts_with("system:bootstrap:"),
        Principal::ServiceAccount { .. } => false,
    }
}
