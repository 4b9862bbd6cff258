//! Manifests: files and folders of YAML and JSON, and standard input.
//!
//! Enters: paths that the user gave. Leaves: one redacted record an object, in the order of files
//! and documents, in batches. Always holds: what does not parse is told with line, column and
//! reason, and the rest goes on; an object's origin is the byte range of its own text, also for
//! items of a list; files, documents and nesting are bounded; nothing but regular files is opened.

pub(crate) mod file;
mod folder;
mod pieces;
mod record;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use kuberlock_model::coverage::{Reading, Unread};
use kuberlock_model::{Kind, Origin, Reach};
use rayon::prelude::*;

use self::pieces::Piece;
use self::record::Lines;
use crate::{Error, Record};

/// The largest file that is read.
pub const MAX_FILE: u64 = 256 * 1024 * 1024;
/// The most files that are read.
pub const MAX_FILES: usize = 100_000;
/// The most documents that are read of one file.
pub const MAX_DOCUMENTS: usize = 100_000;

/// How many objects are in memory at once.
const BATCH: usize = 500;

/// Standard input can be read once only, and is needed again to find a field's line.
static STANDARD_INPUT: OnceLock<String> = OnceLock::new();

/// What becomes of a network policy that the API server would refuse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Refused {
    /// Its faults are told, and it is left out: it can be in no cluster.
    #[default]
    LeftOut,
    /// It is taken as it is written, as tools do that never ask a server. What cannot be understood
    /// at all is told still.
    Kept,
}

/// Reads files, folders (all `.yaml`, `.yml` and `.json` files below them) and, for `-`, standard
/// input. They are taken as the whole: a kind of which they hold nothing is a kind without objects.
pub fn read(paths: &[PathBuf], emit: &mut dyn FnMut(Vec<Record>)) -> Result<(), Error> {
    read_as(paths, Refused::LeftOut, emit)
}

/// The same, with a word on what the API server would refuse.
pub fn read_as(
    paths: &[PathBuf],
    refused: Refused,
    emit: &mut dyn FnMut(Vec<Record>),
) -> Result<(), Error> {
    let mut files = 0;
    for path in paths {
        if path.as_os_str() == "-" {
            standard_input(refused, emit);
            continue;
        }
        let metadata =
            std::fs::metadata(path).map_err(|source| Error::Read { path: path.clone(), source })?;
        if metadata.is_dir() {
            folder::read(path, refused, &mut files, emit);
        } else if metadata.is_file() {
            files += 1;
            // A link that the user names is the user's choice.
            let target = std::fs::canonicalize(path)
                .map_err(|source| Error::Read { path: path.clone(), source })?;
            one_file(path, &target, refused, emit);
        } else {
            let reason = "is neither a file nor a folder".to_owned();
            return Err(Error::Unusable { path: path.clone(), reason });
        }
    }
    let given = |kind: &kuberlock_model::object::KindName| Reading::Kind(kind.kind, Reach::Given);
    emit(Kind::all().iter().map(given).map(Record::Reading).collect());
    Ok(())
}

/// What standard input held, where it was read.
pub(crate) fn standard_input_text() -> Option<&'static str> {
    STANDARD_INPUT.get().map(String::as_str)
}

fn standard_input(refused: Refused, emit: &mut dyn FnMut(Vec<Record>)) {
    match file::decoded(&mut std::io::stdin().lock()) {
        Ok(text) => {
            let text = STANDARD_INPUT.get_or_init(|| text);
            one_text(&Lines::new("-".into(), text, refused), false, emit);
        }
        Err(reason) => emit(vec![unread(Origin::whole("-"), reason)]),
    }
}

/// Reads the file at `target`, known to the user as `path`.
fn one_file(path: &Path, target: &Path, refused: Refused, emit: &mut dyn FnMut(Vec<Record>)) {
    let source: Arc<str> = path.to_string_lossy().into();
    match file::text(target) {
        Ok(text) => {
            let is_json = path.extension().is_some_and(|e| e == "json");
            one_text(&Lines::new(source, &text, refused), is_json, emit);
        }
        Err(reason) => emit(vec![unread(Origin::whole(source), reason)]),
    }
}

/// Reads a text in batches: its pieces are found one after the other, and parsed in parallel.
fn one_text(lines: &Lines<'_>, is_json: bool, emit: &mut dyn FnMut(Vec<Record>)) {
    let mut batch: Vec<Piece> = Vec::with_capacity(BATCH);
    let mut flush = |batch: &mut Vec<Piece>| {
        let pieces = std::mem::take(batch);
        let records: Vec<Vec<Record>> =
            pieces.into_par_iter().map(|piece| record::records(lines, piece)).collect();
        emit(records.into_iter().flatten().collect());
    };
    pieces::each(lines.text(), is_json, &mut |piece| {
        batch.push(piece);
        if batch.len() >= BATCH {
            flush(&mut batch);
        }
    });
    flush(&mut batch);
}

fn unread(origin: Origin, reason: String) -> Record {
    Record::Reading(Reading::Unread(Unread::new(origin, reason)))
}

#[cfg(test)]
mod tests;
