//! The default service account gives no token, where nobody needs it.

use kuberlock_model::object::ServiceAccount;
use kuberlock_model::rbac::Principal;
use kuberlock_model::{Kind, Object, ObjectKey};
use serde_json::json;

use super::{Manifest, Proposal, policy};
use crate::context::Context;
use crate::namespace::Space;
use crate::pods;

pub(super) fn propose(context: &Context<'_>, space: &Space<'_>, proposal: &mut Proposal) {
    let key = ObjectKey::new(Kind::ServiceAccount, Some(space.name), "default");
    let held = match context.cluster.get(&key) {
        Some(Object::ServiceAccount(account)) => Some(account),
        _ => None,
    };
    if held.is_some_and(|account| account.automount_token == Some(false)) {
        return;
    }
    let users: Vec<String> = space
        .sources
        .chunk_by(|a, b| a.head == b.head)
        .filter_map(|group| group.first())
        .filter(|of| of.spec.service_account == "default" && of.spec.automount_token.is_none())
        .filter(|of| pods::has_token(context, of))
        .map(|of| of.head.to_string())
        .collect();
    let account =
        Principal::ServiceAccount { namespace: space.name.to_owned(), name: "default".to_owned() };
    let is_bound = context.cluster.bindings().any(|binding| {
        let own = binding.metadata.namespace.as_deref();
        binding.subjects.iter().any(|subject| match (subject, own) {
            // A subject that names no namespace is one of the binding's own.
            (Principal::ServiceAccount { namespace, name }, Some(own)) if namespace.is_empty() => {
                own == space.name && name == "default"
            }
            _ => *subject == account,
        })
    });
    if is_bound && !users.is_empty() {
        proposal.unknown.push(format!(
            "a role is bound to the account `default`, and {} may use it: its token is left as it is",
            users.join(", ")
        ));
        return;
    }
    if let Some(first) = users.first() {
        let many = users.len();
        proposal.unknown.push(format!(
            "whether {first}{} shows the default account's token to anybody is not known; nothing is \
             granted to it",
            if many > 1 { format!(" or {} more", many - 1) } else { String::new() }
        ));
    }
    let metadata = held.map(|account| account.metadata.clone());
    let metadata = metadata.unwrap_or_else(|| policy::metadata(Some(space.name), "default"));
    proposal.manifests.push(Manifest {
        why: vec!["Nothing is granted to the account of those who name none.".to_owned()],
        object: json!({
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": { "name": "default", "namespace": space.name },
            "automountServiceAccountToken": false,
        }),
        model: Object::ServiceAccount(ServiceAccount { metadata, automount_token: Some(false) }),
    });
}
