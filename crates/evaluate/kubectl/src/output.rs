//! What a command left behind, and why one was not answered.

/// What a command wrote, and its exit status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The exit status; 0 is success.
    pub status: u8,
}

impl Output {
    /// Success with this on standard output.
    pub fn success(stdout: impl Into<String>) -> Self {
        Self { stdout: stdout.into(), ..Self::default() }
    }

    /// Failure with this on standard error.
    pub fn failure(status: u8, stderr: impl Into<String>) -> Self {
        Self { stderr: stderr.into(), status, ..Self::default() }
    }
}

/// Why a command cannot be answered from what is known: the check that ran it was not run.
/// One sentence, lower-case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAnswered(pub String);

pub(crate) fn not_answered<T>(reason: impl Into<String>) -> Result<T, NotAnswered> {
    Err(NotAnswered(reason.into()))
}
