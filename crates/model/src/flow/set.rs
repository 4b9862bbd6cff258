//! Flows, gathered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;

use super::end::FlowEnd;
use crate::network::{Direction, Protocol};

/// How many flows are told apart at most; further ones are counted only.
const MOST_FLOWS: usize = 2_000_000;

/// How many faults are told with their lines; further ones are counted only.
const MOST_FAULTS: usize = 100;

/// What tells one flow from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlowKey {
    /// Who sent what was seen.
    pub source: Arc<FlowEnd>,
    /// To whom.
    pub destination: Arc<FlowEnd>,
    /// By which protocol.
    pub protocol: Protocol,
    /// The source's port, where it may be that of a server.
    pub source_port: Option<u16>,
    /// The destination's port, where it may be that of a server.
    pub destination_port: Option<u16>,
    /// What the observer saw become of it.
    pub observation: Observation,
    /// Whether it was a reply; `None` where the observer does not tell.
    pub reply: Option<bool>,
    /// On whose side it was seen.
    pub direction: Option<Direction>,
}

impl FlowKey {
    /// The first port of those that clients take at random, by Linux's default
    /// (`net.ipv4.ip_local_port_range`).
    pub const EPHEMERAL: u16 = 32768;

    /// The key of a connection by its two ports: the higher one is left out where only it can be
    /// a client's. Two ports of one kind both stay: what listens is known only beside a cluster.
    pub fn of(ends: [FlowEnd; 2], protocol: Protocol, ports: [u16; 2]) -> Self {
        let [source, destination] = ends.map(Arc::new);
        let [from, to] = ports;
        let is_ephemeral = |port: u16| port >= Self::EPHEMERAL;
        let both = is_ephemeral(from) == is_ephemeral(to);
        let kept = |port: u16| (port != 0 && (both || !is_ephemeral(port))).then_some(port);
        Self {
            source,
            destination,
            protocol,
            source_port: kept(from),
            destination_port: kept(to),
            observation: Observation::Untold,
            reply: None,
            direction: None,
        }
    }

    /// The key of a connection whose server is told: the destination.
    pub fn to_server(ends: [FlowEnd; 2], protocol: Protocol, port: u16) -> Self {
        let [source, destination] = ends.map(Arc::new);
        Self {
            source,
            destination,
            protocol,
            source_port: None,
            destination_port: Some(port),
            observation: Observation::Untold,
            reply: Some(false),
            direction: None,
        }
    }
}

/// What became of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Observation {
    /// The observer does not tell.
    #[default]
    Untold,
    /// It got through.
    Forwarded,
    /// It did not.
    Dropped,
}

/// What writes flows down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Observer {
    /// Cilium's Hubble (`hubble observe -o json`).
    Hubble,
    /// kube-network-policies (`--logging-format=json -v=2`).
    KubeNetworkPolicies,
    /// Calico's flow logs, and Goldmane's flows.
    Calico,
    /// The kernel's table of connections (`conntrack -L`, `/proc/net/nf_conntrack`).
    Conntrack,
    /// VPC flow logs of AWS, as text.
    Vpc,
    /// kuberlock's own CSV.
    Csv,
}

impl Observer {
    /// Every observer.
    pub const ALL: [Self; 6] = [
        Self::Hubble,
        Self::KubeNetworkPolicies,
        Self::Calico,
        Self::Conntrack,
        Self::Vpc,
        Self::Csv,
    ];

    /// Its name on a command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hubble => "hubble",
            Self::KubeNetworkPolicies => "kube-network-policies",
            Self::Calico => "calico",
            Self::Conntrack => "conntrack",
            Self::Vpc => "vpc",
            Self::Csv => "csv",
        }
    }

    /// The observer with this name.
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|observer| observer.word() == word)
    }
}

/// Why a record says nothing here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ignored {
    /// A protocol that policies do not tell apart, such as ICMP.
    Protocol,
    /// An event that is no flow of packets.
    NoFlow,
    /// Traffic that does not leave its machine (`127.0.0.1`), or goes to many (multicast).
    Local,
    /// The observer itself lost records here.
    Lost,
    /// There are more flows than are told apart.
    TooMany,
}

/// One record of a file of flows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The file, as the user gave it.
    #[serde(serialize_with = "text")]
    pub source: Arc<str>,
    /// The line, from 1.
    pub line: u64,
}

fn text<S: serde::Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

/// From when to when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Period {
    /// The first moment.
    pub first: Timestamp,
    /// The last.
    pub last: Timestamp,
}

impl Period {
    /// One moment.
    pub fn at(moment: Timestamp) -> Self {
        Self { first: moment, last: moment }
    }

    /// From the first moment of both to the last.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self { first: self.first.min(other.first), last: self.last.max(other.last) }
    }

    /// Its length in seconds.
    pub fn seconds(self) -> i64 {
        self.last.as_second().saturating_sub(self.first.as_second())
    }
}

/// How often a flow was seen, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// How many records or connections.
    pub count: u64,
    /// How many bytes, where told.
    pub bytes: Option<u64>,
    /// From when to when, where told.
    pub period: Option<Period>,
    /// The last record of it; of those without a time, the first.
    pub place: Place,
}

impl Tally {
    /// One record.
    pub fn once(place: Place, moment: Option<Timestamp>) -> Self {
        Self { count: 1, bytes: None, period: moment.map(Period::at), place }
    }

    /// Takes what another tally of the same flow counts.
    pub fn add(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.bytes = either(self.bytes, other.bytes, u64::saturating_add);
        let of = |period: Option<Period>, place: &Place| {
            (period.map(|period| period.last), std::cmp::Reverse(place.clone()))
        };
        if of(other.period, &other.place) > of(self.period, &self.place) {
            self.place = other.place;
        }
        self.period = either(self.period, other.period, Period::with);
    }
}

fn either<T>(one: Option<T>, other: Option<T>, both: impl Fn(T, T) -> T) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(both(one, other)),
        (one, other) => one.or(other),
    }
}

/// What was seen of a network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlowSet {
    flows: BTreeMap<FlowKey, Tally>,
    sources: BTreeMap<Arc<str>, Observer>,
    records: u64,
    period: Option<Period>,
    ignored: BTreeMap<Ignored, u64>,
    faults: BTreeSet<(Place, String)>,
    unreadable: u64,
}

impl FlowSet {
    /// Notes a file that is read, even if it holds nothing.
    pub fn source(&mut self, name: Arc<str>, observer: Observer) {
        self.sources.insert(name, observer);
    }

    /// Takes a record in. Its time counts into the period even where its flow is one too many.
    pub fn push(&mut self, key: FlowKey, tally: Tally) {
        self.records = self.records.saturating_add(1);
        self.insert(key, tally);
    }

    fn insert(&mut self, key: FlowKey, tally: Tally) {
        self.period = either(self.period, tally.period, Period::with);
        if let Some(held) = self.flows.get_mut(&key) {
            held.add(tally);
        } else if self.flows.len() < MOST_FLOWS {
            self.flows.insert(key, tally);
        } else {
            self.ignore(Ignored::TooMany, tally.count);
        }
    }

    /// Counts records that say nothing here.
    pub fn ignore(&mut self, why: Ignored, count: u64) {
        let held = self.ignored.entry(why).or_default();
        *held = held.saturating_add(count);
    }

    /// Notes the time of a record that says nothing else: the observer was at work then.
    pub fn saw(&mut self, moment: Timestamp) {
        self.period = either(self.period, Some(Period::at(moment)), Period::with);
    }

    /// Counts a line that could not be read, and tells the first of them.
    pub fn fault(&mut self, place: Place, reason: String) {
        self.unreadable = self.unreadable.saturating_add(1);
        if self.faults.len() < MOST_FAULTS {
            self.faults.insert((place, reason));
        }
    }

    /// Takes everything in that `other` holds.
    pub fn merge(&mut self, other: Self) {
        self.records = self.records.saturating_add(other.records);
        self.unreadable = self.unreadable.saturating_add(other.unreadable);
        self.period = either(self.period, other.period, Period::with);
        self.sources.extend(other.sources);
        self.faults.extend(other.faults);
        while self.faults.len() > MOST_FAULTS {
            self.faults.pop_last();
        }
        for (why, count) in other.ignored {
            self.ignore(why, count);
        }
        for (key, tally) in other.flows {
            self.insert(key, tally);
        }
    }

    /// Every flow.
    pub fn flows(&self) -> impl Iterator<Item = (&FlowKey, &Tally)> {
        self.flows.iter()
    }

    /// How many flows there are.
    pub fn len(&self) -> usize {
        self.flows.len()
    }

    /// Whether no flow was seen.
    pub fn is_empty(&self) -> bool {
        self.flows.is_empty()
    }

    /// The files that were read, and who wrote them.
    pub fn sources(&self) -> impl Iterator<Item = (&str, Observer)> {
        self.sources.iter().map(|(name, observer)| (&**name, *observer))
    }

    /// How many records told of a flow.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// From the first record to the last, where the records tell times.
    pub fn period(&self) -> Option<Period> {
        self.period
    }

    /// How many records said nothing here, and why.
    pub fn ignored(&self) -> impl Iterator<Item = (Ignored, u64)> {
        self.ignored.iter().map(|(why, count)| (*why, *count))
    }

    /// How many lines could not be read.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// The first lines that could not be read, and why.
    pub fn faults(&self) -> impl Iterator<Item = (&Place, &str)> {
        self.faults.iter().map(|(place, reason)| (place, reason.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(lines: &[(u64, i64)]) -> FlowSet {
        let mut set = FlowSet::default();
        for (line, second) in lines {
            let ends = ["shop/web", "shop/db"].map(|end| end.parse().unwrap());
            let place = Place { source: "f".into(), line: *line };
            let moment = Timestamp::from_second(*second).unwrap();
            set.push(
                FlowKey::to_server(ends, Protocol::Tcp, 5432),
                Tally::once(place, Some(moment)),
            );
        }
        set
    }

    #[test]
    fn sets_merge_in_any_order_to_the_same() {
        let parts = [set(&[(1, 10)]), set(&[(2, 30), (3, 30)]), set(&[(4, 20)])];
        let merged = |order: [usize; 3]| {
            let mut whole = FlowSet::default();
            order.into_iter().for_each(|at| whole.merge(parts[at].clone()));
            whole
        };
        let whole = merged([0, 1, 2]);
        assert_eq!(whole, merged([2, 1, 0]));
        assert_eq!(whole, merged([1, 0, 2]));
        let (_, tally) = whole.flows().next().unwrap();
        assert_eq!((tally.count, tally.place.line), (4, 2));
        assert_eq!(whole.period().unwrap().seconds(), 20);
    }

    #[test]
    fn the_port_of_a_client_is_left_out() {
        let key = |from, to| {
            let ends = ["10.0.0.1", "10.0.0.2"].map(|end| end.parse().unwrap());
            let key = FlowKey::of(ends, Protocol::Tcp, [from, to]);
            (key.source_port, key.destination_port)
        };
        assert_eq!(key(40000, 80), (None, Some(80)));
        assert_eq!(key(80, 40000), (Some(80), None));
        assert_eq!(key(40000, 50051), (Some(40000), Some(50051)));
        assert_eq!(key(123, 123), (Some(123), Some(123)));
        assert_eq!(key(0, 0), (None, None));
    }
}
