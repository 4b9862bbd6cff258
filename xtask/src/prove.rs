//! The long way round, in pieces that can be taken up again: a piece that was proven for the tree
//! as it is now is not run again.

use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::{root, say, target};

/// A piece: its name and its command, run in the workspace's root.
const PIECES: [(&str, &[&str]); 8] = [
    (
        "access: 10,000 reviews",
        &["cargo", "test", "--locked", "-p", "kuberlock-conformance", "--test", "access"],
    ),
    ("conformance, in full", &["cargo", "test", "--locked", "-p", "kuberlock-conformance"]),
    ("kube-bench's files in a fiftieth of its time", &["bash", "-c", TIMED]),
    ("benchmarks", &["make", "bench"]),
    (
        "a big cluster",
        &[
            "cargo",
            "run",
            "--quiet",
            "--release",
            "--locked",
            "-p",
            "xtask",
            "--",
            "prove",
            "scale",
        ],
    ),
    (
        "networks: 100,000 clusters against the reference",
        &[
            "cargo",
            "test",
            "--release",
            "--locked",
            "-p",
            "kuberlock-network",
            "--test",
            "differential",
        ],
    ),
    (
        "big networks",
        &[
            "cargo",
            "run",
            "--quiet",
            "--release",
            "--locked",
            "-p",
            "xtask",
            "--",
            "prove",
            "network",
        ],
    ),
    ("loaders, 60 s each", &["fuzz/run.sh", "60"]),
];

/// kube-bench itself and ours in turn on one node: the trial asserts the ratio, the processes
/// started and the memory.
const TIMED: &str = "testbed/kube-bench/build.sh >/dev/null && exec cargo test --locked \
    -p kuberlock-conformance --test kube_bench -- fifty_times";

/// Runs every piece that was not yet proven for this tree.
pub(crate) fn run() -> Result<ExitCode> {
    let folder = target().join("proven");
    fs::create_dir_all(&folder)?;
    let tree = tree()?;
    let mut failed = Vec::new();
    for (at, (name, command)) in PIECES.iter().enumerate() {
        let mark = folder.join(format!("{at}"));
        if fs::read_to_string(&mark).is_ok_and(|held| held == tree) {
            say(&format!("proven already: {name}"));
            continue;
        }
        say(&format!("proving: {name}"));
        let (program, args) = command.split_first().context("a piece without a command")?;
        let status = Command::new(program)
            .args(args)
            .env("KUBERLOCK_PROVE", "1")
            .env("KUBERLOCK", target().join("release/kuberlock"))
            .current_dir(root())
            .status()
            .with_context(|| format!("{program} cannot be started"))?;
        if status.success() {
            fs::write(&mark, &tree)?;
        } else {
            failed.push(*name);
        }
    }
    let proven = PIECES.len() - failed.len();
    for name in &failed {
        say(&format!("not proven: {name}"));
    }
    say(&format!("{proven} passed, {} failed", failed.len()));
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The tree as it is: its commit, and what differs from it.
fn tree() -> Result<String> {
    let git = |args: &[&str]| -> Result<String> {
        let output = Command::new("git").args(args).current_dir(root()).output()?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    Ok(format!("{}{}", git(&["rev-parse", "HEAD"])?, git(&["diff", "HEAD"])?))
}
