//! Measures what the product promises of itself: memory and time of a big snapshot, time of a node.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use kuberlock_testbed::generate::{self, Size};
use kuberlock_testbed::{Binaries, Cluster, Options};

use crate::{say, target};

const PODS: usize = 20_000;
const NODE_RUNS: usize = 30;

/// Prints each figure with what it is held against.
pub(crate) fn run() -> Result<()> {
    let kuberlock = target().join("release/kuberlock");
    let folder = tempfile::tempdir()?;
    let snapshot = folder.path().join("snapshot");
    generate::snapshot(Size { pods: PODS, nodes: 0, seed: 1 }, &snapshot)?;
    let size = size_of(&snapshot)?;
    let mut runs = Vec::new();
    for _ in 0..3 {
        runs.push(measure(
            &kuberlock,
            &["scan", "--snapshot", text(&snapshot)?, "--fail-on", "none", "-o", "json"],
        )?);
    }
    let peak = runs.iter().map(|run| run.peak_kib).max().unwrap_or(0);
    let best = runs.iter().map(|run| run.wall).min().unwrap_or_default();
    say(&format!(
        "{PODS} pods from a snapshot of {} MB: peak {} MB (at most 200), best of 3 {:.2} s",
        size / 1_000_000,
        peak * 1024 / 1_000_000,
        best.as_secs_f64()
    ));
    if peak * 1024 > 200_000_000 {
        bail!("{PODS} pods took more than 200 MB");
    }
    node(&kuberlock)
}

/// A control-plane node as kubeadm lays it out.
fn node(kuberlock: &Path) -> Result<()> {
    let binaries = match Binaries::locate() {
        Ok(binaries) => binaries,
        Err(missing) => {
            say(&format!("a node's scan: not measured, {missing}"));
            return Ok(());
        }
    };
    let options = Options { run_static_pods: false, ..Options::default() };
    let cluster = Cluster::start(&binaries, &options)?;
    let root = cluster.node_root("cp-1")?;
    let mut walls = Vec::new();
    for _ in 0..NODE_RUNS {
        let words = ["scan", "node", "--root", text(&root)?, "--fail-on", "none", "-o", "json"];
        walls.push(measure(kuberlock, &words)?.wall);
    }
    walls.sort();
    let ms = |wall: Option<&Duration>| wall.map_or(0.0, |w| w.as_secs_f64() * 1000.0);
    let (best, median) = (ms(walls.first()), ms(walls.get(NODE_RUNS / 2)));
    say(&format!(
        "a node's scan: best of {NODE_RUNS} {best:.1} ms, median {median:.1} ms (under 20)"
    ));
    if best >= 20.0 {
        bail!("a node's scan took 20 ms or more");
    }
    Ok(())
}

/// How a run went.
pub(crate) struct Run {
    /// How long it took.
    pub(crate) wall: Duration,
    /// The most memory it held.
    pub(crate) peak_kib: u64,
}

/// Runs a command and watches its high-water mark, which the kernel keeps while it lives.
pub(crate) fn measure(program: &Path, args: &[&str]) -> Result<Run> {
    let start = Instant::now();
    let mut child = Command::new(program)
        .args(args)
        .stdout(Stdio::null())
        .spawn()
        .with_context(|| format!("{} cannot be started", program.display()))?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kib = 0;
    loop {
        let now = fs::read_to_string(&status).unwrap_or_default();
        let mark = now.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let mark = mark.and_then(|m| m.split_whitespace().next()?.parse().ok());
        peak_kib = peak_kib.max(mark.unwrap_or(0));
        if let Some(exit) = child.try_wait()? {
            if !exit.success() {
                bail!("{} {} ended with {exit}", program.display(), args.join(" "));
            }
            return Ok(Run { wall: start.elapsed(), peak_kib });
        }
        // A short run is watched closely; a long one is not slowed down by it.
        let patience = start.elapsed() / 200;
        std::thread::sleep(patience.clamp(Duration::from_micros(200), Duration::from_millis(20)));
    }
}

pub(crate) fn text(path: &Path) -> Result<&str> {
    path.to_str().context("a path that is no UTF-8")
}

pub(crate) fn size_of(folder: &Path) -> Result<u64> {
    let mut size = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        size +=
            if entry.path().is_dir() { size_of(&entry.path())? } else { entry.metadata()?.len() };
    }
    Ok(size)
}
