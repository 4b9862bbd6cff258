//! `networking.k8s.io/v1` NetworkPolicy, and MultiNetworkPolicy, which has its form.

use std::fmt;

use ipnet::IpNet;
use serde::Serialize;

use super::attachment::NetworkSelection;
use crate::object::{Kind, Metadata};
use crate::origin::FieldPath;
use crate::selector::LabelSelector;

/// Whence a pod's traffic comes, or where it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// To the pod.
    Ingress,
    /// From the pod.
    Egress,
}

impl Direction {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Ingress, Self::Egress];

    /// Its field in a policy's spec.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }

    /// The field of a rule that holds its peers.
    pub fn peers(self) -> &'static str {
        match self {
            Self::Ingress => "from",
            Self::Egress => "to",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A protocol that policies tell apart; of others (ICMP) the API says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Protocol {
    /// SCTP
    Sctp,
    /// TCP; what a port without a protocol means.
    #[default]
    Tcp,
    /// UDP
    Udp,
}

impl Protocol {
    /// Every protocol, in the order of the alphabet.
    pub const ALL: [Self; 3] = [Self::Sctp, Self::Tcp, Self::Udp];

    /// Its word in a document.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sctp => "SCTP",
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        }
    }

    /// The protocol with this word.
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.word() == word)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A NetworkPolicy: whom it isolates, in which directions, and what it lets through all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkPolicy {
    /// [`Kind::NetworkPolicy`] or [`Kind::MultiNetworkPolicy`].
    pub kind: Kind,
    /// Metadata.
    pub metadata: Metadata,
    /// The pods of its namespace that it isolates.
    pub pods: LabelSelector,
    /// Whether it isolates against ingress. Defaulted as the API does: true where
    /// `policyTypes` is absent.
    pub ingress: bool,
    /// Whether it isolates against egress. Defaulted as the API does: where `policyTypes` is
    /// absent, true if it has an egress rule.
    pub egress: bool,
    /// What may come in. Inert where `ingress` is false.
    pub ingress_rules: Box<[Rule]>,
    /// What may go out. Inert where `egress` is false.
    pub egress_rules: Box<[Rule]>,
    /// The secondary networks it is for; none for a NetworkPolicy, which is for the pods' own.
    pub networks: Box<[NetworkSelection]>,
}

impl NetworkPolicy {
    /// Whether it isolates its pods in `direction`.
    pub fn isolates(&self, direction: Direction) -> bool {
        match direction {
            Direction::Ingress => self.ingress,
            Direction::Egress => self.egress,
        }
    }

    /// Its rules of `direction`, inert ones too.
    pub fn rules(&self, direction: Direction) -> &[Rule] {
        match direction {
            Direction::Ingress => &self.ingress_rules,
            Direction::Egress => &self.egress_rules,
        }
    }
}

/// One rule of a policy: it lets through what is of one of its peers and to one of its ports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// The peers; empty is everybody.
    pub peers: Box<[Peer]>,
    /// The ports; empty is all of every protocol.
    pub ports: Box<[PortMatch]>,
}

impl Rule {
    /// The path of the `index`th rule of `direction`.
    pub fn path(direction: Direction, index: usize) -> FieldPath {
        FieldPath::of("spec").key(direction.word()).index(index)
    }
}

/// Whom a rule means.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Peer {
    /// Pods.
    Pods {
        /// Of which namespaces; `None` is the policy's own.
        namespaces: Option<LabelSelector>,
        /// Which of their pods; `None` is all.
        pods: Option<LabelSelector>,
    },
    /// Addresses.
    Block(IpBlock),
}

/// A range of addresses with holes in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IpBlock {
    /// The range, host bits cleared.
    pub cidr: IpNet,
    /// The holes, each inside `cidr`.
    pub except: Box<[IpNet]>,
}

/// The ports that a rule means.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortMatch {
    /// The protocol; `None` only for a named port of a tiered policy, which is of whatever protocol
    /// the pod gives the name.
    pub protocol: Option<Protocol>,
    /// Which of its ports.
    pub ports: Ports,
}

/// Ports of one protocol.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ports {
    /// All of them.
    All,
    /// From the first to the last, both included.
    Range(u16, u16),
    /// Whatever the destination pod calls so.
    Named(Box<str>),
}
