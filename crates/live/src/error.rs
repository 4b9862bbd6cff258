//! Why nothing could be read at all.

use std::io;

/// An error whose text holds no credential.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// A server that cannot be read. What one kind or node refuses is coverage, not an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The kubeconfig, or the account of the pod, cannot be used: wrong use.
    #[error("cannot use {what}: {reason}")]
    Kubeconfig {
        /// What was tried, in backticks where the user named it.
        what: String,
        /// Why, in half a sentence; never text of the file, which may be a credential.
        reason: String,
    },
    /// No credentials could be had: a plugin failed, a token file is gone.
    #[error("no credentials for `{server}`: {reason}")]
    Credentials {
        /// The server.
        server: String,
        /// Why, in half a sentence; never what the plugin printed.
        reason: String,
    },
    /// No answer.
    #[error("`{server}` cannot be reached")]
    Unreachable {
        /// The server.
        server: String,
        /// What stopped it.
        #[source]
        source: Cause,
    },
    /// The server knows these credentials not, or no longer, or they may read nothing.
    #[error("`{server}` grants nothing to these credentials: {reason}")]
    Unauthorised {
        /// The server.
        server: String,
        /// What the server says.
        reason: String,
    },
    /// Something answers that is no API server.
    #[error("`{server}` answers, but not as a Kubernetes API server")]
    NotAnApiServer {
        /// The server.
        server: String,
    },
    /// No runtime for the connection.
    #[error("cannot prepare a connection")]
    Runtime(#[source] io::Error),
}
