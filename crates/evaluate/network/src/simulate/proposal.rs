//! Proposed policies as changes of a cluster.

use std::collections::BTreeSet;

use kuberlock_model::{Change, Cluster, Kind, Object, ObjectKey};

/// What becomes of policies that are there today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Replace {
    /// Those of the same kind, namespace and name are replaced, the others stay.
    #[default]
    Same,
    /// All of them go: the proposed ones are the whole.
    All,
}

/// Kinds of policies that decide about connections.
pub(super) const POLICIES: [Kind; 5] = [
    Kind::NetworkPolicy,
    Kind::AdminNetworkPolicy,
    Kind::BaselineAdminNetworkPolicy,
    Kind::ClusterNetworkPolicy,
    Kind::MultiNetworkPolicy,
];

/// The changes that put the policies among `proposed` into `cluster`; other objects are left out.
pub fn changes(cluster: &Cluster, proposed: &[Object], replace: Replace) -> Vec<Change> {
    let policies = proposed.iter().filter(|object| POLICIES.contains(&object.kind()));
    let mut changes: Vec<Change> = Vec::new();
    if replace == Replace::All {
        let kept: BTreeSet<ObjectKey> = policies.clone().map(Object::key).collect();
        let held = POLICIES.into_iter().flat_map(|kind| cluster.of_kind(kind)).map(Object::key);
        changes.extend(held.filter(|key| !kept.contains(key)).map(Change::Delete));
    }
    changes.extend(policies.cloned().map(Change::upsert));
    changes
}
