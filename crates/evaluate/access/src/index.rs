//! Bindings by whom they name and where they hold.

use std::collections::{BTreeSet, HashMap};

use kuberlock_model::rbac::{Binding, Principal};
use kuberlock_model::{Cluster, Kind, ObjectKey};

use crate::Grant;
use crate::identity::user_name;
use crate::roles::{Roles, Written, role_key};

/// The bindings of a cluster whose role exists.
#[derive(Debug)]
pub(crate) struct Index<'a> {
    roles: Roles<'a>,
    /// Cluster role bindings, then role bindings by namespace; each by name.
    bindings: Vec<(&'a Binding, usize)>,
    everywhere: Subjects<'a>,
    namespaces: HashMap<&'a str, Subjects<'a>>,
}

/// Which bindings name whom.
#[derive(Debug, Default)]
struct Subjects<'a> {
    all: Vec<usize>,
    users: HashMap<String, Vec<usize>>,
    groups: HashMap<&'a str, Vec<usize>>,
}

/// A binding and its role.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bound<'i, 'a> {
    pub(crate) binding: &'a Binding,
    index: &'i Index<'a>,
    role: usize,
}

impl<'a> Index<'a> {
    pub(crate) fn new(cluster: &'a Cluster) -> Self {
        let mut index = Self {
            roles: Roles::new(cluster),
            bindings: Vec::new(),
            everywhere: Subjects::default(),
            namespaces: HashMap::new(),
        };
        let (everywhere, namespaced): (Vec<&Binding>, Vec<&Binding>) =
            cluster.bindings().partition(|binding| binding.kind() == Kind::ClusterRoleBinding);
        for binding in everywhere.into_iter().chain(namespaced) {
            index.add(binding);
        }
        index
    }

    fn add(&mut self, binding: &'a Binding) {
        let namespace = binding.metadata.namespace.as_deref();
        // A role that is missing grants nothing, and is no error: it may come.
        let Some(role) = self.roles.find(namespace, &binding.role) else {
            return;
        };
        let at = self.bindings.len();
        self.bindings.push((binding, role));
        let subjects = match namespace {
            None => &mut self.everywhere,
            Some(namespace) => self.namespaces.entry(namespace).or_default(),
        };
        subjects.add(at, binding);
    }

    /// The bindings that name this user or one of the groups, and hold in `namespace`.
    pub(crate) fn bindings_of<'i>(
        &'i self,
        user: &str,
        groups: &[String],
        namespace: Option<&str>,
    ) -> impl Iterator<Item = Bound<'i, 'a>> {
        let everywhere = self.everywhere.naming(user, groups);
        let there = namespace.and_then(|n| self.namespaces.get(n));
        let there = there.map(|subjects| subjects.naming(user, groups)).unwrap_or_default();
        everywhere.into_iter().chain(there).filter_map(|at| self.bound(at))
    }

    /// The bindings that hold in `namespace`; in all of the cluster where it is None.
    pub(crate) fn bindings_in<'i>(
        &'i self,
        namespace: Option<&str>,
    ) -> impl Iterator<Item = Bound<'i, 'a>> {
        let there = namespace.and_then(|n| self.namespaces.get(n)).map(|subjects| &subjects.all);
        let all = self.everywhere.all.iter().chain(there.into_iter().flatten());
        all.filter_map(|at| self.bound(*at))
    }

    /// Every binding, wherever it holds.
    pub(crate) fn all(&self) -> impl Iterator<Item = Bound<'_, 'a>> {
        (0..self.bindings.len()).filter_map(|at| self.bound(at))
    }

    fn bound(&self, at: usize) -> Option<Bound<'_, 'a>> {
        let (binding, role) = *self.bindings.get(at)?;
        Some(Bound { binding, index: self, role })
    }
}

impl<'a> Subjects<'a> {
    fn add(&mut self, at: usize, binding: &'a Binding) {
        self.all.push(at);
        for subject in &binding.subjects {
            if let Principal::Group { name } = subject {
                self.groups.entry(name).or_default().push(at);
            } else if let Some(user) = user_name(&located(subject, binding)) {
                self.users.entry(user).or_default().push(at);
            }
        }
    }

    fn naming(&self, user: &str, groups: &[String]) -> BTreeSet<usize> {
        let by_group = groups.iter().filter_map(|group| self.groups.get(group.as_str()));
        self.users.get(user).into_iter().chain(by_group).flatten().copied().collect()
    }
}

impl<'a> Bound<'_, 'a> {
    /// The rules the binding grants.
    pub(crate) fn rules(&self) -> impl Iterator<Item = Written<'a>> {
        self.index.roles.get(self.role).into_iter().flat_map(|role| role.rules())
    }

    /// The first rule that `allows`.
    pub(crate) fn rule_for(
        &self,
        allows: impl Fn(&kuberlock_model::rbac::PolicyRule) -> bool,
    ) -> Option<Written<'a>> {
        self.rules().find(|written| allows(written.rule))
    }

    /// The subjects, service accounts with their namespace; those that match nobody left out.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = Principal> {
        let located = self.binding.subjects.iter().map(|subject| located(subject, self.binding));
        located.filter(|s| matches!(s, Principal::Group { .. }) || user_name(s).is_some())
    }

    /// The first subject that this user is, or whose group the user is in.
    pub(crate) fn subject_for(&self, user: &str, groups: &[String]) -> Option<Principal> {
        self.subjects().find(|subject| match subject {
            Principal::Group { name } => groups.contains(name),
            named => user_name(named).as_deref() == Some(user),
        })
    }

    /// The grant of `rule` to `principal`.
    pub(crate) fn grant(&self, rule: Written<'_>, principal: Principal) -> Grant {
        let metadata = &self.binding.metadata;
        let namespace = metadata.namespace.as_deref();
        let holder = &rule.holder.metadata;
        Grant {
            binding: ObjectKey::new(self.binding.kind(), namespace, &metadata.name),
            role: role_key(namespace, &self.binding.role),
            holder: ObjectKey::new(rule.holder.kind(), holder.namespace.as_deref(), &holder.name),
            rule: rule.index,
            principal,
        }
    }
}

/// A service account that names no namespace is one of the binding's own.
fn located(subject: &Principal, binding: &Binding) -> Principal {
    match (subject, &binding.metadata.namespace) {
        (Principal::ServiceAccount { namespace, name }, Some(own)) if namespace.is_empty() => {
            Principal::ServiceAccount { namespace: own.clone(), name: name.clone() }
        }
        _ => subject.clone(),
    }
}
