//! What a connection comes to before and after the changes.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use kuberlock_model::network::Protocol;
use kuberlock_model::{Change, ObjectKey};

use super::blame::{Blame, blame};
use crate::endpoint::EndpointKind;
use crate::reachability::Reachability;
use crate::traffic::{Directory, Who};
use crate::verdict::{Connection, Party, Verdict};

/// How many pods of one workload are asked about that policies do not tell apart: two, so that one
/// replica's way to another is among the answers.
const ALIKE: usize = 2;

/// The two networks, and whom the changes touch.
pub(super) struct Judging<'j, 'a> {
    pub(super) directory: &'j Directory<'a>,
    pub(super) before: &'j Reachability,
    pub(super) after: &'j Reachability,
    changed: BTreeSet<ObjectKey>,
    outside: Vec<Party>,
}

/// What a connection comes to.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) before: Verdict,
    pub(super) after: Verdict,
    pub(super) connection: Connection,
}

impl<'j, 'a> Judging<'j, 'a> {
    pub(super) fn new(
        directory: &'j Directory<'a>,
        before: &'j Reachability,
        after: &'j Reachability,
        changes: &[Change],
    ) -> Self {
        let key = |change: &Change| match change {
            Change::Upsert(object) => Some(object.key()),
            Change::Delete(key) => Some(key.clone()),
            _ => None,
        };
        let changed = changes.iter().filter_map(key).collect();
        Self { directory, before, after, changed, outside: outside(after) }
    }

    /// What a connection comes to, for the pair of its ends that fares worst; `None` where an end
    /// is not in the network.
    pub(super) fn judge(&self, ends: [&Who; 2], protocol: Protocol, port: u16) -> Option<Judged> {
        let [from, to] = ends.map(|who| self.parties(who));
        let mut all = Vec::new();
        for from in &from {
            for to in &to {
                if from == to && matches!(from, Party::Pod { .. }) {
                    continue;
                }
                let connection = Connection { from: from.clone(), to: to.clone(), protocol, port };
                let before = self.before.verdict(&connection).ok();
                let after = self.after.verdict(&connection).ok();
                let (Some(before), Some(after)) = (before, after) else { continue };
                all.push(Judged { before, after, connection });
            }
        }
        let is_unknown = |who: &Who| matches!(who, Who::Host(_) | Who::Outside);
        let worst = all.iter().max_by_key(|judged| harm(judged.before, judged.after))?.clone();
        if !ends.into_iter().any(is_unknown) {
            return Some(worst);
        }
        // Where outside the host is, is not known: of addresses that fare differently, any may be it.
        let of = |verdict: fn(&Judged) -> Verdict| {
            let mut verdicts = all.iter().map(verdict);
            let first = verdicts.next().unwrap_or(Verdict::Denied);
            if verdicts.all(|other| other == first) {
                first
            } else {
                Verdict::ImplementationDefined
            }
        };
        Some(Judged { before: of(|j| j.before), after: of(|j| j.after), ..worst })
    }

    /// Why the connection is not let through after the changes.
    pub(super) fn blame(&self, judged: &Judged) -> Vec<Blame> {
        blame(self.after, &judged.connection, &self.changed)
    }

    fn parties(&self, who: &Who) -> Vec<Party> {
        match who {
            Who::Host(_) | Who::Outside | Who::Anybody => self.outside.clone(),
            // What has no node that is known is asked for outside.
            Who::ApiServer if self.directory.api_servers().is_empty() => self.outside.clone(),
            other => self.apart(self.directory.parties(other)),
        }
    }

    /// Of pods that policies do not tell apart, before or after, a few.
    fn apart(&self, parties: Vec<Party>) -> Vec<Party> {
        if parties.len() <= ALIKE {
            return parties;
        }
        let mut seen: BTreeMap<_, usize> = BTreeMap::new();
        let endpoints = |network: &Reachability, party: &Party| -> Vec<usize> {
            let places = network.resolve(party).unwrap_or_default();
            places.into_iter().map(|place| place.endpoint).collect()
        };
        let is_new = |party: &Party| {
            let key = (endpoints(self.before, party), endpoints(self.after, party));
            let count = seen.entry(key).or_default();
            *count += 1;
            *count <= ALIKE
        };
        let mut is_new = is_new;
        parties.into_iter().filter(|party| is_new(party)).collect()
    }
}

/// How bad it is that `before` becomes `after`.
pub(super) fn harm(before: Verdict, after: Verdict) -> u8 {
    match (before, after) {
        (Verdict::Allowed, Verdict::Denied) => 6,
        (Verdict::ImplementationDefined | Verdict::Ambiguous, Verdict::Denied) => 5,
        (Verdict::Allowed, Verdict::ImplementationDefined | Verdict::Ambiguous) => 4,
        (Verdict::Denied, Verdict::Denied) => 3,
        (_, Verdict::ImplementationDefined | Verdict::Ambiguous) => 2,
        (Verdict::Denied, Verdict::Allowed) => 1,
        _ => 0,
    }
}

/// One address of each range outside that policies tell apart: of IPv4, where hosts are most, and
/// of none that networks use within themselves.
fn outside(network: &Reachability) -> Vec<Party> {
    let ranges = network.endpoints().filter_map(|(_, endpoint)| match &endpoint.kind {
        EndpointKind::Outside(range) => match (range.first, range.last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => Some((first, last)),
            _ => None,
        },
        _ => None,
    });
    let public = ranges.filter_map(|(first, last)| {
        // Ranges whose ends are public may hold private ones between: an end is taken.
        [last, first].into_iter().find(|address| is_public(*address))
    });
    public.map(|address| Party::Address(IpAddr::V4(address))).collect()
}

fn is_public(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let is_shared = first == 100 && second & 0xc0 == 64;
    // The last address of all is a broadcast; those of class E are used by nobody, and stand for
    // the range that holds them.
    !address.is_private() && !address.is_loopback() && !address.is_link_local() && !is_shared
}
