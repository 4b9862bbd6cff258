//! The shell of the audits: dash's language, without a process.
//!
//! Enters: a script and a [`Node`]. Leaves: what it would print and its exit status, or why it was
//! not run. Always holds: nothing is written, nothing is started; steps, output and nesting are
//! bounded, so that every script ends.

mod arithmetic;
mod bound;
mod braced;
mod bracket;
mod builtin;
mod call;
mod condition;
mod expand;
mod lex;
mod nested;
mod parse;
pub(crate) mod pattern;
mod run;
mod scope;
mod stream;
mod syntax;
mod trap;

use crate::node::{Commands, Node};

pub use bound::{Finished, Limits, NotRun};

/// Runs `script` as `/bin/sh` with it on standard input does.
pub fn run(
    script: &str,
    node: &dyn Node,
    commands: &dyn Commands,
    limits: Limits,
) -> Result<Finished, NotRun> {
    run::script(script, node, commands, limits)
}

pub(crate) use call::Io;
pub(crate) use run::Stop;

#[cfg(test)]
mod tests;
