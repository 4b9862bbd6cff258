//! What the API leaves to the network plugin, and how the plugins decide it.

use std::fmt;
use std::str::FromStr;

use kuberlock_model::Kind;
use serde::Serialize;

/// The network plugin, as far as it decides what the API leaves open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cni {
    /// Which plugin is not known: what is left to it is told as such.
    #[default]
    Unknown,
    /// Calico
    Calico,
    /// Cilium
    Cilium,
    /// OVN-Kubernetes
    OvnKubernetes,
    /// kube-router
    KubeRouter,
    /// Antrea
    Antrea,
    /// The network policy agent of Amazon's VPC CNI.
    Aws,
    /// A plugin that enforces no policy: everybody reaches everybody.
    None,
}

/// Whether a plugin does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Does {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// Some do: the API leaves it open, and which plugin is at work is not known.
    Open,
}

impl Cni {
    /// Those that a user may name.
    pub const NAMED: [Self; 7] = [
        Self::Calico,
        Self::Cilium,
        Self::OvnKubernetes,
        Self::KubeRouter,
        Self::Antrea,
        Self::Aws,
        Self::None,
    ];

    /// Its name on a command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Calico => "calico",
            Self::Cilium => "cilium",
            Self::OvnKubernetes => "ovn-kubernetes",
            Self::KubeRouter => "kube-router",
            Self::Antrea => "antrea",
            Self::Aws => "aws",
            Self::None => "none",
        }
    }

    /// Whether it enforces policies of `kind`; `None` where which plugin is at work is not known.
    ///
    /// Sources: the plugins' documentation, and network-policy-api's list of implementations
    /// (April 2026): v1alpha1 by OVN-Kubernetes, Antrea and Calico 3.29 to 3.31, v1alpha2 by Calico
    /// 3.32.
    pub fn enforces(self, kind: Kind) -> Option<bool> {
        match (self, kind) {
            (Self::Unknown, _) => None,
            (Self::None, _) => Some(false),
            (_, Kind::NetworkPolicy) => Some(true),
            (
                Self::OvnKubernetes | Self::Antrea | Self::Calico,
                Kind::AdminNetworkPolicy | Kind::BaselineAdminNetworkPolicy,
            )
            | (Self::Calico, Kind::ClusterNetworkPolicy)
            | (Self::OvnKubernetes, Kind::MultiNetworkPolicy) => Some(true),
            _ => Some(false),
        }
    }

    /// Whether an `ipBlock` matches pods that have an address in it. Calico, OVN-Kubernetes,
    /// kube-router, Antrea and Amazon's agent go by addresses; Cilium by identities.
    pub(crate) fn blocks_match_pods(self) -> Does {
        match self {
            Self::Unknown => Does::Open,
            Self::Cilium | Self::None => Does::No,
            _ => Does::Yes,
        }
    }

    /// Whether an `ipBlock` matches nodes, and pods on their network, by the nodes' addresses.
    pub(crate) fn blocks_match_nodes(self) -> Does {
        match self {
            Self::Unknown => Does::Open,
            Self::Cilium | Self::None => Does::No,
            _ => Does::Yes,
        }
    }

    /// Whether NetworkPolicies see a pod on its node's network as a pod: the API leaves it open,
    /// and no plugin named here does.
    pub(crate) fn sees_host_network_pods(self) -> Does {
        match self {
            Self::Unknown => Does::Open,
            _ => Does::No,
        }
    }

    /// Whether every node reaches a pod as its own does (aws-network-policy-agent).
    pub(crate) fn lets_every_node_in(self) -> bool {
        self == Self::Aws
    }
}

impl fmt::Display for Cni {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A text that names no plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotACni(pub String);

impl fmt::Display for NotACni {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Cni::NAMED.map(Cni::word).join(", ");
        write!(f, "`{}` is no network plugin that is known: {names}", self.0)
    }
}

impl std::error::Error for NotACni {}

impl FromStr for Cni {
    type Err = NotACni;

    fn from_str(text: &str) -> Result<Self, NotACni> {
        Self::NAMED.into_iter().find(|cni| cni.word() == text).ok_or_else(|| NotACni(text.into()))
    }
}
