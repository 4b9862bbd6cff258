//! Who can talk to whom, and why.
//!
//! Enters: a cluster, as the model has it, and the network plugin in use. Leaves: for any two
//! [`Endpoint`]s the ports on which a connection gets through ([`Reachability::between`]), for one
//! connection a [`Verdict`] and the rules behind it ([`Reachability::explain`]). Always holds: what
//! the API leaves open is told as such, never guessed; policies that contradict each other at one
//! priority are told as ambiguous; no I/O.
//!
//! ```text
//! Cluster ─▶ facts ─▶ endpoint (alike pods, nodes, ranges outside)
//!                        │
//!            policy ─▶ select (whom each rule means: sets of endpoints)
//!                        │
//!                     profile (per endpoint and direction: peers × ports, by tiers)
//!                        │
//!            between, rows, classes: egress of one end ∧ ingress of the other
//! ```
//!
//! What a policy does is evaluated for sets of endpoints at once; which rule decided is derived again
//! for the one connection that is asked about.

mod address;
pub mod assertion;
mod cni;
pub mod compare;
pub mod declared;
mod endpoint;
mod explain;
mod exposure;
mod facts;
mod fold;
pub mod generate;
pub mod lint;
mod matching;
mod name;
mod near;
pub mod np_guard;
mod overlay;
mod policy;
mod ports;
mod profile;
mod reachability;
mod reason;
mod remaining;
mod rows;
mod select;
mod separate;
pub mod simulate;
#[cfg(test)]
mod testing;
pub mod traffic;
mod verdict;

pub use address::AddressRange;
pub use cni::{Cni, NotACni};
pub use endpoint::{Endpoint, EndpointKind};
pub use explain::{Asked, Exemption, Explanation, Layer, LayerTier, Matched, Outcome, Side};
pub use exposure::{Exposed, Exposure, Newcomer};
pub use facts::PodFact;
pub use fixedbitset::FixedBitSet;
pub use fold::{Line, Scope};
pub use matching::Match;
pub use name::{Name, Names};
pub use ports::PortSet;
pub use reachability::{Place, Reach, Reachability, UnknownParty};
pub use reason::{Reason, Why};
pub use remaining::Remaining;
pub use rows::{Classes, Row, RowReach, Rows};
pub use verdict::{Connection, Party, Verdict};
