//! What was observed, said in the cluster's own terms.
//!
//! Enters: a cluster and the flows that observers saw. Leaves: [`Traffic`]: connections between
//! pods, nodes and addresses, to the port that the server listens on. Always holds: whatever cannot
//! be placed is told, never dropped in silence; a reply is a connection of the other side; how the
//! server's side was found is counted.

mod directory;
mod name;
mod place;
mod resolve;
mod side;
mod who;

pub use directory::Directory;
pub use resolve::{Counts, ObservedEdge, Traffic, Unresolved};
pub use side::Side;
pub use who::Who;

pub(crate) use directory::{Head, ServedBy};
pub(crate) use name::is_volatile;
