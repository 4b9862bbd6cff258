//! The pods that the Go module `k8s.io/pod-security-admission` is tested with: each gets the verdict
//! that its folder says, from the text of its file on.
//!
//! The module is read in place, from Go's own cache; where Go or the module is missing the test is
//! ignored, with the reason.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use kuberlock_admission::{Level, Pod, Standard, Version, evaluate};
use kuberlock_conformance::Outcome;
use kuberlock_model::Cluster;
use kuberlock_source::convert::Converter;
use kuberlock_source::manifest;
use libtest_mimic::{Arguments, Trial};
use serde_json::Value;

const MODULE: &str = "k8s.io/pod-security-admission@v0.37.2";
const FIXTURES: usize = 4_537;

fn main() -> ExitCode {
    let name = "every_pod_fixture_gets_its_verdict";
    let trial = match module() {
        Ok(folder) => Trial::test(name, move || fixtures(&folder.join("test/testdata"))),
        Err(why) => Trial::test(format!("{name} ({why})"), || Ok(())).with_ignored_flag(true),
    };
    libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit_code()
}

/// Where Go keeps the module, fetched if need be.
fn module() -> Result<PathBuf, String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let output = Command::new("go")
        .args(["mod", "download", "-json", MODULE])
        .current_dir(folder.path())
        .output()
        .map_err(|e| format!("go cannot be started: {e}"))?;
    let answer: Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| format!("{MODULE} cannot be fetched"))?;
    let folder = answer["Dir"].as_str().ok_or_else(|| format!("{MODULE} cannot be fetched"))?;
    Ok(folder.into())
}

fn fixtures(folder: &Path) -> Outcome {
    let (mut seen, mut wrong) = (0, Vec::new());
    for level in [Level::Baseline, Level::Restricted] {
        for entry in std::fs::read_dir(folder.join(level.word()))? {
            let entry = entry?;
            let version: Version = entry.file_name().to_string_lossy().parse()?;
            for (verdict, is_admitted) in [("pass", true), ("fail", false)] {
                let standard = Standard { level, version };
                let files = entry.path().join(verdict);
                seen += judge(&files, standard, is_admitted, &mut wrong)?;
            }
        }
    }
    if seen != FIXTURES {
        return Err(format!("{seen} fixtures, not {FIXTURES}").into());
    }
    if !wrong.is_empty() {
        return Err(format!("{} of {seen} are wrong:\n{}", wrong.len(), wrong.join("\n")).into());
    }
    Ok(())
}

/// Judges every file of a folder and returns how many there are.
fn judge(
    folder: &Path,
    standard: Standard,
    is_admitted: bool,
    wrong: &mut Vec<String>,
) -> Result<usize, libtest_mimic::Failed> {
    let mut count = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let mut cluster = Cluster::default();
        let mut converter = Converter::default();
        manifest::read(std::slice::from_ref(&path), &mut |records| {
            converter.push(records, &mut |change| cluster.apply(change));
        })?;
        converter.finish(&mut |change| cluster.apply(change));
        let sources = cluster.pod_sources();
        let [source] = sources.as_slice() else {
            return Err(format!("{} holds {} pods", path.display(), sources.len()).into());
        };
        let pod =
            Pod { spec: source.spec, annotations: source.pod_annotations, path: &source.path };
        let violations = evaluate(standard, &pod);
        if violations.is_empty() != is_admitted {
            wrong.push(format!("{} {standard}: {violations:?}", path.display()));
        }
        count += 1;
    }
    Ok(count)
}
