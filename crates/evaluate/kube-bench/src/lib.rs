//! kube-bench's files unchanged: loaded as kube-bench 0.15.6 loads them, and evaluated as it does.
//!
//! Enters: the text of `config.yaml` and of a benchmark's folder, and a [`Node`] to ask. Leaves:
//! for each check the state, the values and the reason that kube-bench gives. Always holds: no
//! program is started and nothing is written; what the audits' shell cannot do here is told as
//! not run, with the reason, and never becomes a verdict.
//!
//! ```text
//! config.yaml ─▶ Config ─┐
//! Node ──────────────────┼─▶ Substitution ─▶ Controls ─▶ evaluate ─▶ Outcome ─▶ output
//! benchmark/*.yaml ──────┘                                 │
//!                                    audits ─▶ shell ─▶ utility, Commands
//! ```

mod answered;
pub mod benchmark;
pub mod compare;
pub mod config;
pub mod controls;
mod evaluate;
mod go;
mod item;
mod jsonpath;
pub mod lint;
pub mod node;
pub mod output;
mod scalar;
pub mod shell;
mod substitute;
mod utility;
mod view;

pub use answered::FromModel;
pub use config::Config;
pub use controls::{Check, Compare, Controls, Group, TestItem, Tests};
pub use node::{Commands, Entry, FileType, NoCommands, Node, Output, Process, Refusal, Status};

/// Why a file of kube-bench cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is no YAML of the right shape.
    #[error("`{file}` is no file of kube-bench's: {reason}")]
    Syntax {
        /// The file, as the caller named it.
        file: String,
        /// Where and why.
        reason: String,
    },
    /// The file's `type` is not the target it was loaded for.
    #[error("`{file}` is of type `{found}`, not `{target}`")]
    Type {
        /// The file.
        file: String,
        /// The target, which is the file's name.
        target: String,
        /// What it says.
        found: String,
    },
    /// The configuration has no entry for a target.
    #[error("the configuration says nothing of `{target}`")]
    NoTarget {
        /// The target.
        target: String,
    },
}

/// Reads one of kube-bench's files. To let the last of equal keys win, a reader has to hold every
/// map until its end, which takes half of its time again; so that is done only for a file that has
/// equal keys.
fn read_yaml<T>(
    read: impl Fn(serde_saphyr::Options) -> Result<T, serde_saphyr::Error>,
) -> Result<T, serde_saphyr::Error> {
    use serde_saphyr::options::DuplicateKeyPolicy::{Error, LastWins};
    read(yaml_options(Error)).or_else(|_| read(yaml_options(LastWins)))
}

/// How kube-bench's files are read: numbers with leading zeroes stay texts, and what other readers
/// forgive is forgiven.
fn yaml_options(equal_keys: serde_saphyr::options::DuplicateKeyPolicy) -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: 64, flow_nesting_limit: 64 },
        with_snippet: false,
        emit_comments: false,
        leading_zero_numbers_as_strings: true,
        strict_indentation: false,
        duplicate_keys: equal_keys,
    }
}

/// How a node's configuration is read: as YAML 1.1, which kube-bench's reader takes it for.
fn config_yaml_options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: 64, flow_nesting_limit: 64 },
        with_snippet: false,
        emit_comments: false,
        strict_indentation: false,
        legacy_octal_numbers: true,
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::LastWins,
    }
}
