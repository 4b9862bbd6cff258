//! AdminNetworkPolicies, the BaselineAdminNetworkPolicy, ClusterNetworkPolicies.

use kuberlock_model::Kind;
use kuberlock_model::network::{
    Action, Direction, PodSelection, PortMatch, Ports, Tier, TierPeer, TierRule, TieredPolicy,
};

use super::metadata;
use super::pods::PORT_NAMES;
use super::policies::{net, protocol, range};
use super::random::Random;
use super::selectors::{NAMESPACE, NODE, POD, selector};

/// Few priorities, so that some are equal.
const PRIORITIES: u16 = 3;

pub fn policy(random: &mut Random, number: usize) -> TieredPolicy {
    let (kind, tier) = *random.pick(&[
        (Kind::AdminNetworkPolicy, Tier::Admin),
        (Kind::BaselineAdminNetworkPolicy, Tier::Baseline),
        (Kind::ClusterNetworkPolicy, Tier::Admin),
        (Kind::ClusterNetworkPolicy, Tier::Baseline),
    ]);
    let is_baseline = kind == Kind::BaselineAdminNetworkPolicy;
    let name = if is_baseline { "default".to_owned() } else { format!("tiered{number}") };
    TieredPolicy {
        kind,
        metadata: metadata(None, &name, [].into()),
        tier,
        priority: if is_baseline { 0 } else { random.below(PRIORITIES.into()) as u16 },
        subject: selection(random),
        ingress: random.some(0, 2, |random| rule(random, kind, Direction::Ingress)),
        egress: random.some(0, 2, |random| rule(random, kind, Direction::Egress)),
    }
}

fn rule(random: &mut Random, kind: Kind, way: Direction) -> TierRule {
    let actions: &[Action] = match kind {
        Kind::BaselineAdminNetworkPolicy => &[Action::Accept, Action::Deny],
        _ => &[Action::Accept, Action::Deny, Action::Pass],
    };
    let action = *random.pick(actions);
    let peers: Box<[TierPeer]> = random.some(1, 2, |random| peer(random, way, action));
    // Named ports are for pods alone.
    let is_of_pods = peers.iter().all(|peer| matches!(peer, TierPeer::Pods(_)));
    let ports = random.some(0, 2, |random| port(random, kind, is_of_pods));
    TierRule { name: None, action, peers, ports }
}

fn peer(random: &mut Random, way: Direction, action: Action) -> TierPeer {
    match (random.below(9), way) {
        (0..2, Direction::Egress) => TierPeer::Networks(random.some(1, 2, net)),
        (2, Direction::Egress) => TierPeer::Nodes(selector(random, NODE)),
        (3, Direction::Egress) if action == Action::Accept => {
            TierPeer::DomainNames(["*.example.org".into()].into())
        }
        (4, _) if random.one_in(3) => TierPeer::Unknown,
        _ => TierPeer::Pods(selection(random)),
    }
}

fn port(random: &mut Random, kind: Kind, may_be_named: bool) -> PortMatch {
    match random.below(4) {
        0 if may_be_named => {
            PortMatch { protocol: None, ports: Ports::Named((*random.pick(&PORT_NAMES)).into()) }
        }
        // A protocol without a port is v1alpha2's alone.
        1 if kind == Kind::ClusterNetworkPolicy => {
            PortMatch { protocol: Some(protocol(random)), ports: Ports::All }
        }
        _ => PortMatch { protocol: Some(protocol(random)), ports: range(random) },
    }
}

fn selection(random: &mut Random) -> PodSelection {
    PodSelection {
        namespaces: selector(random, NAMESPACE),
        pods: random.maybe(2, |random| selector(random, POD)),
    }
}
