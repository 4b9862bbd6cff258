//! Policies of the cluster's administrators: AdminNetworkPolicy and BaselineAdminNetworkPolicy
//! (`policy.networking.k8s.io/v1alpha1`), ClusterNetworkPolicy (`v1alpha2`).

use std::fmt;

use ipnet::IpNet;
use serde::Serialize;

use super::policy::{Direction, PortMatch};
use crate::object::{Kind, Metadata};
use crate::origin::FieldPath;
use crate::selector::LabelSelector;

/// When a policy is asked: before NetworkPolicies, or after them for pods that none isolates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Tier {
    /// Before NetworkPolicies.
    Admin,
    /// After them.
    Baseline,
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Admin => "Admin",
            Self::Baseline => "Baseline",
        })
    }
}

/// What a rule does with traffic that it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Action {
    /// Lets it through, finally (`Allow` in v1alpha1).
    Accept,
    /// Drops it, finally.
    Deny,
    /// Leaves it to the next tier.
    Pass,
}

/// A policy of a tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TieredPolicy {
    /// Its kind.
    pub kind: Kind,
    /// Metadata.
    pub metadata: Metadata,
    /// Its tier.
    pub tier: Tier,
    /// Lower comes first within a tier; 0 for the one BaselineAdminNetworkPolicy.
    pub priority: u16,
    /// The pods it is about; never those on their node's network.
    pub subject: PodSelection,
    /// Rules for what comes in; the first that matches decides.
    pub ingress: Box<[TierRule]>,
    /// Rules for what goes out; the first that matches decides.
    pub egress: Box<[TierRule]>,
}

impl TieredPolicy {
    /// Its rules of `direction`.
    pub fn rules(&self, direction: Direction) -> &[TierRule] {
        match direction {
            Direction::Ingress => &self.ingress,
            Direction::Egress => &self.egress,
        }
    }

    /// The path of the `index`th rule of `direction`.
    pub fn rule_path(direction: Direction, index: usize) -> FieldPath {
        FieldPath::of("spec").key(direction.word()).index(index)
    }
}

/// One rule of a tiered policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierRule {
    /// Its name, where it has one.
    pub name: Option<Box<str>>,
    /// What it does.
    pub action: Action,
    /// Its peers; never empty.
    pub peers: Box<[TierPeer]>,
    /// Its ports; empty is all of every protocol.
    pub ports: Box<[PortMatch]>,
}

/// Pods by their labels and their namespaces' labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodSelection {
    /// The namespaces.
    pub namespaces: LabelSelector,
    /// Which of their pods; `None` is all, as `namespaces:` says it.
    pub pods: Option<LabelSelector>,
}

/// Whom a rule of a tiered policy means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TierPeer {
    /// Pods.
    Pods(PodSelection),
    /// Addresses, those of pods too.
    Networks(Box<[IpNet]>),
    /// Nodes, by their labels.
    Nodes(LabelSelector),
    /// Names of hosts, with `*.` before some; only in rules that accept.
    DomainNames(Box<[Box<str>]>),
    /// A form that this release of kuberlock does not know. As the API wants it, the rule then fails
    /// closed: one that accepts matches nothing, any other denies everything.
    Unknown,
}
