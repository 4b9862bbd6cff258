//! What ends a command before it has done its work, and the exit code for it.

use std::io;
use std::path::PathBuf;

use miette::Diagnostic;

use crate::exit::Exit;

/// The reason a command ended early.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub(crate) enum Error {
    /// A source cannot be used.
    #[error(transparent)]
    Source(#[from] kuberlock_source::Error),
    /// The API server.
    #[cfg(feature = "live")]
    #[error(transparent)]
    Live(#[from] kuberlock_live::Error),
    /// A file of kube-bench.
    #[error(transparent)]
    KubeBench(#[from] kuberlock_kube_bench::Error),
    /// A file of the user's configuration.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Rendering failed.
    #[error(transparent)]
    Report(#[from] kuberlock_report::Error),
    /// A name the user gave is none that we know.
    #[error("there is no {what} `{name}`")]
    #[diagnostic(help("{help}"))]
    NoSuch {
        /// What kind of thing.
        what: &'static str,
        /// The name given.
        name: String,
        /// Where to find the names there are.
        help: String,
    },
    /// Flags that do not go together, or lack something.
    #[error("{message}")]
    #[diagnostic(help("{help}"))]
    Usage {
        /// What is wrong.
        message: String,
        /// What would be right.
        help: String,
    },
    /// Standard output, or a file that should be written.
    #[error("cannot write {}", .path.as_ref().map_or_else(
        || "to standard output".to_owned(), |path| format!("`{}`", path.display())))]
    Write {
        /// The file; none is standard output.
        path: Option<PathBuf>,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl Error {
    /// The exit code for it.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            #[cfg(feature = "live")]
            Self::Live(kuberlock_live::Error::Kubeconfig { .. }) => Exit::Usage,
            #[cfg(feature = "live")]
            Self::Live(_) => Exit::Unreachable,
            _ => Exit::Usage,
        }
    }

    /// Whether it only says that nobody reads on.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(self);
        while let Some(error) = cause {
            if error
                .downcast_ref::<io::Error>()
                .is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
            {
                return true;
            }
            cause = error.source();
        }
        false
    }
}

impl From<io::Error> for Error {
    fn from(source: io::Error) -> Self {
        Self::Write { path: None, source }
    }
}
