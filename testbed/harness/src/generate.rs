//! Big clusters, made up and written down as a snapshot: as many nodes and pods as asked for, of
//! ordinary shape and size.
//!
//! Enters: a [`Size`], and the example cluster, whose nodes and objects are the pattern. Leaves: a
//! snapshot folder. Always holds: the same size makes the same bytes.

mod access;
mod lines;
mod network;
mod nodes;
mod workloads;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use self::lines::Lines;
pub use self::network::{NetworkSize, network_objects, network_snapshot};

/// How big a cluster is, and which of all clusters of this size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Pods, ten to a Deployment, two hundred to a namespace.
    pub pods: usize,
    /// Nodes, with the records of their machines; none leaves only the workloads.
    pub nodes: usize,
    /// What decides which nodes, namespaces and workloads are lax.
    pub seed: u64,
}

impl Size {
    /// One of `of`, the same for the same seed, `what` and `number`.
    fn is_one_of(self, of: u64, what: &str, number: usize) -> bool {
        drawn(self.seed, what, number).is_multiple_of(of)
    }
}

/// A number, the same for the same seed, `what` and `number`.
fn drawn(seed: u64, what: &str, number: usize) -> u64 {
    let salt = what.bytes().fold(0, |salt: u64, byte| salt.rotate_left(7) ^ u64::from(byte));
    mixed(seed ^ mixed(salt ^ mixed(number as u64)))
}

/// One step of splitmix64: near numbers become far ones.
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Writes a snapshot of a cluster of `size` into the new folder `folder`.
///
/// # Errors
/// The folder cannot be written, or the example cluster cannot be read.
pub fn snapshot(size: Size, folder: &Path) -> io::Result<()> {
    let mut lines = Lines::create(&folder.join("objects"))?;
    let mut kinds: BTreeSet<String> =
        ["Namespace", "Pod", "Deployment", "ReplicaSet", "NetworkPolicy", "ServiceAccount"]
            .map(str::to_owned)
            .into();
    workloads::write(size, &mut lines)?;
    if size.nodes > 0 {
        let manifest: Value = serde_json::from_slice(&fs::read(example().join("manifest.json"))?)?;
        let seen = manifest.pointer("/coverage/kinds").and_then(Value::as_object);
        kinds.extend(seen.into_iter().flat_map(|seen| seen.keys().cloned()));
        example_objects(&mut lines)?;
        access::write(size, &mut lines)?;
        nodes::write(size, folder, &mut lines)?;
    }
    lines.finish()?;
    let source = format!("generated: {} nodes, {} pods, seed {}", size.nodes, size.pods, size.seed);
    write_manifest(folder, &source, kinds.into_iter(), size.nodes)
}

/// Writes the manifest of a snapshot in which these kinds, and as many nodes, were seen in full.
fn write_manifest(
    folder: &Path,
    source: &str,
    kinds: impl Iterator<Item = String>,
    nodes: usize,
) -> io::Result<()> {
    let complete = |name: String| (name, json!("complete"));
    let hosts = (0..nodes).map(|number| complete(nodes::name(number)));
    let manifest = json!({
        "schema": "kuberlock.dev/snapshot/v1",
        "tool": "kuberlock generator",
        "cluster": { "name": "generated", "uid": null },
        "release": "1.37.2",
        "source": source,
        "collected": "2026-01-01T00:00:00Z",
        "coverage": {
            "kinds": kinds.map(complete).collect::<serde_json::Map<_, _>>(),
            "hosts": hosts.collect::<serde_json::Map<_, _>>(),
            "unread": [], "notices": [],
        },
    });
    fs::write(folder.join("manifest.json"), format!("{manifest:#}\n"))
}

/// The example cluster.
fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/cluster")
}

/// What every cluster has: the example's objects, its nodes left out.
fn example_objects(lines: &mut Lines) -> io::Result<()> {
    let mut files: Vec<PathBuf> = fs::read_dir(example().join("objects"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    files.sort();
    for path in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name != "nodes.jsonl" {
            lines.text(&name, &fs::read_to_string(&path)?)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
