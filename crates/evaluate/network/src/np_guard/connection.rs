//! What gets through, as np-guard writes it: ports by number, and names that nobody resolved.

use std::collections::BTreeSet;
use std::fmt;

use kuberlock_model::network::Protocol;

use crate::ports::PortSet;

/// Ports by number, and by the name that an unseen pod may give them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ports {
    pub(super) numbers: PortSet,
    /// A tiered policy names ports without their protocol.
    pub(super) names: BTreeSet<(Option<Protocol>, Box<str>)>,
}

impl Ports {
    pub(super) fn all() -> Self {
        Self { numbers: PortSet::all(), names: BTreeSet::new() }
    }

    pub(super) fn is_all(&self) -> bool {
        self.numbers.is_all()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.names.is_empty()
    }

    /// Adds what `other` holds. Whoever has every port has the named ones too.
    pub(super) fn add(&mut self, other: &Self) {
        if self.is_all() || other.is_empty() {
            return;
        }
        self.numbers = self.numbers.union(&other.numbers);
        self.names.extend(other.names.iter().cloned());
        if self.is_all() {
            self.names.clear();
        }
    }

    /// What is left of it without what `other` holds.
    pub(super) fn without(&self, other: &Self) -> Self {
        if other.is_all() {
            return Self::default();
        }
        let names = self.names.difference(&other.names).cloned().collect();
        Self { numbers: self.numbers.difference(&other.numbers), names }
    }

    /// What it and `ingress` hold. Names are those that it has as egress: np-guard leaves them there.
    pub(super) fn and_in(&self, ingress: &Self) -> Self {
        Self { numbers: self.numbers.intersection(&ingress.numbers), names: self.names.clone() }
    }
}

/// `All Connections`, `No Connections`, `TCP 80,http,UDP 53`.
impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.names.is_empty() || self.is_all() {
            return self.numbers.fmt(f);
        }
        let mut separator = "";
        for protocol in std::iter::once(None).chain(Protocol::ALL.map(Some)) {
            let ranges = protocol.map_or(&[][..], |protocol| self.numbers.of(protocol));
            let numbers = ranges.iter().map(|(first, last)| match first == last {
                true => first.to_string(),
                false => format!("{first}-{last}"),
            });
            let names = self.names.iter().filter(|(of, _)| *of == protocol);
            let ports: Vec<String> =
                numbers.chain(names.map(|(_, name)| name.to_string())).collect();
            if !ports.is_empty() {
                let word = protocol.map_or("", Protocol::word);
                write!(f, "{separator}{word} {}", ports.join(","))?;
                separator = ",";
            }
        }
        Ok(())
    }
}
