//! The real kubectl against a real API server, and the real jq: their answers and ours.
#![expect(
    clippy::print_stdout,
    reason = "a test without libtest's harness is not seen as a test by clippy"
)]

mod audits;
mod calls;
mod programs;

use std::process::ExitCode;

use kuberlock_conformance::{Shared, small};
use kuberlock_testbed::Binaries;
use libtest_mimic::{Arguments, Trial};

static SHARED: Shared = Shared::new(small);

fn main() -> ExitCode {
    let binaries = Binaries::locate();
    let jq = Trial::test("jq_programs_give_what_jq_gives", programs::run);
    let ignored = programs::missing().inspect(|reason| println!("jq: {reason}")).is_some();
    let mut trials = vec![
        jq.with_ignored_flag(ignored),
        SHARED.trial("kubectl_gets_what_the_real_one_gets", &binaries, calls::run),
    ];
    if ignored || audits::corpora().is_none() {
        println!("the audits of kube-bench's files are not run: they need jq 1.6 and the corpora");
    } else {
        trials.push(SHARED.trial("audits_print_what_they_print", &binaries, audits::run));
    }
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    SHARED.end();
    conclusion.exit_code()
}
