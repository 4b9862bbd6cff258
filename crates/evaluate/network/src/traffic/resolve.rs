//! Flows become connections of the cluster.

use std::collections::BTreeMap;
use std::sync::Arc;

use kuberlock_model::flow::{
    FlowEnd, FlowKey, FlowSet, Ignored, Observation, Observer, Period, Place, Tally,
};
use kuberlock_model::network::{Direction, Protocol};
use serde::Serialize;

use super::directory::Directory;
use super::place::Placed;
use super::side::{Side, server};
use super::who::Who;

/// How often a connection was seen, by what became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// It got through.
    pub forwarded: u64,
    /// It did not.
    pub dropped: u64,
    /// The observer did not tell.
    pub untold: u64,
}

impl Counts {
    /// How often in all.
    pub fn all(self) -> u64 {
        self.forwarded.saturating_add(self.dropped).saturating_add(self.untold)
    }

    /// Whether it was seen, and never got through.
    pub fn only_dropped(self) -> bool {
        self.dropped > 0 && self.forwarded == 0 && self.untold == 0
    }

    fn add(&mut self, what: Observation, count: u64) {
        let held = match what {
            Observation::Forwarded => &mut self.forwarded,
            Observation::Dropped => &mut self.dropped,
            Observation::Untold => &mut self.untold,
        };
        *held = held.saturating_add(count);
    }

    fn most(self, other: Self) -> Self {
        Self {
            forwarded: self.forwarded.max(other.forwarded),
            dropped: self.dropped.max(other.dropped),
            untold: self.untold.max(other.untold),
        }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            forwarded: self.forwarded.saturating_add(other.forwarded),
            dropped: self.dropped.saturating_add(other.dropped),
            untold: self.untold.saturating_add(other.untold),
        }
    }
}

/// A connection that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObservedEdge {
    /// Who opened it.
    pub from: Who,
    /// To whom.
    pub to: Who,
    /// By which protocol.
    pub protocol: Protocol,
    /// To which port of `to`.
    pub port: u16,
    /// How often.
    pub counts: Counts,
    /// From when to when, where told.
    pub period: Option<Period>,
    /// How the server's side was found; the weakest of all its records.
    pub side: Side,
    /// The last record of it.
    pub place: Place,
}

/// An end of flows that is nobody the cluster knows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Unresolved {
    /// The end, as the observer told it.
    pub end: String,
    /// Why it is nobody; half a sentence.
    pub reason: String,
    /// How many records.
    pub count: u64,
    /// One of them.
    pub place: Place,
}

/// Everything that was seen, in the cluster's terms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// The connections, by ends, protocol and port.
    pub edges: Vec<ObservedEdge>,
    /// Ends that are nobody the cluster knows.
    pub unresolved: Vec<Unresolved>,
    /// How many flows were read from each side.
    pub sides: BTreeMap<Side, u64>,
    /// The files that were read.
    pub sources: Vec<(String, Observer)>,
    /// How many records told of a flow.
    pub records: u64,
    /// From the first record to the last.
    pub period: Option<Period>,
    /// What was ignored.
    pub ignored: BTreeMap<Ignored, u64>,
    /// How many lines could not be read.
    pub unreadable: u64,
}

impl Traffic {
    /// Places all flows in the cluster of `directory`.
    pub fn resolve(directory: &Directory<'_>, flows: &FlowSet) -> Self {
        let mut resolving = Resolving {
            directory,
            edges: BTreeMap::new(),
            placed: BTreeMap::new(),
            unresolved: BTreeMap::new(),
            traffic: Self::default(),
        };
        for (key, tally) in flows.flows() {
            resolving.take(key, tally);
        }
        let mut traffic = resolving.finish();
        traffic.sources = flows.sources().map(|(name, by)| (name.to_owned(), by)).collect();
        (traffic.records, traffic.period) = (flows.records(), flows.period());
        traffic.ignored = flows.ignored().collect();
        traffic.unreadable = flows.unreadable();
        traffic
    }
}

type EdgeKey = (Who, Who, Protocol, u16);

/// What is gathered of one connection: openings and replies apart, each by the side it was seen on.
struct Gathered {
    openings: [Counts; 3],
    replies: Counts,
    period: Option<Period>,
    side: Side,
    tally: Tally,
}

struct Resolving<'d, 'a> {
    directory: &'d Directory<'a>,
    edges: BTreeMap<EdgeKey, Gathered>,
    /// Ends come again in many flows.
    placed: BTreeMap<Arc<FlowEnd>, Placed<'a>>,
    unresolved: BTreeMap<(String, String), (u64, Place)>,
    traffic: Traffic,
}

impl<'a> Resolving<'_, 'a> {
    fn place(&mut self, end: &Arc<FlowEnd>) -> Placed<'a> {
        let directory = self.directory;
        self.placed.entry(Arc::clone(end)).or_insert_with(|| directory.place(end)).clone()
    }

    fn take(&mut self, key: &FlowKey, tally: &Tally) {
        let source = self.place(&key.source);
        let destination = self.place(&key.destination);
        let who = |placed: &Placed<'_>| match placed {
            Placed::Who(who) => Some(who.clone()),
            _ => None,
        };
        let (one, other) = (who(&source), who(&destination));
        let Some(server) = server(self.directory, key, [one.as_ref(), other.as_ref()]) else {
            return self.nobody(&key.destination, "no port is told", tally);
        };
        let (client, client_end, server_place, server_end) = if server.is_destination {
            (source, &key.source, destination, &key.destination)
        } else {
            (destination, &key.destination, source, &key.source)
        };
        *self.traffic.sides.entry(server.how).or_default() += 1;
        let from = match client {
            Placed::Who(who) => who,
            // A service opens nothing itself: behind its address somebody is hidden.
            Placed::Service(_) => return self.nobody(client_end, "is a service's address", tally),
            Placed::Nobody(reason) => return self.nobody(client_end, &reason, tally),
        };
        let to: Vec<(Who, u16)> = match server_place {
            Placed::Who(who) => vec![(who, server.port)],
            Placed::Nobody(reason) => return self.nobody(server_end, &reason, tally),
            Placed::Service(service) => {
                let behind = self.directory.behind(service, key.protocol, server.port);
                if behind.is_empty() {
                    return self.nobody(server_end, "no pods are behind this port", tally);
                }
                behind.into_iter().map(|by| (Who::Workload(by.head), by.port)).collect()
            }
        };
        for (to, port) in to {
            if from != to || !matches!(from, Who::Pod { .. }) {
                self.add(
                    (from.clone(), to, key.protocol, port),
                    key,
                    tally,
                    (!server.is_destination, server.how),
                );
            }
        }
    }

    fn add(&mut self, edge: EdgeKey, key: &FlowKey, tally: &Tally, (reply, how): (bool, Side)) {
        let held = self.edges.entry(edge).or_insert_with(|| Gathered {
            openings: Default::default(),
            replies: Counts::default(),
            period: None,
            side: how,
            tally: tally.clone(),
        });
        let seen_on = match key.direction {
            None => 0,
            Some(Direction::Ingress) => 1,
            Some(Direction::Egress) => 2,
        };
        match held.openings.get_mut(seen_on) {
            Some(counts) if !reply => counts.add(key.observation, tally.count),
            _ => held.replies.add(key.observation, tally.count),
        }
        held.side = held.side.max(how);
        held.tally.add(Tally { count: 0, ..tally.clone() });
        held.period = held.tally.period;
    }

    fn nobody(&mut self, end: &FlowEnd, reason: &str, tally: &Tally) {
        let key = (end.to_string(), reason.to_owned());
        let held = self.unresolved.entry(key).or_insert_with(|| (0, tally.place.clone()));
        held.0 = held.0.saturating_add(tally.count);
    }

    fn finish(mut self) -> Traffic {
        let edges = self.edges.into_iter().map(|((from, to, protocol, port), held)| {
            let [untold, ingress, egress] = held.openings;
            // Both sides see the same connection.
            let openings = untold.plus(ingress.most(egress));
            let counts = if openings.all() == 0 { held.replies } else { openings };
            let (period, side, place) = (held.period, held.side, held.tally.place);
            ObservedEdge { from, to, protocol, port, counts, period, side, place }
        });
        self.traffic.edges = edges.collect();
        let unresolved = self.unresolved.into_iter();
        self.traffic.unresolved = unresolved
            .map(|((end, reason), (count, place))| Unresolved { end, reason, count, place })
            .collect();
        self.traffic
    }
}
