//! A folder of manifests: its files in the order of their names, links only where they stay inside.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use kuberlock_model::Origin;

use super::{MAX_FILES, Refused, one_file, unread};
use crate::Record;

/// How deep folders may lie in one another.
const MAX_DEPTH: usize = 100;

/// Reads every manifest below `path`. `files` counts over all paths.
pub(super) fn read(
    path: &Path,
    refused: Refused,
    files: &mut usize,
    emit: &mut dyn FnMut(Vec<Record>),
) {
    match std::fs::canonicalize(path) {
        Ok(root) => {
            Walk { root: root.clone(), refused, open: Vec::new(), files, emit }.folder(path, &root);
        }
        Err(error) => emit(vec![told(path, &format!("cannot be read: {error}"))]),
    }
}

struct Walk<'a> {
    /// Nothing outside of it is read.
    root: PathBuf,
    refused: Refused,
    /// The folders that are being read, outermost first.
    open: Vec<PathBuf>,
    files: &'a mut usize,
    emit: &'a mut dyn FnMut(Vec<Record>),
}

impl Walk<'_> {
    /// Reads the folder that the user knows as `path` and that truly is `real`.
    fn folder(&mut self, path: &Path, real: &Path) {
        if self.open.iter().any(|open| open == real) {
            return self.tell(path, "is a link to a folder that holds it");
        }
        if self.open.len() >= MAX_DEPTH {
            return self.tell(path, &format!("lies deeper than the bound of {MAX_DEPTH} folders"));
        }
        let entries = match std::fs::read_dir(real) {
            Ok(entries) => entries,
            Err(error) => return self.tell(path, &format!("cannot be read: {error}")),
        };
        let mut names: Vec<_> = entries.filter_map(|e| Some(e.ok()?.file_name())).collect();
        names.sort_unstable();
        self.open.push(real.to_owned());
        for name in names.iter().filter(|name| !is_hidden(name)) {
            self.entry(&path.join(name), &real.join(name));
        }
        self.open.pop();
    }

    fn entry(&mut self, path: &Path, real: &Path) {
        let Ok(metadata) = std::fs::symlink_metadata(real) else {
            return;
        };
        if metadata.is_dir() {
            self.folder(path, real);
        } else if metadata.is_symlink() {
            self.link(path, real);
        } else if is_manifest(path) {
            self.file(path, real);
        }
    }

    fn link(&mut self, path: &Path, link: &Path) {
        match std::fs::canonicalize(link) {
            Ok(real) if !real.starts_with(&self.root) && (real.is_dir() || is_manifest(path)) => {
                self.tell(path, "is a link that leaves the folder, and is not followed");
            }
            Ok(real) if !real.starts_with(&self.root) => {}
            Ok(real) if real.is_dir() => self.folder(path, &real),
            Ok(real) if is_manifest(path) => self.file(path, &real),
            Err(_) if is_manifest(path) => self.tell(path, "is a link to nothing, or to itself"),
            _ => {}
        }
    }

    fn file(&mut self, path: &Path, real: &Path) {
        *self.files += 1;
        match (*self.files).cmp(&(MAX_FILES + 1)) {
            std::cmp::Ordering::Less => one_file(path, real, self.refused, self.emit),
            std::cmp::Ordering::Equal => {
                self.tell(
                    path,
                    &format!("comes after the bound of {MAX_FILES} files, as may more"),
                );
            }
            std::cmp::Ordering::Greater => {}
        }
    }

    fn tell(&mut self, path: &Path, reason: &str) {
        (self.emit)(vec![told(path, reason)]);
    }
}

fn told(path: &Path, reason: &str) -> Record {
    unread(Origin::whole(path.to_string_lossy().into_owned()), reason.to_owned())
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().first() == Some(&b'.')
}

fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "yaml" || e == "yml" || e == "json")
}
