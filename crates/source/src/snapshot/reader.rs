//! Reads a snapshot.

use std::fs;
use std::path::Path;

use super::intake::{Intake, Limits, Stop};
use super::{ARCHIVE, archive, folder};
use crate::{Error, Record};

/// Reads the snapshot at `path`, a folder or a `.tar.zst`, in batches. Several snapshots are merged
/// by reading one after the other.
///
/// Where this fails, the whole snapshot is refused, what was emitted before included.
pub fn read(path: &Path, emit: &mut dyn FnMut(Vec<Record>)) -> Result<(), Error> {
    read_within(path, Limits::default(), emit)
}

/// As [`read`], with other bounds.
pub(super) fn read_within(
    path: &Path,
    limits: Limits,
    emit: &mut dyn FnMut(Vec<Record>),
) -> Result<(), Error> {
    let snapshot = |reason: String| Error::Snapshot { path: path.to_owned(), reason };
    let found =
        fs::metadata(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let shown = path.to_string_lossy().into_owned();
    let mut intake = Intake::new(shown.clone(), limits, emit);
    let read = if found.is_dir() {
        folder::read(path, &mut intake)
    } else if !found.is_file() {
        Err(Stop::Refused("it is neither a folder nor a regular file".to_owned()))
    } else if !shown.ends_with(ARCHIVE) {
        Err(Stop::Refused(format!("it is a file whose name does not end in `{ARCHIVE}`")))
    } else {
        archive::read(path, &mut intake)
    };
    read.and_then(|()| intake.finish()).map_err(|stop| match stop {
        Stop::Read(source) if found.is_dir() => Error::Read { path: path.to_owned(), source },
        Stop::Read(error) => snapshot(format!("it is truncated or corrupt: {error}")),
        Stop::Refused(reason) => snapshot(reason),
    })
}
