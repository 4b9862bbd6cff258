//! Which failures are borne, and which are new?
//!
//! Enters: findings, waivers that people wrote, skip lists of kube-bench, findings of an earlier
//! scan, today's date. Leaves: the same findings, those that are borne marked so; what is new,
//! worse, better or gone. Always holds: pure (no clock: the date is given); a waiver without
//! reason, owner or end is refused; one that has ended, or meets nothing, is told.

mod baseline;
mod date;
mod pattern;
mod selector;
mod skip;
mod waiver;

pub use baseline::{Change, Compared, Comparison, Earlier, compare};
pub use date::Date;
pub use skip::SkipList;
pub use waiver::{Told, Waivers};

/// Why a file of waivers, or an earlier scan, is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is no YAML of waivers.
    #[error("it is no file of waivers: {0}")]
    Waivers(String),
    /// One waiver is refused.
    #[error("the waiver at line {line}: {reason}")]
    Waiver {
        /// Its line, from 1.
        line: u64,
        /// Why.
        reason: String,
    },
    /// A skip list holds something else than items.
    #[error("`{0}` is no item of a benchmark such as 1.2.3, nor a section such as 1.2")]
    Item(String),
    /// It is no scan's JSON.
    #[error("it is no scan as `-o json` writes it: {0}")]
    Scan(String),
}
