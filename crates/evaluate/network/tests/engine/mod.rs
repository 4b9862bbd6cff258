//! The engine, as the tests ask it.

use kuberlock_model::{Change, Cluster};
use kuberlock_network::{Cni, Connection, Verdict};
use crate::reference::Reference;

/// The engine's view of a cluster under a plugin.
pub struct Engine(Cluster, Cni);

impl Engine {
    pub fn new(cluster: &Cluster, cni: Cni) -> Self {
        Self(cluster.clone(), cni)
    }

    /// `None` where a party is not there.
    pub fn verdict(&self, connection: &Connection) -> Option<Verdict> {
        Reference::new(&self.0, self.1).verdict(connection)
    }

    pub fn with(&self, changes: &[Change]) -> Self {
        let mut c = self.0.clone(); for x in changes { c.apply(x.clone()); } Self(c, self.1)
    }
}
