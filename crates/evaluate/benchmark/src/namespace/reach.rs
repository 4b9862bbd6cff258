//! Whether one pod may open a connection to another, by the NetworkPolicies of both: the letter of
//! the API, packet by packet.
//!
//! Always holds: what an `ipBlock` means for a pod, and what a policy means for a pod on its node's
//! network, the API leaves to the plugin, and so does the answer; so it is where a policy of a tier
//! is about one of the ends.

use std::collections::BTreeMap;
use std::net::IpAddr;

use kuberlock_model::cluster::PodSource;
use kuberlock_model::network::{Direction, Peer, PortMatch, Ports, Protocol, Rule, TargetPort};
use kuberlock_model::{Cluster, Kind, Object, ObjectKey};
use kuberlock_network::Verdict;

use super::isolation::Policies;
use super::labels;

/// A pod, or the template of pods, as policies see it.
#[derive(Clone, Debug)]
pub(crate) struct End<'a> {
    pub(crate) source: &'a PodSource<'a>,
    pub(crate) namespace: &'a str,
    pub(crate) namespace_labels: BTreeMap<String, String>,
    pub(crate) addresses: &'a [IpAddr],
}

impl<'a> End<'a> {
    /// The end that `source` is.
    pub(crate) fn of(cluster: &'a Cluster, source: &'a PodSource<'a>) -> Self {
        let namespace = source.metadata.namespace.as_deref().unwrap_or_default();
        let key = |kind, within, name| cluster.get(&ObjectKey::new(kind, within, name));
        let metadata = key(Kind::Namespace, None, namespace).map(Object::metadata);
        let addresses = match key(Kind::Pod, Some(namespace), &source.metadata.name) {
            Some(Object::Pod(pod)) => &*pod.addresses,
            _ => &[],
        };
        let namespace_labels = labels::of(namespace, metadata);
        Self { source, namespace, namespace_labels, addresses }
    }

    /// The port that it calls `name`.
    pub(crate) fn named(&self, name: &str, protocol: Protocol) -> Option<u16> {
        let ports = self.source.spec.containers.iter().flat_map(|container| &container.ports);
        let mut ports = ports.filter(|port| port.protocol == protocol);
        ports.find(|port| port.name.as_deref() == Some(name)).map(|port| port.port)
    }

    /// The port that a service sends to.
    pub(crate) fn target(&self, target: &TargetPort, protocol: Protocol) -> Option<u16> {
        match target {
            TargetPort::Number(port) => Some(*port),
            TargetPort::Name(name) => self.named(name, protocol),
        }
    }
}

/// Whether `from` may open a connection to `port` of `to`: out of the one and into the other.
pub(crate) fn connection(
    policies: &Policies<'_>,
    from: &End<'_>,
    to: &End<'_>,
    protocol: Protocol,
    port: u16,
) -> Verdict {
    let out = direction(policies, Direction::Egress, from, to, protocol, port);
    let into = direction(policies, Direction::Ingress, to, from, protocol, port);
    match (out, into) {
        (Verdict::Denied, _) | (_, Verdict::Denied) => Verdict::Denied,
        (Verdict::Allowed, Verdict::Allowed) => Verdict::Allowed,
        _ => Verdict::ImplementationDefined,
    }
}

/// Whether the policies of `own` let traffic of `direction` through to or from `peer`.
pub(crate) fn direction(
    policies: &Policies<'_>,
    direction: Direction,
    own: &End<'_>,
    peer: &End<'_>,
    protocol: Protocol,
    port: u16,
) -> Verdict {
    let tiered = policies.tiered.iter().any(|policy| {
        let pods = policy.subject.pods.as_ref();
        policy.subject.namespaces.matches(&own.namespace_labels)
            && pods.is_none_or(|pods| pods.matches(own.source.pod_labels))
            && !policy.rules(direction).is_empty()
    });
    if tiered {
        return Verdict::ImplementationDefined;
    }
    // Policies do not reach a pod on its node's network.
    if own.source.spec.host_network {
        return Verdict::Allowed;
    }
    let destination = match direction {
        Direction::Ingress => own,
        Direction::Egress => peer,
    };
    let mut verdict = Verdict::Allowed;
    for policy in policies.within(own.namespace) {
        if !policy.isolates(direction) || !policy.pods.matches(own.source.pod_labels) {
            continue;
        }
        if verdict == Verdict::Allowed {
            verdict = Verdict::Denied;
        }
        for rule in policy.rules(direction) {
            if !rule.ports.is_empty()
                && !rule.ports.iter().any(|of| is_port(of, destination, protocol, port))
            {
                continue;
            }
            match matches(rule, own, peer) {
                Verdict::Allowed => return Verdict::Allowed,
                Verdict::Denied => {}
                other => verdict = other,
            }
        }
    }
    verdict
}

fn is_port(of: &PortMatch, to: &End<'_>, protocol: Protocol, port: u16) -> bool {
    if of.protocol.is_some_and(|of| of != protocol) {
        return false;
    }
    match &of.ports {
        Ports::All => true,
        Ports::Range(first, last) => (*first..=*last).contains(&port),
        Ports::Named(name) => to.named(name, protocol) == Some(port),
    }
}

/// Whether a rule means `peer`.
fn matches(rule: &Rule, own: &End<'_>, peer: &End<'_>) -> Verdict {
    if rule.peers.is_empty() {
        return Verdict::Allowed;
    }
    let mut verdict = Verdict::Denied;
    for of in &rule.peers {
        match of {
            Peer::Pods { namespaces, pods } => {
                let here = namespaces.as_ref().map_or(peer.namespace == own.namespace, |wanted| {
                    wanted.matches(&peer.namespace_labels)
                });
                let chosen = pods.as_ref().is_none_or(|pods| pods.matches(peer.source.pod_labels));
                match (here && chosen, peer.source.spec.host_network) {
                    (true, false) => return Verdict::Allowed,
                    (true, true) => verdict = Verdict::ImplementationDefined,
                    (false, _) => {}
                }
            }
            Peer::Block(block) => {
                let inside = |address: &IpAddr| {
                    block.cidr.contains(address)
                        && !block.except.iter().any(|hole| hole.contains(address))
                };
                // A pod that has no address yet may get one of the block.
                if peer.addresses.is_empty() || peer.addresses.iter().any(inside) {
                    verdict = Verdict::ImplementationDefined;
                }
            }
        }
    }
    verdict
}
