//! Who may do what: RBAC evaluated as the API server does.
//!
//! Enters: the roles and bindings of a [`Cluster`]. Leaves: [`Decision`]s, each with the
//! [`Grant`] that made it, and the same asked backwards: who may do something, and what someone
//! may do. Always holds: the answer is that of the API server's authorizers `system:masters`
//! (which precedes) and RBAC, on the same objects; the node authorizer and webhooks are not asked;
//! what a cluster's sources did not show grants nothing, so look at its coverage first; equal
//! clusters give equal answers in equal order.
//!
//! ```
//! use kuberlock_access::{Access, Action, Request};
//! use kuberlock_model::Cluster;
//!
//! let cluster = Cluster::default();
//! let access = Access::new(&cluster);
//! let list_pods = Action::resource("list", "", "pods").in_namespace("shop");
//! let jane = Request { user: "jane".into(), groups: vec![], action: list_pods.clone() };
//! assert!(!access.evaluate(&jane).allowed);
//!
//! let root = Request { groups: vec!["system:masters".into()], ..jane };
//! assert!(access.evaluate(&root).allowed);
//! assert!(access.who_can(&list_pods).is_empty());
//! ```

mod action;
mod identity;
mod index;
mod matches;
mod questions;
mod roles;

#[cfg(test)]
mod tests;

use kuberlock_model::rbac::Principal;
use kuberlock_model::{Cluster, ObjectKey};

pub use action::{Action, Request};
pub use identity::{MASTERS, canonical, implied_groups, user_name};
pub use matches::{covers_everything, rule_allows};
pub use questions::Held;

use index::Index;

/// The roles and bindings of a cluster, ready to be asked.
#[derive(Debug)]
pub struct Access<'a> {
    index: Index<'a>,
}

/// The answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the request is allowed.
    pub allowed: bool,
    /// What allows it: of several grants the first, cluster role bindings before role bindings,
    /// each by name. None where it is not allowed, and where it is for members of
    /// `system:masters`, who may do everything whatever the roles say.
    pub because: Option<Grant>,
}

/// The binding and the rule that allow something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grant {
    /// The binding.
    pub binding: ObjectKey,
    /// The role it names.
    pub role: ObjectKey,
    /// The role that holds the rule: `role` itself, or a cluster role aggregated into it.
    pub holder: ObjectKey,
    /// The rule's index in the holder's list.
    pub rule: usize,
    /// The subject of the binding that the request matches; a service account that names no
    /// namespace has been given the binding's.
    pub principal: Principal,
}

impl<'a> Access<'a> {
    /// Makes an index of the roles and bindings of `cluster`.
    pub fn new(cluster: &'a Cluster) -> Self {
        Self { index: Index::new(cluster) }
    }

    /// Answers one request.
    pub fn evaluate(&self, request: &Request) -> Decision {
        if request.groups.iter().any(|group| group == MASTERS) {
            return Decision { allowed: true, because: None };
        }
        let because = self
            .index
            .bindings_of(&request.user, &request.groups, request.action.namespace())
            .find_map(|bound| {
                let rule = bound.rule_for(|rule| rule_allows(rule, &request.action))?;
                let principal = bound.subject_for(&request.user, &request.groups)?;
                Some(bound.grant(rule, principal))
            });
        Decision { allowed: because.is_some(), because }
    }
}
