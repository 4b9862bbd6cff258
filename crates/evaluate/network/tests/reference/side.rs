//! One side of a connection: what its pod's policies say of it.
//!
//! Enters: a pod, the other end, the direction and the port. Leaves: every world, and what becomes of
//! the connection in it. Always holds: tiers are asked in the API's order (Admin by rising priority,
//! NetworkPolicy, Baseline), and what nobody decides is allowed.

use kuberlock_model::network::{
    Action, Direction, NetworkPolicy, Tier, TierPeer, TierRule, TieredPolicy,
};
use kuberlock_network::Cni;

use super::ends::{End, PodEnd};
use super::matching::{Match, is_of_ports, selects};
use super::{Packet, Reference, World, Worlds};

pub struct Side<'s, 'a> {
    pub reference: &'s Reference<'a>,
    pub pod: &'s PodEnd<'a>,
    pub other: &'s End<'a>,
    pub way: Direction,
    pub packet: Packet,
}

/// Whether something holds; an open question is known by its number.
#[derive(Clone, Copy)]
enum Fact {
    Settled(bool),
    Open(u32),
}

impl Fact {
    fn holds(self, world: u64) -> bool {
        match self {
            Self::Settled(holds) => holds,
            Self::Open(number) => world & (1 << number) != 0,
        }
    }
}

/// The questions that are open.
#[derive(Default)]
struct Questions(u32);

impl Questions {
    fn fact(&mut self, found: Match) -> Fact {
        match found {
            Match::No => Fact::Settled(false),
            Match::Yes => Fact::Settled(true),
            Match::Maybe => {
                self.0 += 1;
                assert!(self.0 < 24, "more questions than can be tried");
                Fact::Open(self.0 - 1)
            }
        }
    }
}

/// A policy's rules, each with whether it matches.
type Rules = Vec<(Fact, Action)>;
/// The policies of one priority.
type Group = Vec<Rules>;

impl Side<'_, '_> {
    pub fn worlds(&self) -> Worlds {
        let mut questions = Questions::default();
        let passes_anyway = questions.fact(self.passes_anyway());
        let admin = self.tier(Tier::Admin, &mut questions);
        let is_isolated = questions.fact(self.is_isolated());
        let is_let_through = questions.fact(self.is_let_through());
        let baseline = self.tier(Tier::Baseline, &mut questions);
        let admin_orders = orders(&admin);
        let baseline_orders = orders(&baseline);
        let mut worlds = Worlds::new();
        for world in 0..1 << questions.0 {
            let mut ends = World::default();
            for admin in &admin_orders {
                for baseline in &baseline_orders {
                    let passes = passes_anyway.holds(world)
                        || match decision(admin, world) {
                            Some(Action::Accept) => true,
                            Some(Action::Deny) => false,
                            _ if is_isolated.holds(world) => is_let_through.holds(world),
                            _ => decision(baseline, world) != Some(Action::Deny),
                        };
                    ends.passes |= passes;
                    ends.stops |= !passes;
                }
            }
            worlds.insert(ends);
        }
        worlds
    }

    /// Traffic between a pod and its own node: the kubelet must reach the pod, so it comes in
    /// whatever policies say; whether it goes out as freely is told differently in two places.
    fn passes_anyway(&self) -> Match {
        let Some(host) = self.other.host() else { return Match::No };
        let is_own = match (host, self.pod.spec.node_name.as_deref()) {
            (Some(host), Some(own)) if host == own => Match::Yes,
            (Some(_), Some(_)) => Match::No,
            _ => Match::Maybe,
        };
        match (self.way, self.reference.cni) {
            (Direction::Ingress, Cni::Aws) => Match::Yes,
            (Direction::Ingress, _) => is_own,
            (Direction::Egress, Cni::Unknown) => is_own.min(Match::Maybe),
            (Direction::Egress, _) => Match::No,
        }
    }

    /// The NetworkPolicies that isolate the pod in this direction.
    fn policies(&self) -> impl Iterator<Item = &NetworkPolicy> {
        let Reference { cluster, cni, .. } = self.reference;
        cluster.network_policies().filter(move |policy| {
            cni.enforces(policy.kind) != Some(false)
                && policy.metadata.namespace.as_deref() == Some(self.pod.namespace())
                && policy.isolates(self.way)
                && selects(&policy.pods, self.pod.labels)
        })
    }

    /// Whether a plugin selects a pod on its node's network is its own affair; those named do not.
    fn is_isolated(&self) -> Match {
        match (self.policies().next(), self.pod.spec.host_network, self.reference.cni) {
            (None, _, _) => Match::No,
            (Some(_), false, _) => Match::Yes,
            (Some(_), true, Cni::Unknown) => Match::Maybe,
            (Some(_), true, _) => Match::No,
        }
    }

    fn is_let_through(&self) -> Match {
        Match::any(self.policies().flat_map(|policy| policy.rules(self.way)).map(|rule| {
            if is_of_ports(&rule.ports, &self.destination(), self.packet) {
                self.reference.is_of_peers(&rule.peers, self.pod.namespace(), self.other)
            } else {
                Match::No
            }
        }))
    }

    /// A tier's policies for this pod that say anything of this connection, by priority.
    fn tier(&self, tier: Tier, questions: &mut Questions) -> Vec<Group> {
        let Reference { cluster, cni, .. } = self.reference;
        let mut policies: Vec<&TieredPolicy> = cluster
            .tiered_policies()
            .filter(|policy| policy.tier == tier && cni.enforces(policy.kind) != Some(false))
            .filter(|policy| self.reference.is_selected(&policy.subject, self.pod))
            .collect();
        policies.sort_by_key(|policy| policy.priority);
        let groups = policies.chunk_by(|a, b| a.priority == b.priority);
        groups
            .map(|group| {
                let rules = group.iter().map(|policy| self.rules(policy, questions));
                rules.filter(|rules| !rules.is_empty()).collect()
            })
            .collect()
    }

    /// The rules of a policy that match, or may.
    fn rules(&self, policy: &TieredPolicy, questions: &mut Questions) -> Rules {
        let rules = policy.rules(self.way).iter().map(|rule| self.rule(rule));
        let rules = rules.filter(|(found, _)| *found != Match::No);
        rules.map(|(found, action)| (questions.fact(found), action)).collect()
    }

    /// A rule with a peer of a form that is not known fails closed.
    fn rule(&self, rule: &TierRule) -> (Match, Action) {
        if rule.peers.contains(&TierPeer::Unknown) {
            return match rule.action {
                Action::Accept => (Match::No, Action::Accept),
                Action::Deny | Action::Pass => (Match::Yes, Action::Deny),
            };
        }
        if !is_of_ports(&rule.ports, &self.destination(), self.packet) {
            return (Match::No, rule.action);
        }
        (self.reference.is_of_tier_peers(&rule.peers, self.other), rule.action)
    }

    fn destination(&self) -> End<'_> {
        match self.way {
            Direction::Ingress => End::Pod(self.pod.clone()),
            Direction::Egress => self.other.clone(),
        }
    }
}

/// The first rule that matches, of the policies in this order.
fn decision(policies: &[&Rules], world: u64) -> Option<Action> {
    let rules = policies.iter().flat_map(|rules| rules.iter());
    rules.filter(|(fact, _)| fact.holds(world)).map(|(_, action)| *action).next()
}

/// Every order of a tier's policies that keeps the order of priorities.
fn orders(groups: &[Group]) -> Vec<Vec<&Rules>> {
    groups.iter().fold(vec![Vec::new()], |orders, group| {
        let next = permutations(&group.iter().collect::<Vec<_>>());
        orders
            .iter()
            .flat_map(|order| next.iter().map(move |next| [&order[..], next].concat()))
            .collect()
    })
}

fn permutations<'r>(all: &[&'r Rules]) -> Vec<Vec<&'r Rules>> {
    if all.is_empty() {
        return vec![Vec::new()];
    }
    let mut found = Vec::new();
    for at in 0..all.len() {
        let mut rest = all.to_vec();
        let first = rest.remove(at);
        found.extend(permutations(&rest).into_iter().map(|rest| [&[first][..], &rest].concat()));
    }
    found
}
