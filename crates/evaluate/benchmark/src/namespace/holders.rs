//! Who may change what policies go by, beside administrators and Kubernetes' own parts.

use std::collections::{BTreeMap, BTreeSet};

use kuberlock_access::{Action, Grant};
use kuberlock_model::Cluster;
use kuberlock_model::rbac::Principal;

use crate::context::Context;
use crate::{installed, power};

/// Names of those who may, by namespace.
pub type ByNamespace = BTreeMap<String, Vec<String>>;

/// Who may change the labels of each namespace, and who may create pods there; `None` where no source
/// shows roles and bindings.
pub fn editors(cluster: &Cluster) -> Option<(ByNamespace, ByNamespace)> {
    let seen = power::ROLES.iter().all(|kind| cluster.coverage().kind(*kind).is_whole());
    if !seen || cluster.bindings().next().is_none() {
        return None;
    }
    let context = Context::new(cluster);
    let administrators = administrators(&context);
    let mut found = (ByNamespace::new(), ByNamespace::new());
    for name in super::spaces(&context).values().map(|space| space.name) {
        let put = |into: &mut ByNamespace, actions: &[Action]| {
            let holders = holders(&context, actions, &administrators);
            if !holders.is_empty() {
                let names = holders.keys().map(ToString::to_string).collect();
                into.insert(name.to_owned(), names);
            }
        };
        put(&mut found.0, &relabels(name));
        put(&mut found.1, &[Action::resource("create", "", "pods").in_namespace(name)]);
    }
    Some(found)
}

/// Those who may do everything.
pub(crate) fn administrators(context: &Context<'_>) -> BTreeSet<Principal> {
    context.access().everything().into_iter().map(|(principal, _)| principal).collect()
}

/// What changes the labels of a namespace.
pub(crate) fn relabels(name: &str) -> [Action; 2] {
    ["patch", "update"]
        .map(|verb| Action::resource(verb, "", "namespaces").in_namespace(name).named(name))
}

/// Who may do any of these, and by what.
pub(crate) fn holders(
    context: &Context<'_>,
    actions: &[Action],
    administrators: &BTreeSet<Principal>,
) -> BTreeMap<Principal, Grant> {
    let mut holders = BTreeMap::new();
    for action in actions {
        for (principal, grant) in context.access().who_can(action) {
            let is_meant = administrators.contains(&principal)
                || installed::is_administrators(&principal)
                || installed::is_own(&principal, &grant.binding, &grant.role);
            if !is_meant {
                holders.entry(principal).or_insert(grant);
            }
        }
    }
    holders
}
