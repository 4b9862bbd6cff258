//! Connections as np-guard's netpol-analyzer tells them.
//!
//! Enters: a cluster. Leaves: the lines of its `list` ([`connections`]) and of `list --exposure`
//! ([`exposure`]), in its notation and order, as text and as comma-separated values. Always holds:
//! where np-guard departs from the API this does too, and nothing else of this crate does; no I/O.
//!
//! What is np-guard's own:
//!
//! - Pods are one with the controller that they name, traffic among them is left out; all pods of one
//!   owner are as the first of them.
//! - A pod on its node's network is a pod like any other; nodes and their addresses are nobody.
//! - An `ipBlock` and a network never mean a pod. Of addresses only IPv4 is told; an `ipBlock` of IPv6
//!   is read as if its first four bytes were an address of IPv4, a network of IPv6 is passed over.
//! - A ClusterNetworkPolicy is not seen; policies of one priority count in the order of the files.
//! - Pods that a rule means and nobody has seen are meant by another rule only if it names the same
//!   labels.
//! - Whatever port a container has counts as one of TCP to an Ingress or a Route, whose controller is
//!   a pod without labels in a namespace that no manifest has.
//!
//! It stands on the crate's facts, ranges and sets of ports, and not on [`crate::Reachability`]: that
//! has no pods that are known by selectors only, and no ports without numbers.

mod connection;
mod connections;
mod exposure;
mod ingress;
mod line;
mod matching;
mod networks;
mod peer;
mod policies;
mod representative;

pub use connections::{Connections, connections};
pub use exposure::{Exposure, exposure};
pub use line::{Line, Network, NetworkKind};
