//! Whom np-guard takes a rule to mean.

use kuberlock_model::network::{
    IpBlock, NetworkPolicy, Peer as RulePeer, PodSelection, Rule, TierPeer,
};

use super::peer::{Peer, misread};
use super::representative::Representative;
use crate::address::AddressRange;

/// Whether a NetworkPolicy selects the end.
pub(super) fn selects(policy: &NetworkPolicy, peer: &Peer) -> bool {
    let Peer::Pod(pod) = peer else { return false };
    policy.metadata.namespace.as_deref() == Some(&pod.namespace) && policy.pods.matches(&pod.labels)
}

/// Whether a rule of a NetworkPolicy of `namespace` means the end.
pub(super) fn rule(namespace: &str, rule: &Rule, peer: &Peer) -> bool {
    rule.peers.is_empty() || rule.peers.iter().any(|of| rule_peer(namespace, of, peer))
}

/// Whether a rule of a MultiNetworkPolicy of `namespace` means the end: np-guard gives a rule up at
/// its first `ipBlock`.
pub(super) fn secondary_rule(namespace: &str, rule: &Rule, peer: &Peer) -> bool {
    let mut pods = rule.peers.iter().take_while(|of| matches!(of, RulePeer::Pods { .. }));
    rule.peers.is_empty() || pods.any(|of| rule_peer(namespace, of, peer))
}

fn rule_peer(namespace: &str, of: &RulePeer, peer: &Peer) -> bool {
    match (of, peer) {
        (RulePeer::Block(block), Peer::Range(range)) => holds(block, range),
        (RulePeer::Pods { namespaces, pods }, Peer::Pod(pod)) => {
            let is_there = match namespaces {
                None => pod.namespace == namespace,
                Some(selector) => selector.matches(&pod.namespace_labels),
            };
            is_there && pods.as_ref().is_none_or(|pods| pods.matches(&pod.labels))
        }
        (RulePeer::Pods { namespaces, pods }, Peer::Representative(unseen)) => {
            let is_there = match namespaces {
                None => unseen.namespace.as_deref() == Some(namespace),
                Some(selector) => unseen.is_in(selector),
            };
            is_there && pods.as_ref().is_none_or(|pods| unseen.is_meant(pods))
        }
        _ => false,
    }
}

/// Whether the range, which no rule cuts, is inside.
fn holds(block: &IpBlock, range: &AddressRange) -> bool {
    let is_in = |net| misread(net).contains(&range.first);
    is_in(&block.cidr) && !block.except.iter().any(is_in)
}

/// Whether the subject of a tiered policy, or one of its pod peers, means the end.
pub(super) fn selection(selection: &PodSelection, peer: &Peer) -> bool {
    let pods = selection.pods.as_ref();
    match peer {
        Peer::Pod(pod) => {
            selection.namespaces.matches(&pod.namespace_labels)
                && pods.is_none_or(|pods| pods.matches(&pod.labels))
        }
        Peer::Representative(unseen) => {
            unseen.is_in(&selection.namespaces) && pods.is_none_or(|pods| unseen.is_meant(pods))
        }
        Peer::Range(_) => false,
    }
}

/// Whether a peer of a tiered policy's rule means the end. Networks of IPv6, nodes and names of hosts
/// are passed over.
pub(super) fn tier_peer(of: &TierPeer, peer: &Peer) -> bool {
    match (of, peer) {
        (TierPeer::Pods(pods), _) => selection(pods, peer),
        (TierPeer::Networks(nets), Peer::Range(range)) => {
            nets.iter().any(|net| net.contains(&range.first))
        }
        _ => false,
    }
}

/// Whether a peer is every pod of every namespace.
pub(super) fn is_everybody(of: &RulePeer) -> bool {
    let RulePeer::Pods { namespaces: Some(namespaces), pods } = of else { return false };
    namespaces.is_empty() && pods.as_ref().is_none_or(|pods| pods.is_empty())
}

/// The same of a peer of a tiered policy.
pub(super) fn is_every_pod(of: &TierPeer) -> bool {
    let TierPeer::Pods(PodSelection { namespaces, pods }) = of else { return false };
    namespaces.is_empty() && pods.as_ref().is_none_or(|pods| pods.is_empty())
}

/// The pods that a rule means by their labels. One that means everybody is not asked further.
pub(super) fn unseen<'r>(
    policy: &'r NetworkPolicy,
    rule: &'r Rule,
) -> impl Iterator<Item = Representative> + 'r {
    let own = policy.metadata.namespace.as_deref().unwrap_or_default();
    let peers = if rule.peers.iter().any(is_everybody) { &[][..] } else { &rule.peers };
    peers.iter().filter_map(move |peer| match peer {
        RulePeer::Block(_) => None,
        RulePeer::Pods { namespaces: None, pods } => {
            Some(Representative::within(own, pods.as_ref()))
        }
        RulePeer::Pods { namespaces: Some(of), pods } => {
            Some(Representative::of(of, pods.as_ref()))
        }
    })
}
