//! Network policies and services.

use std::collections::BTreeMap;

use crate::object::Metadata;
use crate::selector::LabelSelector;

/// A `networking.k8s.io/v1` NetworkPolicy: whom it isolates, and in which directions.
///
/// Its rules are read by the question that needs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkPolicy {
    /// Metadata.
    pub metadata: Metadata,
    /// The pods of its namespace that it isolates.
    pub pods: LabelSelector,
    /// Whether it isolates against ingress. Defaulted as the API does: true where
    /// `policyTypes` is absent.
    pub ingress: bool,
    /// Whether it isolates against egress. Defaulted as the API does: where `policyTypes` is
    /// absent, true if it has an egress rule.
    pub egress: bool,
}

/// A service, as far as it selects pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Metadata.
    pub metadata: Metadata,
    /// The labels its pods have; empty selects none.
    pub selector: BTreeMap<String, String>,
}
