//! Snapshots: a cluster written down, to be read elsewhere and later.
//!
//! Enters: [`Record`](crate::Record)s to write; a folder, a `.tar.zst` or text to read, hostile until
//! parsed. Leaves: the same, a snapshot and records. Always holds: what is written is redacted, and
//! what is read is redacted again; the same records make the same bytes; a snapshot is there whole
//! or not at all; an archive with a link, a device or a path that leads out of it is refused.
//!
//! ```text
//! manifest.json                      schema, tool, cluster, release, source, coverage
//! objects/<resource>[.<group>].jsonl one object a line, by namespace and name
//! nodes/<NAME>/files.jsonl           and processes, sysctls, versions; configz.json
//! ```

mod archive;
mod entry;
mod folder;
mod intake;
pub(crate) mod lines;
mod manifest;
mod output;
mod reader;
mod spool;
mod text;
mod writer;

pub(crate) use reader::entries;
pub use reader::read;
pub use writer::{About, Writer};

/// The version of the format.
pub const SCHEMA: &str = "kuberlock.dev/snapshot/v1";

/// Ending of the name of a snapshot in one file.
pub const ARCHIVE: &str = ".tar.zst";

/// The name by which standard input and output are asked for.
pub const STANDARD_INPUT: &str = "-";

#[cfg(test)]
mod tests;
