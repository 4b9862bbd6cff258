//! What is asked of a network, and what it answers.

use std::fmt;
use std::net::IpAddr;

use kuberlock_model::network::Protocol;
use serde::Serialize;

/// One end of a connection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// A pod, or a workload whose pods are alike, by namespace and name.
    Pod {
        /// The namespace.
        namespace: String,
        /// The pod's name, or the workload's.
        name: String,
    },
    /// A node.
    Node(String),
    /// An address. One that a pod or node is known to have means that pod or node.
    Address(IpAddr),
}

impl Party {
    /// A pod or workload.
    pub fn pod(namespace: &str, name: &str) -> Self {
        Self::Pod { namespace: namespace.to_owned(), name: name.to_owned() }
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pod { namespace, name } => write!(f, "{namespace}/{name}"),
            Self::Node(name) => write!(f, "node/{name}"),
            Self::Address(address) => write!(f, "{address}"),
        }
    }
}

/// A connection that somebody might open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// Who opens it.
    pub from: Party,
    /// To whom.
    pub to: Party,
    /// By which protocol.
    pub protocol: Protocol,
    /// To which port of `to`.
    pub port: u16,
}

/// Whether a connection gets through. Replies do where it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It does.
    Allowed,
    /// It does not.
    Denied,
    /// The API leaves it to the network plugin, or to facts that were not seen.
    ImplementationDefined,
    /// Policies of one tier and one priority contradict each other, and the API says not which wins.
    Ambiguous,
}

impl Verdict {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::ImplementationDefined => "implementation-defined",
            Self::Ambiguous => "ambiguous",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
