//! What can go wrong before anything is read. What goes wrong within a source is a
//! [`Reading::Unread`](kuberlock_model::coverage::Reading), not an error.

use std::io;
use std::path::PathBuf;

/// A source that cannot be used at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A path the user gave cannot be opened.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A path that should be written cannot be.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// The path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A snapshot that is none, or is refused.
    #[error("`{}` is no snapshot that can be read: {reason}", path.display())]
    Snapshot {
        /// The snapshot.
        path: PathBuf,
        /// Why, in half a sentence.
        reason: String,
    },
    /// A path that holds nothing of the kind it was given as.
    #[error("`{}` {reason}", path.display())]
    Unusable {
        /// The path.
        path: PathBuf,
        /// What is wrong with it: `is no directory`.
        reason: String,
    },
}
