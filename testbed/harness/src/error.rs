//! What can go wrong with a test cluster.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Why a cluster did not start, or did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read, written or made.
    #[error("cannot {action} `{}`: {source}", path.display())]
    File {
        /// What was tried: a verb.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program could not be started.
    #[error("cannot start `{command}`: {source}")]
    Start {
        /// The command line.
        command: String,
        /// What the system said.
        source: io::Error,
    },
    /// A program ended with another status than success.
    #[error("`{command}` ended with {status}: {output}")]
    Failed {
        /// The command line.
        command: String,
        /// Exit status.
        status: String,
        /// What it wrote on standard error.
        output: String,
    },
    /// Something read was not what it has to be.
    #[error("cannot read `{what}`: {reason}")]
    Unreadable {
        /// File, command or object.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The cluster did not get where it should in the time it had.
    #[error("the cluster is not ready after {seconds} s: {waiting_for}{log}")]
    NotReady {
        /// The time it had.
        seconds: u64,
        /// The first thing that is missing.
        waiting_for: String,
        /// The end of the log of the component that fails, or nothing.
        log: String,
    },
    /// No node of this name was asked for.
    #[error("`{0}` is not a node of this cluster")]
    UnknownNode(String),
    /// The options contradict each other.
    #[error("the options cannot be met: {0}")]
    Options(String),
}

impl Error {
    /// For `map_err` after a file operation.
    pub(crate) fn file<'a>(
        action: &'static str,
        path: &'a Path,
    ) -> impl FnOnce(io::Error) -> Self + 'a {
        move |source| Self::File { action, path: path.to_owned(), source }
    }

    /// For `map_err` after reading something of a given form.
    pub(crate) fn unreadable<E: std::fmt::Display>(
        what: impl Into<String>,
    ) -> impl FnOnce(E) -> Self {
        let what = what.into();
        move |reason| Self::Unreadable { what, reason: reason.to_string() }
    }
}

/// Runs a command to its end; anything but success is an error that holds its standard error.
pub(crate) fn run(command: &mut Command) -> Result<Output, Error> {
    let output =
        command.output().map_err(|source| Error::Start { command: describe(command), source })?;
    checked(command, output)
}

/// Turns an output into an error unless the command succeeded.
pub(crate) fn checked(command: &Command, output: Output) -> Result<Output, Error> {
    if output.status.success() {
        return Ok(output);
    }
    Err(Error::Failed {
        command: describe(command),
        status: output.status.to_string(),
        output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}

/// The command line as a person would type it, without the entering of namespaces.
pub(crate) fn describe(command: &Command) -> String {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    match words.iter().position(|word| word == "--") {
        Some(end) => words.iter().skip(end + 1).cloned().collect::<Vec<_>>().join(" "),
        None => words.join(" "),
    }
}
