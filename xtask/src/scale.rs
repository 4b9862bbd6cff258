//! What a big cluster costs: 5,000 nodes and 150,000 pods from a snapshot, and section 5 of the
//! benchmark over 1,000 pods and 200 roles.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use kuberlock_testbed::generate::{self, Size};

use crate::bench::{measure, size_of, text};
use crate::{say, target};

const BIG: Size = Size { pods: 150_000, nodes: 5_000, seed: 1 };
const BIG_WALL: Duration = Duration::from_secs(60);
const BIG_PEAK: u64 = 3 << 29;

/// What section 5 of the benchmark is asked of.
const ORDINARY: Size = Size { pods: 1_000, nodes: 20, seed: 1 };
const ORDINARY_WALL: Duration = Duration::from_secs(1);

/// Measures, says and judges.
pub(crate) fn run() -> Result<()> {
    let kuberlock = target().join("release/kuberlock");
    section_five(&kuberlock)?;
    big(&kuberlock)
}

/// Section 5 over pods and roles as many as an ordinary cluster has.
fn section_five(kuberlock: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let snapshot = folder.path().join("snapshot");
    generate::snapshot(ORDINARY, &snapshot)?;
    let roles = ["roles", "clusterroles"].iter().try_fold(0, |sum, kind| -> Result<usize> {
        let file = snapshot.join(format!("objects/{kind}.rbac.authorization.k8s.io.jsonl"));
        Ok(sum + fs::read_to_string(file)?.lines().count())
    })?;
    let tailoring = folder.path().join("section-five.yaml");
    let text_of = "include: { items: [\"5\"] }\n";
    fs::write(&tailoring, text_of)?;
    let output = format!("json={}", text(&folder.path().join("scan.json"))?);
    let words = ["scan", "--snapshot", text(&snapshot)?, "--tailoring", text(&tailoring)?];
    let words = [&words[..], &["--quiet", "--fail-on", "none", "-o", &output]].concat();
    let run = measure(kuberlock, &words)?;
    say(&format!(
        "section 5 over {} pods and {roles} roles: {:.0} ms (at most {}), peak {} MiB",
        ORDINARY.pods,
        run.wall.as_secs_f64() * 1000.0,
        ORDINARY_WALL.as_millis(),
        run.peak_kib / 1024
    ));
    if run.wall > ORDINARY_WALL || roles < 200 {
        bail!("section 5 took longer than it may, or was asked of too little");
    }
    Ok(())
}

/// The scan of the big snapshot, on two processors.
fn big(kuberlock: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let snapshot = folder.path().join("snapshot");
    generate::snapshot(BIG, &snapshot)?;
    let size = size_of(&snapshot)?;
    let output = format!("json={}", text(&folder.path().join("scan.json"))?);
    let words = ["-c", "0,1", text(kuberlock)?, "scan", "--snapshot", text(&snapshot)?];
    let words = [&words[..], &["--fail-on", "none", "-o", &output]].concat();
    let run = measure(Path::new("taskset"), &words)?;
    say(&format!(
        "{} nodes and {} pods from a snapshot of {} MB, on two processors: {:.1} s (at most {}), peak {} MiB (at most {})",
        BIG.nodes,
        BIG.pods,
        size / 1_000_000,
        run.wall.as_secs_f64(),
        BIG_WALL.as_secs(),
        run.peak_kib / 1024,
        BIG_PEAK >> 20
    ));
    if run.wall > BIG_WALL || run.peak_kib * 1024 > BIG_PEAK {
        bail!("the big snapshot took more than it may");
    }
    Ok(())
}
