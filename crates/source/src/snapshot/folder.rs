//! A snapshot that is a folder.

use std::io::BufReader;
use std::path::Path;

use kuberlock_model::Origin;
use kuberlock_model::host::FileType;

use super::entry::Entry;
use super::intake::{Intake, Stop};
use crate::Error;
use crate::node::root::{self, Root};

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
    let mut expanded = 0_u64;
    for name in names {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", &name));
        let folder = root.directory(folder).map_err(|error| Stop::Read(error.into()))?;
        let file = root::open(&folder, file)?;
        let size = file.metadata()?.len();
        if size > intake.limits.entry {
            return Err(Stop::Refused(format!(
                "`{name}` has more than {} bytes",
                intake.limits.entry
            )));
        }
        expanded += size;
        if expanded > intake.limits.expanded {
            let most = intake.limits.expanded;
            return Err(Stop::Refused(format!("its files have more than {most} bytes")));
        }
        intake.entry(&name, BufReader::with_capacity(1 << 16, file))?;
    }
    Ok(())
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
