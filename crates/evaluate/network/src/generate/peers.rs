//! Whom a rule must name so that it means somebody.

use std::net::IpAddr;

use kuberlock_model::network::Direction;
use kuberlock_model::{Kind, ObjectKey};

use super::external::{everything, everything_v6, public, single, widened};
use super::rules::PeerKey;
use super::selection::selection;
use super::{Input, Note};
use crate::cni::Cni;
use crate::traffic::{Directory, Who};

/// The peers that mean `who` in a policy of `namespace`, and what is to be told of them.
pub(super) fn peers(
    directory: &Directory<'_>,
    input: &Input<'_>,
    namespace: &str,
    who: &Who,
    direction: Direction,
) -> (Vec<PeerKey>, Vec<Note>) {
    let naming = Naming { directory, input, namespace, who, direction };
    match who {
        Who::Pod { head, .. } | Who::Workload(head) => naming.pods(head),
        Who::Node(name) => naming.nodes(Some(name)),
        Who::Nodes => naming.nodes(None),
        Who::ApiServer => naming.api_server(),
        Who::Address(address) => naming.address(*address),
        Who::Host(_) => naming.public(
            "is known by name only: NetworkPolicy knows addresses, so \
            every public address of IPv4 is let through on this port",
        ),
        Who::Outside => naming.public(
            "is told without an address: every public address of IPv4 \
            is let through on this port",
        ),
        Who::Anybody => (vec![PeerKey::All], Vec::new()),
    }
}

struct Naming<'n, 'a> {
    directory: &'n Directory<'a>,
    input: &'n Input<'n>,
    namespace: &'n str,
    who: &'n Who,
    direction: Direction,
}

impl Naming<'_, '_> {
    fn note(&self, text: impl Into<String>) -> Note {
        Note { about: self.who.to_string(), text: text.into() }
    }

    fn pods(&self, head: &ObjectKey) -> (Vec<PeerKey>, Vec<Note>) {
        let held = self.directory.heads.get(head);
        if held.is_some_and(|held| held.is_on_host_network()) {
            let held = held.into_iter();
            let named =
                held.flat_map(|held| held.specs()).filter_map(|spec| spec.node_name.as_deref());
            let named: Vec<&str> = named.collect();
            let nodes = self.directory.cluster.nodes().filter(|node| {
                named.is_empty()
                    || head.kind == Kind::DaemonSet
                    || named.contains(&node.metadata.name.as_str())
            });
            let addresses: Vec<IpAddr> =
                nodes.flat_map(|node| node.addresses.iter().copied()).collect();
            return self.blocks(
                &addresses,
                "is on its node's network: the addresses of nodes stand for it",
            );
        }
        let (selection, also) = selection(self.directory, head);
        let foreign = head.namespace.as_deref() != Some(self.namespace);
        let peer = PeerKey::Pods(head.namespace.clone().filter(|_| foreign), selection);
        let text =
            |other: &ObjectKey| format!("has no label that tells its pods from those of {other}");
        (vec![peer], also.iter().map(|other| self.note(text(other))).collect())
    }

    fn nodes(&self, name: Option<&String>) -> (Vec<PeerKey>, Vec<Note>) {
        let wanted = self
            .directory
            .cluster
            .nodes()
            .filter(|node| name.is_none_or(|name| node.metadata.name == *name));
        let addresses: Vec<IpAddr> =
            wanted.flat_map(|node| node.addresses.iter().copied()).collect();
        self.blocks(&addresses, "is a node: its addresses stand for it")
    }

    /// Blocks of single addresses; everybody where none is known, since nothing narrower is sure.
    fn blocks(&self, addresses: &[IpAddr], text: &str) -> (Vec<PeerKey>, Vec<Note>) {
        if addresses.is_empty() {
            let note =
                self.note("has no address that is known: everybody is let through on this port");
            return (vec![PeerKey::All], vec![note]);
        }
        let mut notes = vec![self.note(text)];
        if self.input.cni == Cni::Cilium {
            notes.push(self.note(
                "is a node, and Cilium's ipBlock means none: a CiliumNetworkPolicy with \
                 `fromEntities` or `toEntities` is needed",
            ));
        }
        let blocks = addresses.iter().map(|address| PeerKey::Block(single(*address), Vec::new()));
        (blocks.collect(), notes)
    }

    fn api_server(&self) -> (Vec<PeerKey>, Vec<Note>) {
        let nodes = self.directory.api_servers();
        let addresses: Vec<IpAddr> =
            nodes.iter().flat_map(|node| node.addresses.iter().copied()).collect();
        if !addresses.is_empty() {
            return self.blocks(&addresses, "runs on nodes: their addresses stand for it");
        }
        let note =
            self.note("runs where no node is known: every address is let through on this port");
        match self.direction {
            Direction::Ingress => (vec![PeerKey::All], vec![note]),
            Direction::Egress => {
                let blocks = [everything(), everything_v6()];
                (blocks.map(|net| PeerKey::Block(net, Vec::new())).to_vec(), vec![note])
            }
        }
    }

    fn address(&self, address: IpAddr) -> (Vec<PeerKey>, Vec<Note>) {
        let block = widened(address, self.input.options);
        let notes = match block == single(address) {
            true => Vec::new(),
            false => vec![self.note(format!("is widened to {block}"))],
        };
        (vec![PeerKey::Block(block, Vec::new())], notes)
    }

    fn public(&self, text: &str) -> (Vec<PeerKey>, Vec<Note>) {
        let (cidr, except) = public();
        (vec![PeerKey::Block(cidr, except)], vec![self.note(text)])
    }
}
