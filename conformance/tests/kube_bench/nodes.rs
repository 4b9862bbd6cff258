//! Runs both tools on a node that is made for them.

use std::path::{Path, PathBuf};
use std::process::Command;

use kuberlock_conformance::Outcome;
use libtest_mimic::Failed;

const SCRIPT: &str = include_str!("node.sh");
const PLATFORMS: &str = include_str!("platforms.sh");

/// A node, the files, and where the results go.
pub(crate) struct Run<'r> {
    pub(crate) node: &'r str,
    pub(crate) cfg: &'r Path,
    pub(crate) out: &'r Path,
    /// With commas; nothing is all.
    pub(crate) targets: &'r str,
    /// How often both are timed, one after the other.
    pub(crate) pairs: Option<u32>,
}

/// Where `testbed/kube-bench/build.sh` puts kube-bench.
pub(crate) fn kube_bench() -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testbed/kube-bench/build.sh");
    let printed = Command::new(script).arg("--print").output();
    let printed = printed.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    PathBuf::from(printed.unwrap_or_default())
}

/// The binary under test: built beside this test, or named by `KUBERLOCK`.
fn kuberlock() -> Result<PathBuf, Failed> {
    if let Some(named) = std::env::var_os("KUBERLOCK") {
        return Ok(named.into());
    }
    let own = std::env::current_exe()?;
    let built = own.parent().and_then(Path::parent).map(|folder| folder.join("kuberlock"));
    built.filter(|path| path.exists()).ok_or_else(|| "`kuberlock` is not built".into())
}

impl Run<'_> {
    /// Runs both with each benchmark, which may be given as `NAME=TARGET,…`.
    pub(crate) fn both(&self, benchmarks: &[impl AsRef<str>]) -> Outcome {
        let cfg = self.cfg.canonicalize()?;
        // A file: as an argument of bash its text would stand in what `ps` shows.
        let script = self.out.join("node.sh");
        std::fs::write(&script, SCRIPT)?;
        std::fs::write(self.out.join("platforms.sh"), PLATFORMS)?;
        let output = Command::new("unshare")
            .args(["-m", "-p", "--fork", "--kill-child", "--mount-proc", "bash"])
            .arg(script)
            .args([self.node, env!("CARGO_BIN_EXE_idle")])
            .args([kube_bench(), kuberlock()?, cfg, self.out.to_owned()])
            .arg(self.targets)
            .args(benchmarks.iter().map(AsRef::as_ref))
            .envs(self.pairs.map(|pairs| ("KUBERLOCK_PAIRS", pairs.to_string())))
            .output()?;
        match output.status.success() {
            true => Ok(()),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned().into()),
        }
    }
}
