//! The shell of the audits: dash's language, without a process.
//!
//! Enters: a script and a [`Node`]. Leaves: what it would print and its exit status, or why it was
//! not run. Always holds: nothing is written, nothing is started; steps, output and nesting are
//! bounded, so that every script ends.

mod arithmetic;
mod builtin;
mod condition;
mod expand;
mod lex;
mod parse;
pub(crate) mod pattern;
mod run;
mod syntax;

use crate::node::{Commands, Node};

pub use run::{Finished, Limits};

/// Runs `script` as `/bin/sh` with it on standard input does.
pub fn run(
    script: &str,
    node: &dyn Node,
    commands: &dyn Commands,
    limits: Limits,
) -> Result<Finished, NotRun> {
    run::script(script, node, commands, limits)
}

pub use run::NotRun;
pub(crate) use run::{Io, Stop};

#[cfg(test)]
mod tests;
