//! Clusters made up for the network engine: as many pods, namespaces and policies as asked for.
//!
//! Enters: a [`NetworkSize`]. Leaves: objects, one at a time, or a snapshot folder of them. Always
//! holds: the same size makes the same objects; there are exactly as many pods, namespaces and
//! NetworkPolicies as asked for, and two ClusterNetworkPolicies beside them.

mod pods;
mod policies;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde_json::Value;

use super::lines::Lines;
use super::{drawn, write_manifest};

/// How big a network is, and which of all of this size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkSize {
    /// Pods, most of them four to a Deployment, some three to a StatefulSet.
    pub pods: usize,
    /// Namespaces, between which the pods are dealt out.
    pub namespaces: usize,
    /// NetworkPolicies.
    pub policies: usize,
    /// What decides what each is.
    pub seed: u64,
    /// Whether policies tell every single pod from every other. Of an ordinary cluster they tell
    /// only workloads apart.
    pub is_adversarial: bool,
}

impl NetworkSize {
    /// One of several, the same for the same seed, `what` and `number`.
    fn choice<T: Copy>(self, of: &[T], what: &str, number: usize) -> Option<T> {
        of.get((drawn(self.seed, what, number) % of.len().max(1) as u64) as usize).copied()
    }

    /// Whether this is one of `of`.
    fn is_one_of(self, of: u64, what: &str, number: usize) -> bool {
        drawn(self.seed, what, number).is_multiple_of(of)
    }
}

/// Gives every object, with the file of a snapshot that it belongs to.
pub fn network_objects(size: NetworkSize, put: &mut dyn FnMut(&'static str, &Value)) {
    pods::put(size, put);
    policies::put(size, put);
}

/// Writes a snapshot of such a cluster into the new folder `folder`.
///
/// # Errors
/// The folder cannot be written.
pub fn network_snapshot(size: NetworkSize, folder: &Path) -> io::Result<()> {
    let mut lines = Lines::create(&folder.join("objects"))?;
    let mut kinds: BTreeMap<String, ()> = BTreeMap::new();
    let mut failed = Ok(());
    network_objects(size, &mut |file, object| {
        if let Some(kind) = object.get("kind").and_then(Value::as_str) {
            kinds.entry(kind.to_owned()).or_default();
        }
        if failed.is_ok() {
            failed = lines.line(file, object);
        }
    });
    failed?;
    lines.finish()?;
    let source = format!(
        "generated network: {} pods, {} namespaces, {} policies, seed {}",
        size.pods, size.namespaces, size.policies, size.seed
    );
    write_manifest(folder, &source, kinds.into_keys(), 0)
}
