//! Traffic between a pod and its own node, which policies do not keep out.
//!
//! The API's documentation of NetworkPolicy lets traffic from a pod's own node in, whatever policies
//! say: probes need it. A pod on its node's network comes from that node. Whether traffic to the own
//! node gets out the documentation says and the API's types do not: plugins differ.

use crate::cni::Cni;
use crate::endpoint::{Endpoint, EndpointKind};
use crate::matching::Match;
use crate::ports::PortId;
use crate::profile::Through;
use crate::reachability::{Place, Reachability};

/// What is let through because both ends are on one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Near {
    pub(crate) egress: Exempt,
    pub(crate) ingress: Exempt,
}

/// Whether policies are not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exempt(Match);

impl Exempt {
    /// What gets through, with what policies let through.
    pub(crate) fn widen(self, through: Through) -> Through {
        match self.0 {
            Match::No => through,
            Match::Maybe => Through { possible: PortId::ALL, ..through },
            Match::Yes => Through::EVERYTHING,
        }
    }

    pub(crate) fn matched(self) -> Match {
        self.0
    }
}

impl Near {
    pub(crate) const FAR: Self = Self { egress: Exempt(Match::No), ingress: Exempt(Match::No) };
}

impl Reachability {
    /// Of any pod of one endpoint and any of the other.
    pub(crate) fn near(&self, from: usize, to: usize) -> Near {
        self.near_places(
            Place { endpoint: from, member: None },
            Place { endpoint: to, member: None },
        )
    }

    /// Of two places.
    pub(crate) fn near_places(&self, from: Place, to: Place) -> Near {
        let (Some(source), Some(target)) =
            (self.endpoints.get(from.endpoint), self.endpoints.get(to.endpoint))
        else {
            return Near::FAR;
        };
        // Of what leaves an ordinary pod, known plugins exempt nothing.
        let may_be = is_of_node(source) || (is_of_node(target) && self.cni == Cni::Unknown);
        if !may_be {
            return Near::FAR;
        }
        let together = together(source, from.member, target, to.member);
        let comes_from_node = is_of_node(source) && target.is_pods();
        let ingress = match comes_from_node {
            true if self.cni.lets_every_node_in() => Match::Yes,
            true => together,
            false => Match::No,
        };
        let goes_to_node = source.is_pods() && is_of_node(target);
        let egress = match goes_to_node && self.cni == Cni::Unknown {
            true => together.min(Match::Maybe),
            false => Match::No,
        };
        Near { egress: Exempt(egress), ingress: Exempt(ingress) }
    }
}

/// Whether traffic from or to it is its node's.
pub(crate) fn is_of_node(endpoint: &Endpoint) -> bool {
    endpoint.host_network || matches!(endpoint.kind, EndpointKind::Node(_))
}

/// The nodes of an end's pods, or of one of them; a node's own.
fn nodes(endpoint: &Endpoint, member: Option<usize>) -> Vec<Option<&str>> {
    match (&endpoint.kind, member.and_then(|member| endpoint.members.get(member))) {
        (EndpointKind::Node(name), _) => vec![Some(name)],
        (_, Some(pod)) => vec![pod.node.as_deref()],
        (_, None) => endpoint.members.iter().map(|pod| pod.node.as_deref()).collect(),
    }
}

/// Whether two ends are on one node.
fn together(a: &Endpoint, of_a: Option<usize>, b: &Endpoint, of_b: Option<usize>) -> Match {
    let (of_a, of_b) = (nodes(a, of_a), nodes(b, of_b));
    let mut seen = (false, false);
    for a in &of_a {
        for b in &of_b {
            match (a, b) {
                (Some(a), Some(b)) if a == b => seen.0 = true,
                (Some(_), Some(_)) => seen.1 = true,
                _ => return Match::Maybe,
            }
        }
    }
    match seen {
        (true, false) => Match::Yes,
        (true, true) => Match::Maybe,
        (false, _) => Match::No,
    }
}
