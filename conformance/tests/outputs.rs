//! What kuberlock writes, held against the validators of others: `outputs/validate.py` says which.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use kuberlock_conformance::Outcome;
use libtest_mimic::{Arguments, Failed, Trial};

/// Every format of a scan but the table, which is for people.
const FORMATS: [&str; 10] = [
    "csv",
    "html",
    "json",
    "jsonl",
    "junit",
    "ocsf",
    "openreports",
    "policyreport",
    "prometheus",
    "sarif",
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let Some(validators) = validators() else {
        return libtest_mimic::run(&arguments, Vec::new()).exit_code();
    };
    let validators = std::sync::Arc::new(validators);
    let case = |case: fn(&Path) -> Outcome| {
        let validators = std::sync::Arc::clone(&validators);
        move || case(&validators)
    };
    let trials = vec![
        Trial::test("a_snapshot_in_every_format", case(snapshot)),
        Trial::test("manifests_in_every_format", case(manifests)),
        Trial::test("a_comparison_of_two_scans", case(comparison)),
        Trial::test("what_the_documents_show_is_taken", case(documents)),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Where the validators are; none where they are not wanted, and an error of the test where they are.
fn validators() -> Option<PathBuf> {
    let script = root().join("testbed/validators.sh");
    let output = Command::new(script).arg("--print").output().ok()?;
    let folder = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    let wanted = std::env::var_os("KUBERLOCK_TESTBED").is_some();
    (wanted || folder.join("complete").exists()).then_some(folder)
}

fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}

fn snapshot(validators: &Path) -> Outcome {
    every_format(validators, &["--snapshot", "examples/cluster"])
}

/// As a pipeline runs it: files of the repository, relative to its root.
fn manifests(validators: &Path) -> Outcome {
    every_format(validators, &["-f", "testbed/example/workloads"])
}

fn every_format(validators: &Path, sources: &[&str]) -> Outcome {
    let folder = tempfile::tempdir()?;
    let file = |format: &str| format!("{format}={}", folder.path().join(format).display());
    let files: Vec<String> = FORMATS.into_iter().map(file).collect();
    let mut words = vec!["scan", "--fail-on", "none", "--quiet"];
    words.extend(sources);
    for file in &files {
        words.extend(["-o", file]);
    }
    kuberlock(&words)?;
    validate(validators, &files)
}

fn comparison(validators: &Path) -> Outcome {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (before, after, diff) = (path("before.json"), path("after.json"), path("diff.json"));
    let scan = |sources: &[&str], to: &str| {
        let output = format!("json={to}");
        let words = ["scan", "--fail-on", "none", "--quiet", "-o", &output];
        kuberlock(&[&words[..], sources].concat()).map(drop)
    };
    scan(&["--snapshot", "examples/cluster"], &before)?;
    scan(&["-f", "testbed/example/workloads"], &after)?;
    let output = format!("json={diff}");
    kuberlock(&["scan", "diff", &before, &after, "-o", &output])?;
    validate(validators, &[format!("diff={diff}")])
}

/// The examples of the documents: each fits its schema, and the program takes it.
fn documents(validators: &Path) -> Outcome {
    let text = std::fs::read_to_string(root().join("docs/acceptance.md"))?;
    let folder = tempfile::tempdir()?;
    for (name, flag) in [("waivers", "--waivers"), ("tailoring", "--tailoring")] {
        let marker = format!("```yaml {name}\n");
        let block = text.split(&marker).nth(1).and_then(|rest| rest.split("```").next());
        let block = block.ok_or_else(|| format!("docs/acceptance.md shows no {name}"))?;
        let file = folder.path().join(name);
        std::fs::write(&file, block)?;
        let file = file.display().to_string();
        let sources = ["--snapshot", "examples/cluster", "--fail-on", "none", "--quiet"];
        kuberlock(&[&["scan", flag, &file], &sources[..]].concat())?;
        validate(validators, &[format!("{name}={file}")])?;
    }
    Ok(())
}

fn kuberlock(words: &[&str]) -> Result<Output, Failed> {
    let own = std::env::current_exe()?;
    let built = own.parent().and_then(Path::parent).map(|folder| folder.join("kuberlock"));
    let program = std::env::var_os("KUBERLOCK").map(PathBuf::from).or(built);
    let program = program.ok_or("`kuberlock` is not built")?;
    let output = Command::new(program).args(words).current_dir(root()).output()?;
    match output.status.code() {
        Some(0 | 1) => Ok(output),
        _ => Err(format!("{}: {}", words.join(" "), text(&output.stderr)).into()),
    }
}

fn validate(validators: &Path, files: &[String]) -> Outcome {
    let output = Command::new(validators.join("bin/python"))
        .arg(root().join("conformance/tests/outputs/validate.py"))
        .args([validators, &root().join("docs/schemas"), &root()])
        .args(files)
        .output()?;
    match output.status.success() {
        true => Ok(()),
        false => Err(text(&output.stderr).into()),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
