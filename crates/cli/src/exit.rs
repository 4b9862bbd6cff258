//! Exit codes, the same for every command.

use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: nothing at or above the threshold; nothing differs.
    Fine,
    /// 1: findings at or above `--fail-on`, or a diff that differs.
    Findings,
    /// 2: the command line or the configuration is wrong.
    Usage,
    /// 3: something within reach of the chosen sources was not read, and `--require-complete`.
    Incomplete,
    /// 4: the target does not answer, or does not let us in.
    Unreachable,
    /// 5: a bug of ours.
    Bug,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::Findings => 1,
            Exit::Usage => 2,
            Exit::Incomplete => 3,
            Exit::Unreachable => 4,
            Exit::Bug => 5,
        })
    }
}
