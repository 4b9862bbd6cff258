//! The files of a snapshot's objects, each opened when something is first written to it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Files of JSON lines in one folder.
#[derive(Debug)]
pub(super) struct Lines {
    folder: PathBuf,
    files: BTreeMap<String, BufWriter<File>>,
}

impl Lines {
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_owned(), files: BTreeMap::new() })
    }

    /// Adds a line to the file `name`.
    pub(super) fn line(&mut self, name: &str, value: &Value) -> io::Result<()> {
        writeln!(self.file(name)?, "{value}")
    }

    /// Adds whole lines to the file `name`.
    pub(super) fn text(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.file(name)?.write_all(text.as_bytes())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.files.values_mut().try_for_each(Write::flush)
    }

    fn file(&mut self, name: &str) -> io::Result<&mut BufWriter<File>> {
        Ok(match self.files.entry(name.to_owned()) {
            std::collections::btree_map::Entry::Occupied(held) => held.into_mut(),
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(BufWriter::new(File::create(self.folder.join(name))?))
            }
        })
    }
}
