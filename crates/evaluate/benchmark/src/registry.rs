//! Every check there is, with its manual: generated from the files in `src/check`.

use crate::check::Check;
use crate::parameter::Parameter;

/// The manual page of a check: the parts of its file's doc comment.
#[derive(Clone, Copy, Debug)]
pub struct Manual {
    /// One line: what should be.
    pub title: &'static str,
    /// What is looked at, and when it fails.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// What that may break.
    pub may_break: &'static str,
    /// What a user may set.
    pub parameters: &'static [Parameter],
    /// Where to read on.
    pub references: &'static [&'static str],
}

/// A check of the registry.
#[derive(Debug)]
pub struct Registered {
    /// Its id: the file's name with dashes.
    pub id: &'static str,
    /// Its manual page.
    pub manual: Manual,
    /// The check.
    pub check: &'static Check,
}

mod generated {
    use super::{Manual, Registered};

    include!(concat!(env!("OUT_DIR"), "/registry.rs"));
}

/// Every check, by id.
pub fn registry() -> &'static [Registered] {
    &generated::REGISTRY
}

/// The check `id`.
pub fn find(id: &str) -> Option<&'static Registered> {
    registry().iter().find(|check| check.id == id)
}
