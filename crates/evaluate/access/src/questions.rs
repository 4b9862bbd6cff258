//! The same, asked backwards.

use std::collections::{BTreeSet, HashSet};

use kuberlock_model::rbac::{PolicyRule, Principal};

use crate::action::Action;
use crate::identity::{canonical, implied_groups, user_name};
use crate::index::Bound;
use crate::matches::{covers_everything, rule_allows};
use crate::{Access, Grant};

/// A rule that somebody holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held<'a> {
    /// Where it holds; None is the whole cluster. Within a namespace, paths outside the resources
    /// and objects that have no namespace are not reached, whatever the rule says.
    pub namespace: Option<&'a str>,
    /// What is permitted.
    pub rule: &'a PolicyRule,
    /// By what; its principal tells through which group.
    pub grant: Grant,
}

impl<'a> Access<'a> {
    /// Who may do `action`: every principal that a binding names, once for each binding that
    /// allows it, by principal. Members of `system:masters` always may and are not listed for it.
    pub fn who_can(&self, action: &Action) -> Vec<(Principal, Grant)> {
        let bound = self.index.bindings_in(action.namespace());
        granted(bound, |rule| rule_allows(rule, action))
    }

    /// Who may do `action` in any namespace at least; the namespace of `action` does not count,
    /// that of a grant's binding tells where.
    pub fn who_can_anywhere(&self, action: &Action) -> Vec<(Principal, Grant)> {
        match action {
            Action::Path { .. } => self.who_can(action),
            Action::Resource { .. } => granted(self.index.all(), |rule| rule_allows(rule, action)),
        }
    }

    /// Who may do everything on every resource of the cluster, by rules of their own, whatever
    /// the role is called: see [`covers_everything`] for why one rule decides.
    pub fn everything(&self) -> Vec<(Principal, Grant)> {
        granted(self.index.bindings_in(None), covers_everything)
    }

    /// What `principal` may do, by its own name and by the [`implied_groups`] it is in; the whole
    /// cluster first, then by namespace.
    pub fn what_can(&self, principal: &Principal) -> Vec<Held<'a>> {
        let groups = implied_groups(principal);
        let user = user_name(principal);
        let mut held = Vec::new();
        for bound in self.index.all() {
            let found = bound.subjects().find(|subject| match subject {
                Principal::Group { name } => groups.contains(name),
                named => user.is_some() && user_name(named) == user,
            });
            let Some(through) = found else { continue };
            let namespace = bound.binding.metadata.namespace.as_deref();
            let mut seen = HashSet::new();
            held.extend(bound.rules().filter(|w| seen.insert(w.rule)).map(|written| Held {
                namespace,
                rule: written.rule,
                grant: bound.grant(written, through.clone()),
            }));
        }
        held
    }

    /// Every principal that a binding names, in canonical form.
    pub fn principals(&self) -> BTreeSet<Principal> {
        self.index
            .all()
            .flat_map(|bound| bound.subjects().map(|s| canonical(&s)).collect::<Vec<_>>())
            .collect()
    }
}

fn granted<'i, 'a: 'i>(
    bindings: impl Iterator<Item = Bound<'i, 'a>>,
    allows: impl Fn(&PolicyRule) -> bool,
) -> Vec<(Principal, Grant)> {
    let mut found = BTreeSet::new();
    for bound in bindings {
        let Some(rule) = bound.rule_for(&allows) else {
            continue;
        };
        for subject in bound.subjects() {
            found.insert((canonical(&subject), bound.grant(rule, subject)));
        }
    }
    found.into_iter().collect()
}
