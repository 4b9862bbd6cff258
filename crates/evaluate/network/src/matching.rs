//! Whether a peer of a rule means an endpoint: one peer, one endpoint.
//!
//! Enters: a peer as the model has it. Leaves: no, yes, or maybe where the API leaves it to the
//! network plugin or the deciding fact was not seen. Always holds: this is the one place that says
//! so; what asks it of all endpoints at once ([`crate::select`]) gives the same.

use std::net::IpAddr;

use ipnet::IpNet;
use kuberlock_model::network::{Action, IpBlock, Peer, PodSelection, TierPeer, TierRule};
use kuberlock_model::selector::LabelSelector;
use serde::Serialize;

use crate::address::is_whole_family;
use crate::cni::{Cni, Does};
use crate::endpoint::{Endpoint, EndpointKind};

/// Whether a peer means an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Match {
    /// It does not.
    No,
    /// It may.
    Maybe,
    /// It does.
    Yes,
}

impl Match {
    /// Yes or no.
    pub(crate) fn of(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }

    /// What is left of it where a plugin `does` so.
    fn where_plugin(self, does: Does) -> Self {
        match does {
            Does::Yes => self,
            Does::Open => self.min(Self::Maybe),
            Does::No => Self::No,
        }
    }
}

/// Whether a NetworkPolicy of `namespace` with this `podSelector` selects the endpoint.
pub(crate) fn selects(
    cni: Cni,
    namespace: &str,
    pods: &LabelSelector,
    endpoint: &Endpoint,
) -> Match {
    if endpoint.namespace() != Some(namespace) || !pods.matches(&endpoint.labels) {
        return Match::No;
    }
    as_pod(cni, endpoint)
}

fn as_pod(cni: Cni, endpoint: &Endpoint) -> Match {
    if endpoint.host_network {
        Match::Yes.where_plugin(cni.sees_host_network_pods())
    } else {
        Match::Yes
    }
}

/// Whether a peer of a rule of a NetworkPolicy of `namespace` means the endpoint.
pub(crate) fn peer(cni: Cni, namespace: &str, peer: &Peer, endpoint: &Endpoint) -> Match {
    match peer {
        Peer::Block(of) => block(cni, of, endpoint),
        Peer::Pods { namespaces, pods } => {
            let Some(own) = endpoint.namespace() else { return Match::No };
            let is_there = match namespaces {
                None => own == namespace,
                Some(namespaces) => namespaces.matches(&endpoint.namespace_labels),
            };
            let is_meant = is_there && pods.as_ref().is_none_or(|p| p.matches(&endpoint.labels));
            if is_meant { as_pod(cni, endpoint) } else { Match::No }
        }
    }
}

fn block(cni: Cni, block: &IpBlock, endpoint: &Endpoint) -> Match {
    let plugin = match &endpoint.kind {
        EndpointKind::Outside(_) => Does::Yes,
        EndpointKind::Node(_) => cni.blocks_match_nodes(),
        EndpointKind::Pods { .. } if endpoint.host_network => cni.blocks_match_nodes(),
        EndpointKind::Pods { .. } => cni.blocks_match_pods(),
    };
    let holds = |address: &IpAddr| {
        block.cidr.contains(address) && !block.except.iter().any(|except| except.contains(address))
    };
    let whole = is_whole_family(&block.cidr) && block.except.is_empty();
    by_address(endpoint, holds, whole).where_plugin(plugin)
}

/// By where the endpoint's addresses lie; `whole` tells whether all of a family are inside.
fn by_address(endpoint: &Endpoint, holds: impl Fn(&IpAddr) -> bool, whole: bool) -> Match {
    let inside = endpoint.addresses.iter().filter(|address| holds(address)).count();
    match (endpoint.addresses.len(), inside) {
        (0, _) if whole => Match::Yes,
        (0, _) => Match::Maybe,
        (_, 0) => Match::No,
        (all, inside) if all == inside => Match::Yes,
        // Of two families, one inside and one not: which is used is not the API's to say.
        _ => Match::Maybe,
    }
}

/// Whether the subject of a tiered policy, or one of its pod peers, means the endpoint.
pub(crate) fn selection(selection: &PodSelection, endpoint: &Endpoint) -> bool {
    endpoint.is_pods()
        && !endpoint.host_network
        && selection.namespaces.matches(&endpoint.namespace_labels)
        && selection.pods.as_ref().is_none_or(|pods| pods.matches(&endpoint.labels))
}

/// Whether a peer of a tiered policy's rule means the endpoint. [`TierPeer::Unknown`] is the rule's
/// to judge: see [`fails_closed`].
pub(crate) fn tier_peer(peer: &TierPeer, endpoint: &Endpoint) -> Match {
    match peer {
        TierPeer::Pods(pods) => Match::of(selection(pods, endpoint)),
        TierPeer::Networks(nets) => networks(nets, endpoint),
        TierPeer::Nodes(nodes) => self::nodes(nodes, endpoint),
        // Which addresses a name has is known to those who ask for it.
        TierPeer::DomainNames(_) => match endpoint.kind {
            EndpointKind::Outside(_) => Match::Maybe,
            _ => Match::No,
        },
        TierPeer::Unknown => Match::No,
    }
}

fn networks(nets: &[IpNet], endpoint: &Endpoint) -> Match {
    let holds = |address: &IpAddr| nets.iter().any(|net| net.contains(address));
    by_address(endpoint, holds, nets.iter().any(is_whole_family))
}

fn nodes(selector: &LabelSelector, endpoint: &Endpoint) -> Match {
    match (&endpoint.kind, &endpoint.node) {
        (EndpointKind::Node(_), _) => Match::of(selector.matches(&endpoint.labels)),
        (EndpointKind::Pods { .. }, Some((_, Some(node)))) if endpoint.host_network => {
            Match::of(selector.matches(&node.labels))
        }
        (EndpointKind::Pods { .. }, _) if endpoint.host_network => Match::Maybe,
        _ => Match::No,
    }
}

/// What a rule of a tiered policy does that has a peer of an unknown form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    /// It has none.
    Not,
    /// It matches nothing.
    Nothing,
    /// It denies everything.
    DenyAll,
}

/// Whether a rule fails closed (ClusterNetworkPolicyIngressPeer of v1alpha2 says how).
pub(crate) fn fails_closed(rule: &TierRule) -> Closed {
    match (rule.peers.iter().any(|peer| matches!(peer, TierPeer::Unknown)), rule.action) {
        (false, _) => Closed::Not,
        (true, Action::Accept) => Closed::Nothing,
        (true, Action::Deny | Action::Pass) => Closed::DenyAll,
    }
}
