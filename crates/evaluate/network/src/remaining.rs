//! What is still possible to and from some pods, and why: what a quarantine leaves open.
//!
//! Enters: parties. Leaves: for each of their places and directions the peers with whom connections
//! still get through, by the ports and by what lets them. Always holds: a peer that is not told
//! of cannot be reached; peers are told together only where the same rules decide.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use kuberlock_model::network::{Direction, Protocol};

use crate::matching::Match;
use crate::near::is_of_node;
use crate::policy::RulePorts;
use crate::ports::PortSet;
use crate::profile::{Profile, Through};
use crate::reachability::{Place, Reach, Reachability, UnknownParty};
use crate::reason::Reason;
use crate::select::Matched;
use crate::verdict::Party;

/// Connections of a pod that still get through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remaining {
    /// The pod, or the pods that are one endpoint.
    pub pod: Place,
    /// Whether they come to the pod or leave it.
    pub direction: Direction,
    /// With whom, by number.
    pub peers: Vec<usize>,
    /// On which ports.
    pub reach: Reach,
    /// What lets them through: the rules that decide some of the ports, on both sides.
    pub why: Vec<Reason>,
}

/// Ports asked of one group of peers.
const SAMPLES: usize = 16;

/// What peers have in common that the same rules decide about.
#[derive(PartialEq, Eq, Hash)]
struct Kin {
    egress: Through,
    ingress: Through,
    /// What each rule of the pod's policies makes of them.
    matched: Vec<Match>,
    /// Their own policies, by their profile.
    opposite: Option<*const Profile>,
    /// What is of a node is judged by itself.
    of_node: Option<usize>,
}

impl Reachability {
    /// What is still possible to and from `pods`, and why.
    ///
    /// # Errors
    /// The cluster does not have one of them.
    pub fn remaining(&self, pods: &[Party]) -> Result<Vec<Remaining>, UnknownParty> {
        let mut all = Vec::new();
        for party in pods {
            for place in self.resolve(party)? {
                for direction in Direction::BOTH {
                    all.extend(self.remaining_of(place, direction));
                }
            }
        }
        Ok(all)
    }

    fn remaining_of(&self, pod: Place, direction: Direction) -> Vec<Remaining> {
        let rules = self.rules_of(pod.endpoint, direction);
        let mut kin: HashMap<Kin, Vec<usize>> = HashMap::new();
        for (peer, _) in self.endpoints() {
            if peer != pod.endpoint || !self.is_one_pod(peer) {
                kin.entry(self.kin(pod, peer, direction, &rules)).or_default().push(peer);
            }
        }
        let mut folded: BTreeMap<(PortSet, PortSet, Vec<Reason>), Vec<usize>> = BTreeMap::new();
        for (kin, peers) in kin {
            let both = |a, b| self.table.set(a).intersection(self.table.set(b));
            let possible = both(kin.egress.possible, kin.ingress.possible);
            let Some(first) = peers.first().filter(|_| !possible.is_empty()) else { continue };
            let certain = both(kin.egress.certain, kin.ingress.certain);
            let why = self.why_remaining(pod, *first, direction, &self.samples(&possible, &rules));
            folded.entry((certain, possible, why)).or_default().extend(peers);
        }
        let told = folded.into_iter().map(|((certain, possible, why), mut peers)| {
            peers.sort_unstable();
            Remaining { pod, direction, peers, reach: Reach { certain, possible }, why }
        });
        let mut told: Vec<Remaining> = told.collect();
        told.sort_by(|a, b| a.peers.cmp(&b.peers));
        told
    }

    fn kin(&self, pod: Place, peer: usize, direction: Direction, rules: &[OwnRule<'_>]) -> Kin {
        let (from, to) = ends(pod, peer, direction);
        let near = self.near_places(from, to);
        let (egress, ingress) = self.sides(from.endpoint, to.endpoint, near);
        let opposite = match direction {
            Direction::Ingress => &self.egress,
            Direction::Egress => &self.ingress,
        };
        let whom = |rule: &OwnRule<'_>| rule.0.map_or(Match::Yes, |peers| peers.of(peer));
        let of_node = self.endpoint(peer).is_some_and(is_of_node).then_some(peer);
        Kin {
            egress,
            ingress,
            matched: rules.iter().map(whom).collect(),
            opposite: opposite.get(peer).map(Arc::as_ptr),
            of_node,
        }
    }

    /// The rules of all policies that select an endpoint: whom they mean, and on which ports.
    fn rules_of(&self, at: usize, direction: Direction) -> Vec<OwnRule<'_>> {
        let tiered = self.tiered.values().filter(|policy| policy.subject.certain.contains(at));
        let tiered = tiered.flat_map(|policy| policy.rules(direction));
        let policies = self.policies.values().filter(|policy| policy.subject.possible.contains(at));
        let policies = policies.flat_map(|policy| policy.rules(direction));
        let tiered = tiered.map(|rule| (rule.peers.as_ref(), &rule.ports));
        tiered.chain(policies.map(|rule| (rule.peers.as_ref(), &rule.ports))).collect()
    }

    /// Ports of `possible` at which another rule may decide.
    fn samples(&self, possible: &PortSet, rules: &[OwnRule<'_>]) -> Vec<(Protocol, u16)> {
        let mut samples: Vec<(Protocol, u16)> = starts(possible);
        for (_, ports) in rules {
            samples.extend(starts(&self.table.set(ports.numbers).intersection(possible)));
        }
        let mut seen = std::collections::HashSet::new();
        samples.retain(|sample| seen.insert(*sample));
        samples.truncate(SAMPLES);
        samples
    }

    fn why_remaining(
        &self,
        pod: Place,
        peer: usize,
        direction: Direction,
        samples: &[(Protocol, u16)],
    ) -> Vec<Reason> {
        let (from, to) = ends(pod, peer, direction);
        let asked = samples.iter().filter_map(|(protocol, port)| {
            Some(self.explained(from, to, *protocol, *port)?.lets_through())
        });
        let mut why: Vec<Reason> = asked.flatten().collect();
        why.sort();
        why.dedup();
        why
    }

    /// Whether an endpoint is one pod that was seen, which has nobody of its kind to connect to; or is
    /// no pod.
    pub(crate) fn is_one_pod(&self, at: usize) -> bool {
        self.endpoint(at).is_some_and(|endpoint| match &*endpoint.members {
            [pod] => !pod.is_template(),
            pods => pods.is_empty(),
        })
    }
}

type OwnRule<'r> = (Option<&'r Matched>, &'r RulePorts);

fn ends(pod: Place, peer: usize, direction: Direction) -> (Place, Place) {
    let peer = Place { endpoint: peer, member: None };
    match direction {
        Direction::Ingress => (peer, pod),
        Direction::Egress => (pod, peer),
    }
}

/// The first port of each range.
pub(crate) fn starts(ports: &PortSet) -> Vec<(Protocol, u16)> {
    let of = |protocol| ports.of(protocol).iter().map(move |(first, _)| (protocol, *first));
    Protocol::ALL.into_iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::reach;

    const TOWN: &str = "
        namespace web
        namespace ops team=ops
        pod web/a app=front @10.0.0.1
        pod web/b app=back @10.0.0.2
        pod ops/probe app=probe @10.0.1.1
        policy web/locked app=front in out
          in ns:team=ops 9090
          out app=back 80,443
        policy web/closed app=back in
          in app=front 80
    ";

    fn told(reach: &Reachability, remaining: &[Remaining]) -> Vec<String> {
        let names = crate::Names::new(reach);
        let line = |one: &Remaining| {
            let why: Vec<String> = one.why.iter().map(ToString::to_string).collect();
            let peers = names.name(&one.peers);
            format!("{} {peers} {} | {}", one.direction, one.reach.certain, why.join("; "))
        };
        remaining.iter().map(line).collect()
    }

    #[test]
    fn what_is_left_and_by_which_rule() {
        let reach = reach(TOWN);
        let left = reach.remaining(&[Party::pod("web", "a")]).unwrap();
        assert_eq!(
            told(&reach, &left),
            [
                "ingress ops/probe[Pod] TCP 9090 | ingress: NetworkPolicy web/locked spec.ingress[0] \
                 lets it through; egress: no policy isolates the pod",
                "egress web/b[Pod] TCP 80 | ingress: NetworkPolicy web/closed spec.ingress[0] lets it \
                 through; egress: NetworkPolicy web/locked spec.egress[0] lets it through",
            ]
        );
        assert!(reach.remaining(&[Party::pod("web", "nobody")]).is_err());
    }

    /// Nothing is forgotten, and nothing invented: as pair by pair.
    #[test]
    fn it_is_what_pairs_say() {
        let reach = reach(TOWN);
        for (at, endpoint) in reach.endpoints().filter(|(_, endpoint)| endpoint.is_pods()) {
            let (namespace, name) = (endpoint.namespace().unwrap(), &endpoint.members[0].key.name);
            let left = reach.remaining(&[Party::pod(namespace, name)]).unwrap();
            for (peer, _) in reach.endpoints().filter(|(peer, _)| *peer != at) {
                for (direction, expected) in [
                    (Direction::Ingress, reach.between(peer, at)),
                    (Direction::Egress, reach.between(at, peer)),
                ] {
                    let found = left
                        .iter()
                        .find(|one| one.direction == direction && one.peers.contains(&peer));
                    match found {
                        Some(one) => assert_eq!(one.reach, expected),
                        None => assert!(expected.possible.is_empty()),
                    }
                }
            }
        }
    }
}
