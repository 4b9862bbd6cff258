//! The command line of the recorder.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::Failure;

const USAGE: &str = "usage: [KUBERLOCK=PATH] record-example [--out DIR] [--objects DIR]";

/// What is to be recorded, and where.
pub(super) struct Arguments {
    /// The binary that collects; none, and no snapshot is made.
    pub(super) kuberlock: Option<PathBuf>,
    pub(super) out: PathBuf,
    pub(super) objects: Option<PathBuf>,
}

impl Arguments {
    pub(super) fn read(words: impl Iterator<Item = OsString>) -> Result<Self, Failure> {
        let mut arguments = Self {
            kuberlock: std::env::var_os("KUBERLOCK").map(absolute).transpose()?,
            out: Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/cluster"),
            objects: None,
        };
        let mut words = words;
        while let Some(word) = words.next() {
            let value = words.next().ok_or(USAGE)?;
            match word.to_str() {
                Some("--out") => arguments.out = absolute(value)?,
                Some("--objects") => arguments.objects = Some(absolute(value)?),
                _ => return Err(USAGE.into()),
            }
        }
        if arguments.kuberlock.is_none() && arguments.objects.is_none() {
            return Err(format!("nothing to record without KUBERLOCK or --objects; {USAGE}").into());
        }
        Ok(arguments)
    }
}

/// Commands in the cluster's namespaces start in another folder.
fn absolute(path: OsString) -> Result<PathBuf, Failure> {
    Ok(std::path::absolute(PathBuf::from(path))?)
}
