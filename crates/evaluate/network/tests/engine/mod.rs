//! The engine, as the tests ask it.

use kuberlock_model::{Change, Cluster};
use kuberlock_network::{Cni, Connection, Reachability, Verdict};

/// The engine's view of a cluster under a plugin.
pub struct Engine(Reachability);

impl Engine {
    pub fn new(cluster: &Cluster, cni: Cni) -> Self {
        Self(Reachability::new(cluster, cni))
    }

    /// `None` where a party is not there.
    pub fn verdict(&self, connection: &Connection) -> Option<Verdict> {
        self.0.verdict(connection).ok()
    }

    pub fn with(&self, changes: &[Change]) -> Self {
        Self(self.0.with(changes))
    }
}
