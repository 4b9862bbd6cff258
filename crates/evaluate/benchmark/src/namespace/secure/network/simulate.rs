//! The policies tried: what has to pass still does, and nothing passes that did not.

use std::collections::BTreeSet;
use std::net::IpAddr;

use kuberlock_model::Change;
use kuberlock_model::cluster::PodSource;
use kuberlock_model::network::Protocol;
use kuberlock_network::{Connection, Party, PortSet, Reachability, Verdict};

use super::party;
use crate::context::Context;
use crate::namespace::Space;
use crate::namespace::secure::{Manifest, Proposal};

/// A connection that has to go on.
pub(super) struct Wanted {
    connection: Connection,
    said: String,
}

impl Wanted {
    /// Between two workloads.
    pub(super) fn pods(
        from: &PodSource<'_>,
        to: &PodSource<'_>,
        protocol: Protocol,
        port: u16,
        said: String,
    ) -> Self {
        Self { connection: Connection { from: party(from), to: party(to), protocol, port }, said }
    }

    /// To an address, by TCP.
    pub(super) fn address(from: &PodSource<'_>, to: IpAddr, port: u16, said: String) -> Self {
        let (from, to, protocol) = (party(from), Party::Address(to), Protocol::Tcp);
        Self { connection: Connection { from, to, protocol, port }, said }
    }
}

pub(super) fn simulate(
    context: &Context<'_>,
    space: &Space<'_>,
    manifests: &[Manifest],
    wanted: &[Wanted],
    proposal: &mut Proposal,
) {
    if manifests.is_empty() {
        return;
    }
    let before = context.network();
    let changes: Vec<Change> =
        manifests.iter().map(|manifest| Change::upsert(manifest.model.clone())).collect();
    let after = before.with(&changes);
    let (mut kept, mut broken, mut open) = (0_usize, BTreeSet::new(), BTreeSet::new());
    for Wanted { connection, said } in wanted {
        let end = format!("{said}: {} {}", connection.protocol, connection.port);
        match (before.verdict(connection), after.verdict(connection)) {
            // What does not pass today is not broken by what comes.
            (Ok(Verdict::Denied), _) => {}
            (_, Ok(Verdict::Allowed)) => kept += 1,
            (_, Ok(Verdict::Denied)) => _ = broken.insert(format!("{end} would be denied")),
            (_, Ok(_)) => _ = open.insert(format!("{end}: left to the network plugin")),
            (_, Err(_)) => _ = open.insert(format!("{end}: one of its ends was not seen")),
        }
    }
    proposal.proven.push(format!(
        "{kept} of {} connections that are known go on",
        kept + broken.len() + open.len()
    ));
    proposal.breaks.extend(broken);
    proposal.unknown.extend(open);
    compare(context, space, before, &after, proposal);
}

/// Holds every pair of workloads with one end in the namespace against today.
fn compare(
    context: &Context<'_>,
    space: &Space<'_>,
    before: &Reachability,
    after: &Reachability,
    proposal: &mut Proposal,
) {
    let groups = context.pod_sources().chunk_by(|a, b| a.head == b.head);
    let all: Vec<&PodSource<'_>> = groups.filter_map(<[_]>::first).collect();
    let is_here = |of: &&PodSource<'_>| of.metadata.namespace.as_deref() == Some(space.name);
    let (mut closed, mut opened) = (BTreeSet::new(), BTreeSet::new());
    let mut pair = |from: &PodSource<'_>, to: &PodSource<'_>| {
        let (was, is) = (ports(before, from, to), ports(after, from, to));
        if !is.0.is_subset(&was.1) {
            opened.insert(format!("{} would newly reach {}", from.head, to.head));
        }
        if !was.0.is_subset(&is.1) {
            closed.insert((from.head.to_string(), to.head.to_string()));
        }
    };
    for own in all.iter().filter(|of| is_here(of)) {
        for other in &all {
            pair(own, other);
            if !is_here(other) {
                pair(other, own);
            }
        }
    }
    match opened.is_empty() {
        true => proposal.proven.push("no workload newly reaches another".to_owned()),
        false => proposal.breaks.extend(opened),
    }
    proposal.proven.push(format!("{} ways between workloads are closed", closed.len()));
}

/// The ports by which one workload certainly, and possibly, reaches another.
fn ports(network: &Reachability, from: &PodSource<'_>, to: &PodSource<'_>) -> (PortSet, PortSet) {
    let places = |of| network.resolve(&party(of)).unwrap_or_default();
    let (mut certain, mut possible) = (PortSet::none(), PortSet::none());
    for from in places(from) {
        for to in places(to) {
            let reach = network.between(from.endpoint, to.endpoint);
            certain = certain.union(&reach.certain);
            possible = possible.union(&reach.possible);
        }
    }
    (certain, possible)
}
