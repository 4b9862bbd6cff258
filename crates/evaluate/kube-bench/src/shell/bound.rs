//! What a script leaves, and how much it may do.

use std::fmt;

use super::run::{Shell, Step, Stop};

/// What a script leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finished {
    /// Standard output and standard error, as they came.
    pub output: Vec<u8>,
    /// The exit status.
    pub status: u8,
}

/// Why a script was not run to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRun(pub String);

impl fmt::Display for NotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How much one script may do.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Steps: commands, and bytes gone through.
    pub steps: u64,
    /// Bytes held at once.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 200_000_000, bytes: 64 << 20 }
    }
}

/// The longest script that is read.
pub(super) const LONGEST: usize = 64 << 10;

/// How deep subshells, functions and scripts may nest.
const MOST_DEPTH: u32 = 32;

impl Shell<'_> {
    /// Takes `amount` from what may still be done.
    pub(crate) fn spend(&mut self, amount: usize) -> Result<(), Stop> {
        let amount = u64::try_from(amount).unwrap_or(u64::MAX);
        match self.limits.steps.checked_sub(amount) {
            Some(left) => {
                self.limits.steps = left;
                Ok(())
            }
            None => Err(Stop::NotRun("it does more steps than are allowed".to_owned())),
        }
    }

    pub(super) fn hold(&mut self, bytes: usize) -> Result<(), Stop> {
        self.held += bytes;
        if self.held > self.limits.bytes {
            return Err(Stop::NotRun("it prints more than is allowed".to_owned()));
        }
        Ok(())
    }

    pub(super) fn deeper(&mut self, run: impl FnOnce(&mut Self) -> Step) -> Step {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            let bound = format!("it nests deeper than {MOST_DEPTH} shells");
            return Err(Stop::NotRun(bound));
        }
        let done = run(self);
        self.depth -= 1;
        done
    }
}
