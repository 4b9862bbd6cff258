//! Facts in: manifests, snapshots and the roots of nodes.
//!
//! Enters: paths that the user gave, and bytes that are hostile until parsed. Leaves: [`Record`]s,
//! which a [`convert::Converter`] makes into changes of the model's cluster and a
//! [`snapshot::Writer`] writes down. Always holds: a record holds no credential; everything read
//! is bounded in size, depth and count; what cannot be read is told, with file, line and reason,
//! and the rest goes on.
//!
//! ```text
//! manifest ─┐                       ┌─▶ convert ─▶ Change ─▶ model::Cluster
//! snapshot ─┼─▶ redact ─▶ Record ───┤
//! node     ─┤                       └─▶ snapshot::Writer
//! (live)   ─┘
//! ```

pub mod convert;
pub mod error;
pub mod flow;
pub mod locate;
pub mod manifest;
pub mod node;
pub mod record;
pub mod redact;
pub mod snapshot;
pub mod validate;
pub mod yaml;

pub use error::Error;
pub use record::{HostRecord, Record};
