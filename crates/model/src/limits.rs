//! What a namespace may use, and what its containers get where they ask for nothing.

use std::collections::BTreeMap;

use crate::object::Metadata;

/// A `v1` ResourceQuota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceQuota {
    /// Metadata.
    pub metadata: Metadata,
    /// `spec.hard`: amounts by resource, as written.
    pub hard: BTreeMap<String, String>,
    /// Whether it counts only some of the namespace's pods (`scopes`, `scopeSelector`).
    pub scoped: bool,
}

/// A `v1` LimitRange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitRange {
    /// Metadata.
    pub metadata: Metadata,
    /// Its limits, in the order of the document.
    pub limits: Vec<Limit>,
}

/// One limit of a LimitRange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What it limits: `Container`, `Pod` or `PersistentVolumeClaim`.
    pub of: String,
    /// The resources that it limits from above.
    pub max: Vec<String>,
    /// The resources for which it gives a limit to what asks for none.
    pub default: Vec<String>,
    /// The resources for which it gives a request to what asks for none.
    pub default_request: Vec<String>,
}
