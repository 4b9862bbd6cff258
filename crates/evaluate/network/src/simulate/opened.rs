//! What would newly be possible, whether or not anybody asked for it.

use std::collections::{BTreeMap, BTreeSet};

use fixedbitset::FixedBitSet as Bits;
use serde::Serialize;

use crate::endpoint::{Endpoint, EndpointKind};
use crate::ports::PortSet;
use crate::reachability::Reachability;
use crate::verdict::Party;

/// Connections that are not possible today, folded: each of `from` to each of `to`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Opened {
    /// Who could open them.
    pub from: Vec<String>,
    /// To whom.
    pub to: Vec<String>,
    /// To which ports.
    pub ports: String,
}

/// What `after` lets through, or may, and `before` does not.
pub(super) fn opened(before: &Reachability, after: &Reachability) -> Vec<Opened> {
    let stable = stable(before, after);
    let mut found: BTreeMap<(String, String), PortSet> = BTreeMap::new();
    let (mut rows_before, mut rows_after) = (before.rows(), after.rows());
    for (from, endpoint) in after.endpoints() {
        let Some(old) = counterpart(before, from, endpoint, &stable) else { continue };
        let (row_before, row_after) = (rows_before.row(old), rows_after.row(from));
        for (reach, to) in row_after.parts {
            let ports = rows_after.possible(reach).clone();
            let mut rest = to;
            for (held, known) in &row_before.parts {
                if ports.is_subset(rows_before.possible(*held)) {
                    // Numbers that mean somebody else today are asked one by one.
                    let mut known = known.clone();
                    known.intersect_with(&stable);
                    rest.difference_with(&known);
                }
            }
            for to in rest.ones() {
                let Some(peer) = after.endpoint(to) else { continue };
                let Some(old_to) = counterpart(before, to, peer, &stable) else { continue };
                let new = ports.difference(&before.between(old, old_to).possible);
                if !new.is_empty() {
                    let key = (shown(endpoint), shown(peer));
                    let held = found.entry(key).or_insert_with(PortSet::none);
                    *held = held.union(&new);
                }
            }
        }
    }
    folded(found)
}

/// Endpoints that are the same, by number, in both.
fn stable(before: &Reachability, after: &Reachability) -> Bits {
    let same = after.endpoints().filter(|(at, endpoint)| {
        before.endpoint(*at).is_some_and(|old| {
            old.kind == endpoint.kind && old.members.first() == endpoint.members.first()
        })
    });
    same.map(|(at, _)| at).collect()
}

/// The endpoint's number in the network before.
fn counterpart(
    before: &Reachability,
    at: usize,
    endpoint: &Endpoint,
    stable: &Bits,
) -> Option<usize> {
    if stable.contains(at) {
        return Some(at);
    }
    let party = match &endpoint.kind {
        EndpointKind::Pods { namespace, .. } => {
            Party::pod(namespace, &endpoint.members.first()?.key.name)
        }
        EndpointKind::Node(name) => Party::Node(name.to_string()),
        EndpointKind::Outside(range) => Party::Address(range.first),
    };
    before.resolve(&party).ok()?.first().map(|place| place.endpoint)
}

/// Pods by their workload; the ranges outside as one where that is all there is to say.
fn shown(endpoint: &Endpoint) -> String {
    endpoint.to_string()
}

fn folded(found: BTreeMap<(String, String), PortSet>) -> Vec<Opened> {
    let mut by_peer: BTreeMap<(String, PortSet), BTreeSet<String>> = BTreeMap::new();
    for ((from, to), ports) in found {
        by_peer.entry((from, ports)).or_default().insert(to);
    }
    let mut whole: BTreeMap<(BTreeSet<String>, PortSet), BTreeSet<String>> = BTreeMap::new();
    for ((from, ports), to) in by_peer {
        whole.entry((to, ports)).or_default().insert(from);
    }
    let opened = whole.into_iter().map(|((to, ports), from)| Opened {
        from: from.into_iter().collect(),
        to: to.into_iter().collect(),
        ports: ports.to_string(),
    });
    opened.collect()
}
