//! Chores of the house: `cargo xtask test | prove | bench | docs | boundaries | sizes`.

mod bench;
mod boundaries;
mod docs;
mod network;
mod prove;
mod scale;
mod sizes;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use kuberlock_testbed::generate::{self, Size};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&words) {
        Ok(code) => code,
        Err(error) => {
            say(&format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[&str]) -> Result<ExitCode> {
    match words {
        ["test", rest @ ..] => return test::run(rest),
        ["prove"] => return prove::run(),
        ["bench"] => bench::run()?,
        ["docs"] => docs::write()?,
        ["docs", "--check"] => docs::check()?,
        ["boundaries"] => boundaries::check()?,
        ["sizes"] => sizes::print()?,
        ["prove", "scale"] => scale::run()?,
        ["prove", "network"] => network::run()?,
        ["network", "measure", folder] => network::measure(folder.as_ref())?,
        ["generate", pods, nodes, seed, folder] => {
            let (pods, nodes, seed) = (pods.parse()?, nodes.parse()?, seed.parse()?);
            generate::snapshot(Size { pods, nodes, seed }, folder.as_ref())?;
        }
        _ => bail!(
            "test | prove | prove scale | prove network | bench | docs [--check] | boundaries | sizes | \
             generate PODS NODES SEED DIR"
        ),
    }
    Ok(ExitCode::SUCCESS)
}

/// The workspace's root.
fn root() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.parent().map(PathBuf::from).unwrap_or(own)
}

/// Where cargo builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A line for whoever watches.
#[expect(clippy::print_stdout, reason = "printing is what a chore does")]
fn say(line: &str) {
    println!("{line}");
}
