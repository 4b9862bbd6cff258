//! A snapshot that is a folder.

use std::io::BufReader;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use kuberlock_model::Origin;
use kuberlock_model::host::FileType;
use rayon::prelude::*;

use super::entry::Entry;
use super::intake::{Intake, Stop};
use crate::node::root::{self, Root};
use crate::{Error, Record};

/// Entries that are read at a time.
const TOGETHER: usize = 128;
/// Folders below a snapshot's own: `nodes/NAME`.
const DEEP: usize = 2;

/// Reads every file of the folder at `path`, the manifest first.
pub(super) fn read(path: &Path, intake: &mut Intake<'_>) -> Result<(), Stop> {
    let root = Root::open(path).map_err(|error| match error {
        Error::Read { source, .. } => Stop::Read(source),
        other => Stop::Refused(other.to_string()),
    })?;
    let manifest = Entry::Manifest.path();
    let mut names = Vec::new();
    list(&root, path, "", intake, &mut names)?;
    names.sort_by_key(|name| (*name != manifest, name.clone()));
    // Those of nodes are many and small: several at a time, so that no processor is idle.
    let files = Files { root, expanded: AtomicU64::new(0) };
    let (of_nodes, others): (Vec<_>, Vec<_>) =
        names.into_iter().partition(|name| name.starts_with("nodes/"));
    others.iter().try_for_each(|name| files.read(name, intake))?;
    let (path, limits) = (intake.path.clone(), intake.limits);
    for names in of_nodes.chunks(TOGETHER) {
        let read = |name: &String| Intake::apart(&path, limits, |intake| files.read(name, intake));
        let records: Vec<Result<Vec<Record>, Stop>> = names.par_iter().map(read).collect();
        for records in records {
            intake.pass_on(records?);
        }
    }
    Ok(())
}

/// The files of a snapshot.
struct Files {
    root: Root,
    /// Bytes of those that were read.
    expanded: AtomicU64,
}

impl Files {
    fn read(&self, name: &str, intake: &mut Intake<'_>) -> Result<(), Stop> {
        let limits = intake.limits;
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        let folder = self.root.directory(folder).map_err(|error| Stop::Read(error.into()))?;
        let file = root::open(&folder, file)?;
        let size = file.metadata()?.len();
        if size > limits.entry {
            return Err(Stop::Refused(format!("`{name}` has more than {} bytes", limits.entry)));
        }
        let before = self.expanded.fetch_add(size, Ordering::Relaxed);
        if before.saturating_add(size) > limits.expanded {
            let most = limits.expanded;
            return Err(Stop::Refused(format!("its files have more than {most} bytes")));
        }
        intake.entry(name, BufReader::with_capacity(1 << 16, file))
    }
}

/// Gathers the files below `folder`. A link or a device has no place in a snapshot.
fn list(
    root: &Root,
    path: &Path,
    folder: &str,
    intake: &mut Intake<'_>,
    files: &mut Vec<String>,
) -> Result<(), Stop> {
    let read = |error: rustix::io::Errno| Stop::Read(error.into());
    let fd = root.directory(folder).map_err(read)?;
    let most = intake.limits.entries;
    let (names, more) = root::names(&fd, most.saturating_sub(files.len())).map_err(read)?;
    if more {
        return Err(Stop::Refused(format!("it holds more than {most} files")));
    }
    for name in names {
        let stat = root::stat(&fd, &name).map_err(read)?;
        let name = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        match root::file_type(&stat) {
            FileType::File => files.push(name),
            FileType::Directory if is_part(&name) => list(root, path, &name, intake, files)?,
            FileType::Directory => {
                let origin = Origin::whole(format!("{}!{name}", path.display()));
                intake.unread(origin, "it is no part of a snapshot".to_owned());
            }
            FileType::Link => return Err(Stop::Refused(format!("`{name}` is a link"))),
            FileType::Special => {
                return Err(Stop::Refused(format!("`{name}` is a FIFO, socket or device")));
            }
        }
    }
    Ok(())
}

/// Whether the folder `name` can hold entries.
fn is_part(name: &str) -> bool {
    let first = name.split('/').next().unwrap_or_default();
    match name.split('/').count() {
        1 => first == "objects" || first == "nodes",
        DEEP => first == "nodes",
        _ => false,
    }
}
