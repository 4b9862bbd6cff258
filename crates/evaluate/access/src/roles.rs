//! Roles with what is aggregated into them.
//!
//! On a cluster a controller writes the union of the selected roles into the aggregated one; a
//! file may hold it before that. So an aggregated role has its stored rules and those of every
//! role it selects, and what those select in turn: what the controller arrives at.

use std::collections::{BTreeSet, HashMap};

use kuberlock_model::rbac::{PolicyRule, Role, RoleRef};
use kuberlock_model::{Cluster, Kind, ObjectKey};

/// A role and the roles aggregated into it.
#[derive(Debug)]
pub(crate) struct Resolved<'a> {
    /// The role itself first, then the aggregated ones by name.
    holders: Vec<&'a Role>,
}

/// One rule, and where it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written<'a> {
    pub(crate) rule: &'a PolicyRule,
    pub(crate) holder: &'a Role,
    pub(crate) index: usize,
}

impl<'a> Resolved<'a> {
    /// Every rule, the role's own before aggregated ones; where the controller has been, the
    /// aggregated ones come twice.
    pub(crate) fn rules(&self) -> impl Iterator<Item = Written<'a>> {
        self.holders.iter().flat_map(|holder| {
            let rules = holder.rules.iter().enumerate();
            rules.map(|(index, rule)| Written { rule, holder, index })
        })
    }
}

/// The roles that bindings name.
#[derive(Debug, Default)]
pub(crate) struct Roles<'a> {
    resolved: Vec<Resolved<'a>>,
    by_key: HashMap<(&'a str, &'a str), usize>,
}

/// The namespace under which cluster roles are kept; no namespace is called so.
const CLUSTER: &str = "";

impl<'a> Roles<'a> {
    pub(crate) fn new(cluster: &'a Cluster) -> Self {
        let cluster_roles: Vec<&Role> =
            cluster.roles().filter(|role| role.kind() == Kind::ClusterRole).collect();
        let mut selected = Selected { cluster_roles: &cluster_roles, cache: HashMap::new() };
        let mut roles = Self::default();
        for role in cluster.roles() {
            let namespace = role.metadata.namespace.as_deref().unwrap_or(CLUSTER);
            roles.by_key.insert((namespace, &role.metadata.name), roles.resolved.len());
            roles.resolved.push(Resolved { holders: selected.holders(role) });
        }
        roles
    }

    /// The index of the role that a binding of `namespace` names; None where it is missing.
    pub(crate) fn find(&self, namespace: Option<&str>, role: &RoleRef) -> Option<usize> {
        let key = match role {
            // A ClusterRoleBinding cannot name a Role.
            RoleRef::Role(name) => (namespace?, name.as_str()),
            RoleRef::ClusterRole(name) => (CLUSTER, name.as_str()),
        };
        self.by_key.get(&key).copied()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&Resolved<'a>> {
        self.resolved.get(index)
    }
}

/// Which cluster roles each aggregated one selects itself, found once.
struct Selected<'a, 'l> {
    cluster_roles: &'l [&'a Role],
    cache: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Selected<'a, '_> {
    fn holders(&mut self, role: &'a Role) -> Vec<&'a Role> {
        let cluster_roles = self.cluster_roles;
        let mut found = BTreeSet::new();
        let mut to_expand = vec![role];
        while let Some(role) = to_expand.pop() {
            for at in self.directly(role) {
                if let Some(selected) = cluster_roles.get(*at).filter(|_| found.insert(*at)) {
                    to_expand.push(selected);
                }
            }
        }
        let others = found.iter().filter_map(|at| self.cluster_roles.get(*at)).copied();
        std::iter::once(role).chain(others.filter(|other| !std::ptr::eq(*other, role))).collect()
    }

    fn directly(&mut self, role: &'a Role) -> &[usize] {
        let aggregates = role.metadata.namespace.is_none() && !role.aggregates.is_empty();
        if !aggregates {
            return &[];
        }
        let cluster_roles = self.cluster_roles;
        self.cache.entry(&role.metadata.name).or_insert_with(|| {
            let matching = cluster_roles.iter().enumerate().filter(|(_, candidate)| {
                role.aggregates.iter().any(|s| s.matches(&candidate.metadata.labels))
            });
            matching.map(|(at, _)| at).collect()
        })
    }
}

/// The key of the role that a binding of `namespace` names, whether or not it exists.
pub(crate) fn role_key(namespace: Option<&str>, role: &RoleRef) -> ObjectKey {
    match role {
        RoleRef::Role(name) => ObjectKey::new(Kind::Role, namespace, name),
        RoleRef::ClusterRole(name) => ObjectKey::new(Kind::ClusterRole, None, name),
    }
}
