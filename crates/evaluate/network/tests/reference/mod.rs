//! A second evaluator of network policies, written to be read beside the API's documentation: one
//! connection at a time, every policy asked anew, nothing indexed and nothing shared.
//!
//! Enters: a cluster, a plugin and a connection. Leaves: a verdict, or nothing where one of the
//! parties is not there. Always holds: what the API leaves open is tried each way. A *world* is one
//! answer to every open question but the order of equal priorities; in each world every such order is
//! tried. A connection that passes in every world and order is allowed, one that passes in none is
//! denied; where the orders of one world differ it is ambiguous, and else implementation-defined.
//! What is open on the way out, and what is open on the way in, are questions apart.

mod ends;
mod matching;
mod side;

use std::collections::BTreeSet;

use kuberlock_model::Cluster;
use kuberlock_model::network::{Direction, Protocol};
use kuberlock_network::{Cni, Connection, Verdict};

use ends::{End, Ends};
use side::Side;

/// A cluster under a plugin.
pub struct Reference<'a> {
    cluster: &'a Cluster,
    cni: Cni,
    ends: Ends<'a>,
}

/// What a policy sees of a connection beside its ends.
#[derive(Clone, Copy)]
struct Packet {
    protocol: Protocol,
    port: u16,
}

/// What the orders of equal priorities come to in one world.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct World {
    passes: bool,
    stops: bool,
}

impl World {
    const PASSES: Self = Self { passes: true, stops: false };
}

/// All worlds of one side, or of both.
type Worlds = BTreeSet<World>;

impl<'a> Reference<'a> {
    /// `cluster` under `cni`.
    pub fn new(cluster: &'a Cluster, cni: Cni) -> Self {
        Self { cluster, cni, ends: Ends::new(cluster) }
    }

    /// What becomes of a connection, for workloads the most that any two of their pods get; `None`
    /// if one of its parties is not there.
    pub fn verdict(&self, connection: &Connection) -> Option<Verdict> {
        let packet = Packet { protocol: connection.protocol, port: connection.port };
        let to = self.ends.find(&connection.to);
        let from = self.ends.find(&connection.from);
        let pairs = from.iter().flat_map(|from| to.iter().map(move |to| (from, to)));
        // A pod of a workload with itself says nothing of the workload where others are left.
        let others: Vec<_> = pairs.clone().filter(|(from, to)| !is_itself(from, to)).collect();
        let pairs = if others.is_empty() { pairs.collect() } else { others };
        let rank = |verdict: &Verdict| match verdict {
            Verdict::Denied => 0,
            Verdict::ImplementationDefined => 1,
            Verdict::Ambiguous => 2,
            Verdict::Allowed => 3,
        };
        let verdicts = pairs.into_iter().map(|(from, to)| self.between(from, to, packet));
        verdicts.max_by_key(rank)
    }

    fn between(&self, from: &End<'a>, to: &End<'a>, packet: Packet) -> Verdict {
        if is_itself(from, to) {
            return Verdict::Allowed;
        }
        let out = self.worlds(from, to, Direction::Egress, packet);
        let into = self.worlds(to, from, Direction::Ingress, packet);
        let both = out.iter().flat_map(|out| into.iter().map(move |into| (out, into)));
        let both = both.map(|(out, into)| World {
            passes: out.passes && into.passes,
            stops: out.stops || into.stops,
        });
        verdict(&both.collect())
    }

    /// The worlds of one side. Only pods have policies of their own.
    fn worlds(&self, own: &End<'a>, other: &End<'a>, way: Direction, packet: Packet) -> Worlds {
        let End::Pod(pod) = own else { return [World::PASSES].into() };
        Side { reference: self, pod, other, way, packet }.worlds()
    }
}

/// A pod to itself; replicas of one workload are not one pod.
fn is_itself(from: &End, to: &End) -> bool {
    match (from, to) {
        (End::Pod(from), End::Pod(to)) => from.is_one_pod && to.is_one_pod && from.key == to.key,
        _ => false,
    }
}

fn verdict(worlds: &Worlds) -> Verdict {
    let passes = worlds.iter().any(|world| world.passes);
    let stops = worlds.iter().any(|world| world.stops);
    match (passes, stops) {
        (_, false) => Verdict::Allowed,
        (false, true) => Verdict::Denied,
        _ if worlds.iter().any(|world| world.passes && world.stops) => Verdict::Ambiguous,
        _ => Verdict::ImplementationDefined,
    }
}
