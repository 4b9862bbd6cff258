//! Peers and ports, grouped into as few rules as say the same.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use kuberlock_model::network::{IpBlock, Peer, PortMatch, Ports, Protocol, Rule};
use kuberlock_model::selector::{LabelSelector, Requirement};

use super::evidence::Evidence;
use super::selection::Selection;

/// The label that the API server gives every namespace: its name.
const NAME: &str = "kubernetes.io/metadata.name";

/// A peer of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PeerKey {
    /// Everybody.
    All,
    /// Pods; of the policy's own namespace where none is told.
    Pods(Option<String>, Selection),
    /// Addresses.
    Block(IpNet, Vec<IpNet>),
}

impl PeerKey {
    fn peer(&self) -> Option<Peer> {
        match self {
            Self::All => None,
            Self::Pods(namespace, selection) => {
                let named = |name: &String| LabelSelector {
                    requirements: vec![Requirement::In(NAME.to_owned(), vec![name.clone()])],
                    labels: 1,
                };
                let pods = selection.selector();
                // A peer of nothing at all is none: `podSelector: {}` says all pods.
                let pods = (namespace.is_none() || !pods.is_empty()).then_some(pods);
                Some(Peer::Pods { namespaces: namespace.as_ref().map(named), pods })
            }
            Self::Block(cidr, except) => {
                Some(Peer::Block(IpBlock { cidr: *cidr, except: except.clone().into() }))
            }
        }
    }
}

/// Ports that are needed of each peer, with the evidence.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    held: BTreeMap<PeerKey, BTreeMap<(Protocol, u16), Vec<Evidence>>>,
}

impl Wanted {
    pub(super) fn add(
        &mut self,
        peer: PeerKey,
        protocol: Protocol,
        port: u16,
        evidence: &Evidence,
    ) {
        let ports = self.held.entry(peer).or_default();
        let held = ports.entry((protocol, port)).or_default();
        if !held.contains(evidence) {
            held.push(evidence.clone());
        }
    }

    /// Peers with the same ports are one rule. What everybody may reach already is not repeated
    /// for single peers.
    pub(super) fn rules(&self) -> (Vec<Rule>, Vec<Vec<Evidence>>) {
        let open: BTreeSet<(Protocol, u16)> =
            self.held.get(&PeerKey::All).into_iter().flat_map(BTreeMap::keys).copied().collect();
        let mut groups: BTreeMap<Group, Vec<&PeerKey>> = BTreeMap::new();
        for (peer, ports) in &self.held {
            let everybody = *peer == PeerKey::All;
            let needed = ports.keys().filter(|port| everybody || !open.contains(port));
            let group = Group { everybody, ports: needed.copied().collect() };
            if !group.ports.is_empty() {
                groups.entry(group).or_default().push(peer);
            }
        }
        groups.into_iter().map(|(group, peers)| self.rule(&group, &peers)).unzip()
    }

    fn rule(&self, group: &Group, peers: &[&PeerKey]) -> (Rule, Vec<Evidence>) {
        let mut evidence: Vec<Evidence> = Vec::new();
        for held in peers.iter().filter_map(|peer| self.held.get(*peer)) {
            let own = held.iter().filter(|(port, _)| group.ports.contains(port));
            for one in own.flat_map(|(_, evidence)| evidence) {
                if !evidence.contains(one) {
                    evidence.push(one.clone());
                }
            }
        }
        evidence.sort_by(|a, b| a.connection.cmp(&b.connection));
        let port = |(protocol, port): &(Protocol, u16)| PortMatch {
            protocol: Some(*protocol),
            ports: Ports::Range(*port, *port),
        };
        let peers = peers.iter().filter_map(|peer| peer.peer()).collect();
        (Rule { peers, ports: group.ports.iter().map(port).collect() }, evidence)
    }
}

/// Peers that need the same ports; everybody is never one of several.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    ports: BTreeSet<(Protocol, u16)>,
    everybody: bool,
}
