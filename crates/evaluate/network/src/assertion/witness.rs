//! One concrete connection that shows where an assertion does not hold.

use std::collections::BTreeSet;

use kuberlock_model::network::Protocol;

use super::Counterexample;
use super::ends::Ends;
use crate::endpoint::{Endpoint, EndpointKind};
use crate::ports::PortSet;
use crate::reachability::{Place, Reachability};
use crate::verdict::{Connection, Party, Verdict};

/// Pods of one endpoint that are tried, each on another node.
const TRIED: usize = 8;

/// Sources that are alike, a target, and ports.
pub(super) struct Pair<'p> {
    pub(super) sources: &'p [usize],
    pub(super) to: usize,
    pub(super) ports: &'p PortSet,
}

/// A connection between two pods, nodes or addresses of the pair; one that comes to `wanted`, if any does.
pub(super) fn counterexample(
    reach: &Reachability,
    pair: &Pair<'_>,
    wanted: Verdict,
    ends: (&Ends<'_>, &Ends<'_>),
    (from_meant, to_meant): (bool, bool),
) -> Option<Counterexample> {
    let (protocol, port) = crate::remaining::starts(pair.ports).first().copied()?;
    let (from, to, verdict) = places(reach, pair, wanted, (protocol, port))?;
    let explained = reach.explained(from, to, protocol, port)?;
    let why = match verdict {
        Verdict::Denied => explained.keeps_back(),
        Verdict::Allowed => explained.lets_through(),
        _ => [explained.lets_through(), explained.keeps_back()].concat(),
    };
    let connection = Connection {
        from: party(reach, from, ends.0, from_meant)?,
        to: party(reach, to, ends.1, to_meant)?,
        protocol,
        port,
    };
    Some(Counterexample { connection, verdict, ports: pair.ports.clone(), why })
}

/// Two different places, and what the connection between them comes to.
fn places(
    reach: &Reachability,
    pair: &Pair<'_>,
    wanted: Verdict,
    (protocol, port): (Protocol, u16),
) -> Option<(Place, Place, Verdict)> {
    let mut found = None;
    // Another source first, where the first is the target itself.
    let source = pair.sources.iter().find(|from| **from != pair.to).or(pair.sources.first())?;
    let target = reach.endpoint(pair.to)?;
    for from in members(reach.endpoint(*source)?, *source) {
        for to in members(target, pair.to) {
            let is_itself = from == to && reach.is_one_place(from);
            if is_itself {
                continue;
            }
            let verdict = reach.verdict_between(from, to, protocol, port);
            if verdict == wanted {
                return Some((from, to, verdict));
            }
            found = found.or(Some((from, to, verdict)));
        }
    }
    found
}

/// Some places of an endpoint: pods on different nodes, and two on the first of them.
fn members(endpoint: &Endpoint, at: usize) -> Vec<Place> {
    let mut nodes = BTreeSet::new();
    let place = |member| Place { endpoint: at, member };
    let mut places: Vec<Place> = Vec::new();
    for (number, pod) in endpoint.members.iter().enumerate() {
        if (nodes.insert(pod.node()) || number == 1) && places.len() < TRIED {
            places.push(place(Some(number)));
        }
    }
    if places.is_empty() {
        places.push(place(None));
    }
    places
}

fn party(reach: &Reachability, at: Place, ends: &Ends<'_>, is_meant: bool) -> Option<Party> {
    let endpoint = reach.endpoint(at.endpoint)?;
    Some(match &endpoint.kind {
        EndpointKind::Node(name) => Party::Node(name.to_string()),
        EndpointKind::Outside(range) => Party::Address(ends.address(*range, is_meant)),
        EndpointKind::Pods { namespace, head } => {
            let member = at.member.and_then(|member| endpoint.members.get(member));
            let name = member.map_or(&head.name, |pod| &pod.key.name);
            Party::pod(namespace, name)
        }
    })
}

impl Reachability {
    /// Whether a place is one pod that was seen, and not one of several.
    fn is_one_place(&self, place: Place) -> bool {
        let Some(endpoint) = self.endpoint(place.endpoint) else { return false };
        let pod = place.member.and_then(|member| endpoint.members.get(member));
        pod.map_or(!endpoint.is_pods(), |pod| !pod.is_template())
    }
}
