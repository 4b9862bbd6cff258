//! The objects of the cluster as `kubectl get -o yaml` shows them, a file a resource.

use std::fs;
use std::path::Path;

use kuberlock_testbed::Cluster;

use super::{Failure, proof};

/// Values that no dump may hold, and what changes by the second.
const LEFT_OUT: [&str; 5] = [
    "secrets",
    "events",
    "events.events.k8s.io",
    "leases.coordination.k8s.io",
    "componentstatuses",
];

pub(super) fn write(cluster: &Cluster, dir: &Path) -> Result<(), Failure> {
    let listed = cluster.kubectl(&["api-resources", "--verbs=list", "-o", "name"])?;
    let folder = tempfile::Builder::new().prefix("kuberlock-example-").tempdir()?;
    let fresh = folder.path().join("objects");
    fs::create_dir(&fresh)?;
    let listed = String::from_utf8(listed.stdout)?;
    for resource in listed.lines().filter(|resource| !LEFT_OUT.contains(resource)) {
        let output = cluster.kubectl(&["get", resource, "-A", "-o", "yaml"])?;
        let text = String::from_utf8(output.stdout)?;
        // The form of a list without anything.
        if !text.contains("\nitems: []\n") {
            fs::write(fresh.join(format!("{resource}.yaml")), text)?;
        }
    }
    proof::no_private_key(&fresh)?;
    replace(&fresh, dir)
}

/// Puts a folder in the place of another, which stays until the new one lies beside it.
pub(super) fn replace(fresh: &Path, out: &Path) -> Result<(), Failure> {
    let parent = out.parent().ok_or("the root cannot be replaced")?;
    fs::create_dir_all(parent)?;
    let beside = tempfile::Builder::new().prefix(".recorded-").tempdir_in(parent)?;
    let moved = beside.path().join("new");
    copy(fresh, &moved)?;
    if out.exists() {
        fs::rename(out, beside.path().join("old"))?;
    }
    Ok(fs::rename(&moved, out)?)
}

/// Another file system may lie between, so nothing is renamed from there.
fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    if from.is_dir() {
        fs::create_dir(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
    } else {
        // Not the mode, which the collector keeps close.
        fs::write(to, fs::read(from)?)?;
    }
    Ok(())
}
