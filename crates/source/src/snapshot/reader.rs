//! Reads a snapshot.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::intake::{Intake, Limits, Stop};
use super::{ARCHIVE, STANDARD_INPUT, archive, folder, text};
use crate::{Error, Record};

/// Reads the snapshot at `path`, in batches: a folder, a `.tar.zst`, or a file that holds snapshots as
/// text, `-` for standard input. Several snapshots are merged by reading one after the other.
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
    let mut intake = Intake::new(path.to_string_lossy().into_owned(), limits, emit);
    let form = Form::of(path)?;
    let read = match form {
        Form::Folder => folder::read(path, &mut intake).and_then(|()| intake.is_whole()),
        Form::Archive => {
            archive::read(path, limits, &mut |name, content| intake.entry(name, content))
                .and_then(|()| intake.is_whole())
        }
        Form::Text => open(path).map_err(Stop::Read).and_then(|text| text::read(text, &mut intake)),
        Form::None => Err(Stop::Refused("it is neither a folder nor a regular file".to_owned())),
    };
    intake.flush();
    read.map_err(|stop| refusal(path, form, stop))
}

/// Shows each entry of the snapshots in the file at `path`: the name that its records bear as their
/// source, and its bytes. Those of a folder are files of their own, and standard input is gone.
pub(crate) fn entries(
    path: &Path,
    visit: &mut dyn FnMut(&str, &mut dyn BufRead),
) -> Result<(), Error> {
    let (form, limits) = (Form::of(path)?, Limits::default());
    let shown = path.to_string_lossy();
    let read = match form {
        Form::Archive => archive::read(path, limits, &mut |name, content| {
            visit(&format!("{shown}!{name}"), content);
            Ok(())
        }),
        Form::Text if path != Path::new(STANDARD_INPUT) => {
            let visit = &mut |source: &str, content: &mut dyn BufRead| visit(source, content);
            open(path)
                .map_err(Stop::Read)
                .and_then(|text| text::entries(text, &shown, limits, visit))
        }
        _ => Ok(()),
    };
    read.map_err(|stop| refusal(path, form, stop))
}

/// How a snapshot is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Folder,
    Archive,
    Text,
    /// In no way.
    None,
}

impl Form {
    fn of(path: &Path) -> Result<Self, Error> {
        if path == Path::new(STANDARD_INPUT) {
            return Ok(Self::Text);
        }
        let found =
            fs::metadata(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
        Ok(match path.to_string_lossy().ends_with(ARCHIVE) {
            _ if found.is_dir() => Self::Folder,
            _ if !found.is_file() => Self::None,
            true => Self::Archive,
            false => Self::Text,
        })
    }
}

fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    Ok(match path.to_str() {
        Some(STANDARD_INPUT) => Box::new(io::stdin().lock()),
        _ => Box::new(BufReader::new(fs::File::open(path)?)),
    })
}

fn refusal(path: &Path, form: Form, stop: Stop) -> Error {
    let path = path.to_owned();
    match stop {
        Stop::Read(source) if form == Form::Folder => Error::Read { path, source },
        Stop::Read(error) => {
            Error::Snapshot { path, reason: format!("it is truncated or corrupt: {error}") }
        }
        Stop::Refused(reason) => Error::Snapshot { path, reason },
    }
}
