//! Both tools on one node, timed in turn: the same verdicts in a fiftieth of the time, without
//! starting a process, in less than 30 MiB.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use kuberlock_conformance::Outcome;

use crate::nodes::Run;
use crate::{TARGETS, compare};

const PAIRS: u32 = 15;
const TIMES: f64 = 50.0;
const MOST_KIB: u64 = 30 << 10;

/// Times both with cis-1.12 on a node of kubeadm, and judges.
pub(crate) fn timed(cfg: &Path) -> Outcome {
    let out = tempfile::tempdir()?;
    Run { node: "kubeadm", cfg, out: out.path(), targets: TARGETS, pairs: Some(PAIRS) }
        .both(&["cis-1.12"])?;
    let verdicts = compare::equal(out.path(), "cis-1.12")?;
    let mut ratios = Vec::new();
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for line in fs::read_to_string(out.path().join("pairs"))?.lines() {
        let times: Vec<f64> =
            line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [of_theirs, of_ours @ ..] = times.as_slice() else { return Err("no times".into()) };
        let mean = of_ours.iter().sum::<f64>() / of_ours.len() as f64;
        ratios.push(of_theirs / mean);
        theirs.push(*of_theirs);
        ours.push(mean);
    }
    let middle = |list: &mut Vec<f64>| {
        list.sort_by(f64::total_cmp);
        list.get(list.len() / 2).copied().unwrap_or_default()
    };
    let (ratio, theirs, ours) = (middle(&mut ratios), middle(&mut theirs), middle(&mut ours));
    let started = fs::read_to_string(out.path().join("started"))?;
    let starts = started.lines().filter(|line| is_a_start(line)).count();
    let held: u64 = fs::read_to_string(out.path().join("held"))?.trim().parse()?;
    let said = format!(
        "{verdicts} verdicts: {:.0} ms against {:.1} ms, {ratio:.0} times in the middle of {PAIRS} \
         pairs; {} processes started, {:.1} MiB",
        theirs / 1000.0,
        ours / 1000.0,
        starts.saturating_sub(1),
        held as f64 / 1024.0
    );
    writeln!(std::io::stderr(), "{said}")?;
    // The first start is our own.
    match ratio >= TIMES && starts == 1 && held < MOST_KIB && verdicts == 97 {
        true => Ok(()),
        false => Err(said.into()),
    }
}

/// Whether a line of strace tells of a new program or process; a thread is none.
fn is_a_start(line: &str) -> bool {
    let call = line.split_once(' ').map_or(line, |(_, call)| call.trim_start());
    let program = call.starts_with("exec");
    let process = ["fork(", "vfork(", "clone(", "clone3("].iter().any(|of| call.starts_with(of));
    program || (process && !call.contains("CLONE_THREAD"))
}
