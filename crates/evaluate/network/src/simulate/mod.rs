//! What proposed policies would do to connections that were seen or that manifests tell of.
//!
//! Enters: a cluster, changes to it, the traffic that was observed and what manifests declare.
//! Leaves: [`Outcome`]: what would break and which rule is to blame, what would newly be possible,
//! and on what evidence that stands. Always holds: without flows the answer is unknown, never an
//! empty list; what is denied or dropped today already is told apart from what would break; what
//! the API leaves open is told as such.

mod affected;
mod blame;
mod judge;
mod opened;
mod outcome;
mod proposal;
mod standing;

use kuberlock_model::{Change, Cluster};

pub use affected::{Affected, Seen};
pub use blame::Blame;
pub use opened::Opened;
pub use outcome::{Answer, Outcome, SCHEMA, Totals};
pub use proposal::{Replace, changes};
pub use standing::{Flows, Standing};

use crate::Cni;
use crate::declared::Declared;
use crate::reachability::Reachability;
use crate::traffic::{Directory, Traffic};

/// What is simulated.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The cluster as it is.
    pub cluster: &'a Cluster,
    /// The network plugin.
    pub cni: Cni,
    /// The proposed changes; [`changes`] makes them of policies.
    pub changes: &'a [Change],
    /// What was observed; `None` where no flows were given.
    pub traffic: Option<&'a Traffic>,
    /// What manifests tell of.
    pub declared: &'a Declared,
}

/// Simulates the changes.
pub fn simulate(input: &Input<'_>) -> Outcome {
    let before = Reachability::new(input.cluster, input.cni);
    let after = before.with(input.changes);
    between(input, &before, &after)
}

/// [`simulate`], with the networks before and after made already.
pub fn between(input: &Input<'_>, before: &Reachability, after: &Reachability) -> Outcome {
    let directory = Directory::new(input.cluster);
    let judging = judge::Judging::new(&directory, before, after, input.changes);
    let affected = affected::affected(&judging, input.traffic, input.declared);
    let opened = opened::opened(before, after);
    let standing = standing::standing(&directory, input.traffic);
    outcome::outcome(affected, opened, standing)
}
