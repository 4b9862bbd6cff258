//! Runs the workspace's tests and closes with the sum of the runners' own counts.

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::{root, say};

/// What the runners counted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
}

/// Runs `cargo test` over the workspace, `rest` being handed on.
pub(crate) fn run(rest: &[&str]) -> Result<ExitCode> {
    // Property tests draw the same cases each time; `make prove` and bare `cargo test` draw others.
    let seed = std::env::var("PROPTEST_RNG_SEED").unwrap_or_else(|_| "1".to_owned());
    let mut child = Command::new("cargo")
        .env("PROPTEST_RNG_SEED", seed)
        .args(["test", "--workspace", "--locked", "--no-fail-fast"])
        .args(rest)
        .current_dir(root())
        .stdout(Stdio::piped())
        .spawn()
        .context("cargo cannot be started")?;
    let mut counts = Counts::default();
    let out = child.stdout.take().context("no output of cargo")?;
    for line in BufReader::new(out).lines() {
        let line = line?;
        counts.add(&line);
        say(&line);
    }
    let passed = child.wait()?.success();
    say(&format!("{} passed, {} failed, {} skipped", counts.passed, counts.failed, counts.skipped));
    Ok(if passed && counts.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Counts {
    /// Adds a line such as `test result: ok. 5 passed; 0 failed; 1 ignored; …`.
    fn add(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else { return };
        for part in result.split([';', '.']) {
            let mut words = part.split_whitespace();
            let (Some(number), Some(what)) = (words.next(), words.next()) else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.skipped += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_the_runners_own() {
        let mut counts = Counts::default();
        counts.add("test result: ok. 12 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out");
        counts.add("test result: FAILED. 1 passed; 3 failed; 0 ignored; 0 measured");
        counts.add("running 5 tests");
        assert_eq!(counts, Counts { passed: 13, failed: 3, skipped: 2 });
    }
}
