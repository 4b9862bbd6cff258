//! Whether a rule means an end of a connection, and its port.
//!
//! Enters: peers and ports as a policy writes them, and an end. Leaves: yes, no, or that the API, or
//! what was seen of the cluster, leaves it open. Always holds: of several peers one is enough.

use std::net::IpAddr;

use kuberlock_model::network::{IpBlock, IpNet, Peer, PodSelection, PortMatch, Ports, TierPeer};
use kuberlock_model::selector::{LabelSelector, Requirement};
use kuberlock_network::Cni;

use super::ends::{End, Labels, PodEnd};
use super::{Packet, Reference};

/// Whether something is meant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Match {
    No,
    Maybe,
    Yes,
}

impl Match {
    fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    /// One of several is enough.
    pub fn any(all: impl Iterator<Item = Self>) -> Self {
        all.max().unwrap_or(Self::No)
    }
}

/// A label selector: every requirement holds. `NotIn` holds for an absent label too.
pub fn selects(selector: &LabelSelector, labels: &Labels) -> bool {
    selector.requirements.iter().all(|requirement| match requirement {
        Requirement::In(key, values) => labels.get(key).is_some_and(|v| values.contains(v)),
        Requirement::NotIn(key, values) => !labels.get(key).is_some_and(|v| values.contains(v)),
        Requirement::Exists(key) => labels.contains_key(key),
        Requirement::DoesNotExist(key) => !labels.contains_key(key),
    })
}

impl Reference<'_> {
    /// A NetworkPolicy's peers; no peer at all is everybody. `namespace` is the policy's own.
    pub fn is_of_peers(&self, peers: &[Peer], namespace: &str, end: &End) -> Match {
        if peers.is_empty() {
            return Match::Yes;
        }
        Match::any(peers.iter().map(|peer| match peer {
            Peer::Pods { namespaces, pods } => {
                self.is_of_pods(namespaces.as_ref(), pods.as_ref(), namespace, end)
            }
            Peer::Block(block) => self.is_in_block(block, end),
        }))
    }

    fn is_of_pods(
        &self,
        namespaces: Option<&LabelSelector>,
        pods: Option<&LabelSelector>,
        own: &str,
        end: &End,
    ) -> Match {
        let End::Pod(pod) = end else { return Match::No };
        let of_namespace = match namespaces {
            None => pod.namespace() == own,
            Some(selector) => selects(selector, self.ends.namespace(pod.namespace())),
        };
        if !of_namespace || !pods.is_none_or(|selector| selects(selector, pod.labels)) {
            return Match::No;
        }
        // "The effect on pods that use the host's network is undefined"; plugins see the node.
        match (pod.spec.host_network, self.cni) {
            (false, _) => Match::Yes,
            (true, Cni::Unknown) => Match::Maybe,
            (true, _) => Match::No,
        }
    }

    /// An `ipBlock`. Of those in the cluster a plugin that goes by identities matches none, and
    /// whether another does is its own affair.
    fn is_in_block(&self, block: &IpBlock, end: &End) -> Match {
        let inside = |address: &IpAddr| {
            block.cidr.contains(address) && !block.except.iter().any(|hole| hole.contains(address))
        };
        let covers = block.except.is_empty() && is_whole_family(&block.cidr);
        let by_address = by_address(end, inside, covers);
        match (end, self.cni) {
            (End::Outside(_), _) => by_address,
            (_, Cni::Cilium | Cni::None) => Match::No,
            (_, Cni::Unknown) => by_address.min(Match::Maybe),
            _ => by_address,
        }
    }

    /// A tiered policy's subject or pod peer: never a pod on its node's network.
    pub fn is_selected(&self, selection: &PodSelection, pod: &PodEnd) -> bool {
        !pod.spec.host_network
            && selects(&selection.namespaces, self.ends.namespace(pod.namespace()))
            && selection.pods.as_ref().is_none_or(|selector| selects(selector, pod.labels))
    }

    /// A tiered policy's peers. Those of a form that is not known are the rule's affair.
    pub fn is_of_tier_peers(&self, peers: &[TierPeer], end: &End) -> Match {
        Match::any(peers.iter().map(|peer| match (peer, end) {
            (TierPeer::Pods(selection), End::Pod(pod)) => {
                Match::of(self.is_selected(selection, pod))
            }
            (TierPeer::Networks(networks), end) => {
                let inside = |address: &IpAddr| networks.iter().any(|net| net.contains(address));
                by_address(end, inside, networks.iter().any(is_whole_family))
            }
            (TierPeer::Nodes(selector), End::Node(node)) => {
                Match::of(selects(selector, &node.metadata.labels))
            }
            (TierPeer::Nodes(selector), End::Pod(pod)) if pod.spec.host_network => {
                pod.node.map_or(Match::Maybe, |n| Match::of(selects(selector, &n.metadata.labels)))
            }
            // Which names an address has is not seen.
            (TierPeer::DomainNames(_), End::Outside(_)) => Match::Maybe,
            _ => Match::No,
        }))
    }
}

/// A match of addresses: all inside is yes, none is no, and one of two families is open. Where no
/// address is known only a block that covers everything is sure.
fn by_address(end: &End, inside: impl Fn(&IpAddr) -> bool, covers: bool) -> Match {
    let addresses = end.addresses();
    let hits = addresses.iter().filter(|address| inside(address)).count();
    match (addresses.len(), hits) {
        (0, _) if covers => Match::Yes,
        (0, _) => Match::Maybe,
        (_, 0) => Match::No,
        (all, hits) if all == hits => Match::Yes,
        _ => Match::Maybe,
    }
}

fn is_whole_family(net: &IpNet) -> bool {
    net.prefix_len() == 0
}

/// A rule's ports; none at all is every port. A named port is what the destination calls so, and a
/// destination that is no pod calls nothing so.
pub fn is_of_ports(ports: &[PortMatch], destination: &End, packet: Packet) -> bool {
    ports.is_empty()
        || ports.iter().any(|port| {
            port.protocol.is_none_or(|protocol| protocol == packet.protocol)
                && match (&port.ports, destination) {
                    (Ports::All, _) => true,
                    (Ports::Range(first, last), _) => (*first..=*last).contains(&packet.port),
                    (Ports::Named(name), End::Pod(pod)) => {
                        pod.has_port(name, packet.protocol, packet.port)
                    }
                    (Ports::Named(_), _) => false,
                }
        })
}
