//! Roles and bindings of `rbac.authorization.k8s.io/v1`.

use std::fmt;

use serde::Serialize;

use crate::object::{Kind, Metadata};
use crate::selector::LabelSelector;

/// A Role (in a namespace) or ClusterRole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Metadata; no namespace for a ClusterRole.
    pub metadata: Metadata,
    /// The rules as stored.
    pub rules: Vec<PolicyRule>,
    /// `aggregationRule.clusterRoleSelectors`; a cluster role that any of them selects adds its
    /// rules to this one. Empty for a role that aggregates nothing.
    pub aggregates: Vec<LabelSelector>,
}

impl Role {
    /// Role or ClusterRole.
    pub fn kind(&self) -> Kind {
        if self.metadata.namespace.is_some() { Kind::Role } else { Kind::ClusterRole }
    }
}

/// What a role permits. RBAC has no denials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct PolicyRule {
    /// Verbs; `*` is every verb.
    pub verbs: Vec<String>,
    /// API groups; empty text is the core group, `*` every group.
    pub api_groups: Vec<String>,
    /// `resource`, `resource/subresource`, `*/subresource` or `*`.
    pub resources: Vec<String>,
    /// Names the rule is limited to; empty is every name.
    pub resource_names: Vec<String>,
    /// Paths outside the resources, `*` at the end as wildcard.
    pub non_resource_urls: Vec<String>,
}

/// A RoleBinding (in a namespace) or ClusterRoleBinding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Metadata; no namespace for a ClusterRoleBinding.
    pub metadata: Metadata,
    /// The role that is granted.
    pub role: RoleRef,
    /// To whom.
    pub subjects: Vec<Principal>,
}

impl Binding {
    /// RoleBinding or ClusterRoleBinding.
    pub fn kind(&self) -> Kind {
        if self.metadata.namespace.is_some() { Kind::RoleBinding } else { Kind::ClusterRoleBinding }
    }
}

/// The role a binding grants.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoleRef {
    /// A role of the binding's own namespace.
    Role(String),
    /// A cluster role.
    ClusterRole(String),
}

/// Someone a binding names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "kind")]
pub enum Principal {
    /// A user by name.
    User {
        /// The user's name, as the authenticator gives it.
        name: String,
    },
    /// A group by name.
    Group {
        /// The group's name.
        name: String,
    },
    /// A service account.
    ServiceAccount {
        /// Its namespace. Empty where a ClusterRoleBinding forgot it: such a subject matches
        /// nobody.
        namespace: String,
        /// Its name.
        name: String,
    },
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { name } => write!(f, "User {name}"),
            Self::Group { name } => write!(f, "Group {name}"),
            Self::ServiceAccount { namespace, name } => {
                write!(f, "ServiceAccount {namespace}/{name}")
            }
        }
    }
}
