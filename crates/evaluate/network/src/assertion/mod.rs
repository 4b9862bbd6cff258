//! Assertions about who may reach whom, kept as code beside the policies.
//!
//! Enters: the file `network-tests.yaml` as a value, or np-guard's baseline rules, and a computed network.
//! Leaves: for each assertion whether it is met, with connections that show where it is not and the
//! rules behind them. Always holds: an assertion that nobody matches, or that the API leaves open, is
//! unknown and never met; what is written and not understood refuses the file, with the field.
//!
//! ```yaml
//! version: 1
//! sets:
//!   gateways: { namespace: ingress, podSelector: { matchLabels: { app: gateway } } }
//! tests:
//! - name: only the shop reaches the ledger
//!   reason: card data
//!   severity: high
//!   from: { namespace: shop }
//!   to: { namespace: ledger }
//!   ports: [5432]
//!   expect: only-from
//! ```

mod baseline;
mod ends;
mod evaluate;
mod finding;
mod read;
#[cfg(test)]
mod tests;
mod witness;

use ipnet::IpNet;
use kuberlock_model::network::PortMatch;
use kuberlock_model::selector::LabelSelector;
use kuberlock_model::{FieldPath, Severity};
use serde::Serialize;

use crate::ports::PortSet;
use crate::reason::Reason;
use crate::verdict::{Connection, Verdict};

pub use finding::{finding, summary};

/// The assertions of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assertions {
    /// In the order of the file.
    pub tests: Vec<Assertion>,
}

/// One assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// What it is called.
    pub name: String,
    /// Why it must hold, where the file says so.
    pub reason: Option<String>,
    /// How bad it is if it does not hold.
    pub severity: Severity,
    /// From whom; whoever one of these means.
    pub from: Vec<Selector>,
    /// To whom.
    pub to: Vec<Selector>,
    /// On which ports; none is all of every protocol.
    pub ports: Box<[PortMatch]>,
    /// What must come of it.
    pub expect: Expect,
    /// Whether it is met where `from` or `to` means nobody.
    pub may_be_empty: bool,
    /// Where the file has it.
    pub path: FieldPath,
}

/// Some ends of connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// Every pod that is not on its node's network, and every address outside.
    Any,
    /// Every pod that is not on its node's network.
    Pods,
    /// Every address outside.
    Outside,
    /// Every node, and every pod on its node's network.
    Nodes,
    /// Nodes with these labels.
    NodesWith(LabelSelector),
    /// One node.
    Node(String),
    /// Pods by their labels and their namespaces', those on their node's network among them.
    Labelled {
        /// The namespaces by name; none is any.
        names: Vec<String>,
        /// The namespaces by their labels.
        namespaces: LabelSelector,
        /// The pods by their labels.
        pods: LabelSelector,
        /// The pods by their owner's name, or their own.
        workload: Option<String>,
    },
    /// Addresses outside.
    Block {
        /// The range.
        cidr: IpNet,
        /// Ranges that are not meant.
        except: Vec<IpNet>,
    },
}

/// What must come of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    /// None of these gets through to any of those, on any of the ports.
    Denied,
    /// Each of these gets through to each of those, on every one of the ports.
    Allowed,
    /// Each of these gets through to one of those at least, on every one of the ports.
    AllowedToOne,
    /// No pod and no address outside but these gets through to those, on any of the ports.
    OnlyFrom,
    /// These get through to no pod and no address outside but those, on any of the ports.
    OnlyTo,
}

impl Expect {
    /// Every expectation.
    pub const ALL: [Self; 5] =
        [Self::Denied, Self::Allowed, Self::AllowedToOne, Self::OnlyFrom, Self::OnlyTo];

    /// Its word in a file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Allowed => "allowed",
            Self::AllowedToOne => "allowed-to-one",
            Self::OnlyFrom => "only-from",
            Self::OnlyTo => "only-to",
        }
    }
}

/// Whether an assertion holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It does.
    Met,
    /// It does not.
    NotMet,
    /// It means nobody, or the API leaves it open.
    Unknown,
}

/// What came of an assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether it holds.
    pub status: Status,
    /// Why, in one clause.
    pub message: String,
    /// How many endpoints `from` means, and how many `to`.
    pub meant: (usize, usize),
    /// Connections that show it: those that must not be where it is not met, those that are left open where it
    /// is unknown. No more than a few.
    pub examples: Vec<Counterexample>,
}

/// A connection that comes to something else than is asserted, or may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// The connection.
    pub connection: Connection,
    /// What it comes to.
    pub verdict: Verdict,
    /// All ports of which the same is so, between these two.
    pub ports: PortSet,
    /// What lets it through, where it gets through; what keeps it back, where it does not.
    pub why: Vec<Reason>,
}

/// A file of assertions that is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {what}")]
pub struct NotAnAssertion {
    /// The field at fault; empty for the file itself.
    pub field: FieldPath,
    /// What is wrong with it.
    pub what: String,
}
