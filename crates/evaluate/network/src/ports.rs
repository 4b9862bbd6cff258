//! Sets of ports of the three protocols, and a table in which each set has a number.
//!
//! Enters: ranges of ports. Leaves: sets in one form only, so that equal sets are equal values.
//! Always holds: ranges are sorted, apart, and within 1 to 65535.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use kuberlock_model::network::Protocol;
use serde::{Serialize, Serializer};

const FIRST: u16 = 1;
const LAST: u16 = u16::MAX;

type Ranges = Box<[(u16, u16)]>;

/// A set of ports of each protocol.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortSet {
    sctp: Ranges,
    tcp: Ranges,
    udp: Ranges,
}

impl PortSet {
    /// No port.
    pub fn none() -> Self {
        Self::default()
    }

    /// Every port of every protocol.
    pub fn all() -> Self {
        let whole = || -> Ranges { Box::new([(FIRST, LAST)]) };
        Self { sctp: whole(), tcp: whole(), udp: whole() }
    }

    /// The ports from `first` to `last`, both included.
    pub fn range(protocol: Protocol, first: u16, last: u16) -> Self {
        let mut set = Self::default();
        let (first, last) = (first.max(FIRST), last);
        if first <= last {
            *set.of_mut(protocol) = Box::new([(first, last)]);
        }
        set
    }

    /// The ranges of `protocol`.
    pub fn of(&self, protocol: Protocol) -> &[(u16, u16)] {
        match protocol {
            Protocol::Sctp => &self.sctp,
            Protocol::Tcp => &self.tcp,
            Protocol::Udp => &self.udp,
        }
    }

    fn of_mut(&mut self, protocol: Protocol) -> &mut Ranges {
        match protocol {
            Protocol::Sctp => &mut self.sctp,
            Protocol::Tcp => &mut self.tcp,
            Protocol::Udp => &mut self.udp,
        }
    }

    /// Whether it holds `port`.
    pub fn contains(&self, protocol: Protocol, port: u16) -> bool {
        self.of(protocol).iter().any(|(first, last)| (*first..=*last).contains(&port))
    }

    /// Whether it holds no port.
    pub fn is_empty(&self) -> bool {
        Protocol::ALL.iter().all(|protocol| self.of(*protocol).is_empty())
    }

    /// Whether it holds every port of every protocol.
    pub fn is_all(&self) -> bool {
        Protocol::ALL.iter().all(|protocol| *self.of(*protocol) == [(FIRST, LAST)])
    }

    /// What either holds.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.combine(other, |a, b| a || b)
    }

    /// What both hold.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.combine(other, |a, b| a && b)
    }

    /// What it holds and `other` does not.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.combine(other, |a, b| a && !b)
    }

    /// Whether `other` holds all that it holds.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.difference(other).is_empty()
    }

    fn combine(&self, other: &Self, keep: fn(bool, bool) -> bool) -> Self {
        let mut set = Self::default();
        for protocol in Protocol::ALL {
            *set.of_mut(protocol) = sweep(self.of(protocol), other.of(protocol), keep);
        }
        set
    }
}

/// Walks over the places where either list begins or ends, and keeps what `keep` says.
fn sweep(a: &[(u16, u16)], b: &[(u16, u16)], keep: fn(bool, bool) -> bool) -> Ranges {
    // Ends are counted one further, so that ranges side by side become one.
    let edges = |ranges: &[(u16, u16)]| {
        let ends = ranges.iter().flat_map(|(f, l)| [u32::from(*f), u32::from(*l) + 1]);
        ends.collect::<Vec<u32>>()
    };
    let (a, b) = (edges(a), edges(b));
    let mut places: Vec<u32> = a.iter().chain(&b).copied().collect();
    places.sort_unstable();
    places.dedup();
    let inside = |edges: &[u32], place: u32| edges.partition_point(|edge| *edge <= place) % 2 == 1;
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    let mut open: Option<u32> = None;
    for place in places {
        match (keep(inside(&a, place), inside(&b, place)), open) {
            (true, None) => open = Some(place),
            (false, Some(start)) => {
                let ends = (u16::try_from(start), u16::try_from(place.saturating_sub(1)));
                if let (Ok(first), Ok(last)) = ends {
                    ranges.push((first, last));
                }
                open = None;
            }
            _ => {}
        }
    }
    ranges.into()
}

/// As people and np-guard write it: `All Connections`, `No Connections`, `TCP 80,443,UDP 53`.
impl fmt::Display for PortSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_all() {
            return f.write_str("All Connections");
        }
        if self.is_empty() {
            return f.write_str("No Connections");
        }
        let mut separator = "";
        for protocol in Protocol::ALL {
            let ranges = self.of(protocol);
            if ranges.is_empty() {
                continue;
            }
            write!(f, "{separator}{protocol} ")?;
            separator = ",";
            for (at, (first, last)) in ranges.iter().enumerate() {
                let comma = if at == 0 { "" } else { "," };
                match first == last {
                    true => write!(f, "{comma}{first}")?,
                    false => write!(f, "{comma}{first}-{last}")?,
                }
            }
        }
        Ok(())
    }
}

impl Serialize for PortSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The number of a set in a [`PortTable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PortId(u32);

impl PortId {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self(1);
}

/// Sets by number; what was combined once is looked up from then on.
#[derive(Clone, Debug)]
pub(crate) struct PortTable {
    sets: Vec<PortSet>,
    ids: HashMap<PortSet, PortId>,
    known: HashMap<(Operation, PortId, PortId), PortId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Operation {
    Union,
    Intersection,
    Difference,
}

impl PortTable {
    pub(crate) fn new() -> Self {
        let mut table = Self { sets: Vec::new(), ids: HashMap::new(), known: HashMap::new() };
        table.id(PortSet::none());
        table.id(PortSet::all());
        table
    }

    pub(crate) fn id(&mut self, set: PortSet) -> PortId {
        if let Some(id) = self.ids.get(&set) {
            return *id;
        }
        let id = PortId(u32::try_from(self.sets.len()).unwrap_or(u32::MAX));
        self.sets.push(set.clone());
        self.ids.insert(set, id);
        id
    }

    pub(crate) fn set(&self, id: PortId) -> &PortSet {
        // INVARIANT: ids come from this table or the one that it was cloned from.
        static NONE: LazyLock<PortSet> = LazyLock::new(PortSet::none);
        self.sets.get(id.0 as usize).unwrap_or(&NONE)
    }

    pub(crate) fn union(&mut self, a: PortId, b: PortId) -> PortId {
        match (a, b) {
            (a, b) if a == b => a,
            (PortId::NONE, other) | (other, PortId::NONE) => other,
            (PortId::ALL, _) | (_, PortId::ALL) => PortId::ALL,
            _ => self.combined(Operation::Union, a.min(b), a.max(b)),
        }
    }

    pub(crate) fn intersection(&mut self, a: PortId, b: PortId) -> PortId {
        match (a, b) {
            (a, b) if a == b => a,
            (PortId::NONE, _) | (_, PortId::NONE) => PortId::NONE,
            (PortId::ALL, other) | (other, PortId::ALL) => other,
            _ => self.combined(Operation::Intersection, a.min(b), a.max(b)),
        }
    }

    pub(crate) fn difference(&mut self, a: PortId, b: PortId) -> PortId {
        match (a, b) {
            (a, b) if a == b => PortId::NONE,
            (PortId::NONE, _) | (_, PortId::ALL) => PortId::NONE,
            (a, PortId::NONE) => a,
            _ => self.combined(Operation::Difference, a, b),
        }
    }

    fn combined(&mut self, operation: Operation, a: PortId, b: PortId) -> PortId {
        if let Some(id) = self.known.get(&(operation, a, b)) {
            return *id;
        }
        let (left, right) = (self.set(a), self.set(b));
        let set = match operation {
            Operation::Union => left.union(right),
            Operation::Intersection => left.intersection(right),
            Operation::Difference => left.difference(right),
        };
        let id = self.id(set);
        self.known.insert((operation, a, b), id);
        id
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sets() -> impl Strategy<Value = PortSet> {
        let range = (0..3_usize, 1_u16..200, 0_u16..50);
        prop::collection::vec(range, 0..6).prop_map(|ranges| {
            ranges.into_iter().fold(PortSet::none(), |set, (protocol, first, more)| {
                set.union(&PortSet::range(Protocol::ALL[protocol], first, first + more))
            })
        })
    }

    proptest! {
        #[test]
        fn operations_are_those_of_sets(a in sets(), b in sets(), port in 1_u16..260) {
            for protocol in Protocol::ALL {
                let (in_a, in_b) = (a.contains(protocol, port), b.contains(protocol, port));
                prop_assert_eq!(a.union(&b).contains(protocol, port), in_a || in_b);
                prop_assert_eq!(a.intersection(&b).contains(protocol, port), in_a && in_b);
                prop_assert_eq!(a.difference(&b).contains(protocol, port), in_a && !in_b);
            }
            prop_assert_eq!(a.difference(&b).union(&a.intersection(&b)), a);
        }
    }

    #[test]
    fn written_as_people_write_it() {
        let set = PortSet::range(Protocol::Udp, 53, 53)
            .union(&PortSet::range(Protocol::Tcp, 80, 81))
            .union(&PortSet::range(Protocol::Tcp, 443, 443));
        assert_eq!(set.to_string(), "TCP 80-81,443,UDP 53");
        assert_eq!(PortSet::all().to_string(), "All Connections");
        assert_eq!(PortSet::range(Protocol::Tcp, 1, 65535).to_string(), "TCP 1-65535");
        assert_eq!(
            PortSet::range(Protocol::Tcp, 1, 80).union(&PortSet::range(Protocol::Tcp, 81, 90)),
            PortSet::range(Protocol::Tcp, 1, 90)
        );
    }
}
