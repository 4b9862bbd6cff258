//! NetworkPolicies, and the pieces that they share with tiered policies.

use kuberlock_model::Kind;
use kuberlock_model::network::{
    IpBlock, IpNet, NetworkPolicy, Peer, PortMatch, Ports, Protocol, Rule,
};

use super::metadata;
use super::pods::PORT_NAMES;
use super::random::Random;
use super::selectors::{NAMESPACE, POD, selector};

/// Addresses outside, some of them in the blocks below.
pub const OUTSIDE: [&str; 5] =
    ["203.0.113.7", "203.0.113.200", "8.8.8.8", "2001:db8::7", "2600::1"];

/// Blocks that hold pods, nodes, the outside, everything, or nothing.
const BLOCKS: [&str; 18] = [
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.0.0.0/16",
    "10.0.0.0/24",
    "10.0.1.0/24",
    "10.0.0.1/32",
    "10.0.0.2/31",
    "192.168.0.0/24",
    "192.168.0.1/32",
    "203.0.113.0/24",
    "203.0.113.0/25",
    "203.0.113.7/32",
    "::/0",
    "fd00::/16",
    "fd00:1::/32",
    "fd00::2/128",
    "fd01::/64",
    "2001:db8::/32",
];

pub fn policy(random: &mut Random, namespace: &str, number: usize) -> NetworkPolicy {
    let ingress = !random.one_in(3);
    NetworkPolicy {
        kind: Kind::NetworkPolicy,
        metadata: metadata(Some(namespace), &format!("policy{number}"), [].into()),
        pods: selector(random, POD),
        ingress,
        // A policy isolates in one direction at least; rules of the other are inert.
        egress: !ingress || random.one_in(2),
        ingress_rules: random.some(0, 2, rule),
        egress_rules: random.some(0, 2, rule),
        networks: Box::default(),
    }
}

fn rule(random: &mut Random) -> Rule {
    Rule { peers: random.some(0, 2, peer), ports: random.some(0, 2, port) }
}

fn peer(random: &mut Random) -> Peer {
    match random.below(5) {
        0 => Peer::Pods { namespaces: None, pods: Some(selector(random, POD)) },
        1 => Peer::Pods { namespaces: Some(selector(random, NAMESPACE)), pods: None },
        2 => Peer::Pods {
            namespaces: Some(selector(random, NAMESPACE)),
            pods: Some(selector(random, POD)),
        },
        _ => Peer::Block(block(random)),
    }
}

/// A block, and holes that are less than all of it.
fn block(random: &mut Random) -> IpBlock {
    let cidr = net(random);
    let inside = |hole: &IpNet| cidr.contains(hole) && *hole != cidr;
    let holes = BLOCKS.map(|text| text.parse().expect("a block"));
    let holes: Vec<IpNet> = holes.into_iter().filter(inside).collect();
    let except = if holes.is_empty() || random.one_in(2) {
        Box::default()
    } else {
        random.some(1, 2, |random| *random.pick(&holes))
    };
    IpBlock { cidr, except }
}

pub fn net(random: &mut Random) -> IpNet {
    random.pick(&BLOCKS).parse().expect("a block")
}

fn port(random: &mut Random) -> PortMatch {
    let protocol = Some(protocol(random));
    let ports = match random.below(4) {
        0 => Ports::All,
        1 => Ports::Named((*random.pick(&PORT_NAMES)).into()),
        _ => range(random),
    };
    PortMatch { protocol, ports }
}

pub fn protocol(random: &mut Random) -> Protocol {
    *random.pick(&[Protocol::Tcp, Protocol::Tcp, Protocol::Udp, Protocol::Sctp])
}

/// One port or several, next to one another and at either end.
pub fn range(random: &mut Random) -> Ports {
    let (first, last) = *random.pick(&[
        (80, 80),
        (81, 81),
        (53, 53),
        (80, 8080),
        (81, 90),
        (1, 65535),
        (8080, 65535),
        (1, 79),
    ]);
    Ports::Range(first, last)
}
