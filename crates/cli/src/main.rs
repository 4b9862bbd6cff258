//! The one binary: flags → calls → exit code.
//!
//! Enters: the command line. Leaves: data on standard output, everything else on standard error,
//! and an exit code that means the same for every command ([`exit::Exit`]). Always holds: no
//! decision about a cluster is made here.

mod acceptance;
mod access;
mod checks;
mod collect;
mod command;
mod configuration;
mod documents;
mod error;
mod exit;
mod explain;
mod kube_bench;
mod namespace;
mod netpol;
mod output;
mod release;
mod scan;
mod scope;
mod sources;

use std::process::ExitCode;

use crate::command::{Cli, Command};
use crate::error::Error;
use crate::exit::Exit;

/// A scan makes and drops millions of small texts on all cores: the system's allocator takes a third
/// longer for it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A bug of ours must not look like a finding (1) or like Rust's own 101.
    match std::panic::catch_unwind(run) {
        Ok(exit) => exit.into(),
        Err(_) => Exit::Bug.into(),
    }
}

fn run() -> Exit {
    let cli = match command::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(refusal) => return output::refusal(&refusal),
    };
    match dispatch(cli) {
        Ok(exit) => exit,
        // Whoever reads our output has enough: `kuberlock scan | head`.
        Err(error) if error.is_broken_pipe() => Exit::Fine,
        Err(error) => {
            let exit = error.exit();
            output::complain(error);
            exit
        }
    }
}

fn dispatch(mut cli: Cli) -> Result<Exit, Error> {
    configuration::complete(&mut cli)?;
    match cli.command {
        Command::Scan(args) => scan::run(&args, &cli.common),
        Command::Collect(args) => collect::run(&args, &cli.common),
        Command::Explain(args) => explain::run(&args, &cli.common),
        Command::Checks(args) => checks::run(&args, &cli.common),
        Command::Netpol(args) => netpol::run(&args, &cli.common),
        Command::K8s(args) => release::run(&args, &cli.common),
        Command::Access(args) => access::run(&args),
        Command::Namespace(args) => namespace::run(&args, &cli.common),
        Command::Completions { shell } => documents::completions(shell),
        Command::ManPages { folder } => documents::man_pages(&folder),
    }
}
