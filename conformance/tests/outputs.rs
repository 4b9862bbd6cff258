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
        Trial::test("kube_benchs_verdicts_beside_ours", case(beside)),
        Trial::test("namespaces_and_what_secures_one", case(namespaces)),
        Trial::test("who_can_talk_to_whom", case(networks)),
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

/// What kube-bench wrote on a node beside what we make of it: a file that is too open fails for both,
/// and one that is not there for kube-bench alone.
fn beside(validators: &Path) -> Outcome {
    let folder = tempfile::tempdir()?;
    let node = folder.path().join("node");
    std::fs::create_dir_all(node.join("etc/kubernetes"))?;
    let admin = node.join("etc/kubernetes/admin.conf");
    std::fs::write(&admin, "apiVersion: v1\nkind: Config\n")?;
    std::fs::set_permissions(&admin, std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    let result = |item: &str| {
        serde_json::json!({
            "test_number": item, "test_desc": "a file", "status": "FAIL", "scored": true,
            "actual_value": "", "expected_result": "'permissions' is present",
        })
    };
    let results = [result("1.1.13"), result("1.1.15")];
    let controls = serde_json::json!({ "version": "cis-1.12", "tests": [{ "results": results }] });
    let written = folder.path().join("kube-bench.json");
    std::fs::write(&written, serde_json::json!({ "Controls": [controls] }).to_string())?;
    let path = |path: &Path| path.display().to_string();
    let (root, file, out) = (path(&node), path(&written), path(&folder.path().join("out.json")));
    let output = format!("json={out}");
    kuberlock(&["scan", "node", "--root", &root, "--compare-kube-bench", &file, "-o", &output])?;
    let compared: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&out)?)?;
    let items = compared.get("items").and_then(serde_json::Value::as_array).ok_or("no items")?;
    for (item, relation) in [("1.1.13", "agree"), ("1.1.15", "differ")] {
        let found = items
            .iter()
            .find(|of| of.get("item").is_some_and(|of| of == item))
            .ok_or("an item is missing")?;
        let why = found.get("why").and_then(serde_json::Value::as_array);
        let explained = why.is_some_and(|why| !why.is_empty());
        let held = found.get("relation").is_some_and(|of| of == relation);
        if !held || explained != (relation == "differ") {
            return Err(format!("{item}: {found:#}").into());
        }
    }
    validate(validators, &[format!("comparison={out}")])
}

/// How namespaces stand, in every format, and the manifests proposed for one.
fn namespaces(validators: &Path) -> Outcome {
    let folder = tempfile::tempdir()?;
    let file = |name: &str| folder.path().join(name).display().to_string();
    let own = file("check.json");
    let others = FORMATS.into_iter().filter(|format| *format != "json");
    let others: Vec<String> = others.map(|format| format!("{format}={}", file(format))).collect();
    let sources = ["-f", "testbed/example/workloads", "--fail-on", "none", "--quiet"];
    let mut words = [&["namespace", "check"][..], &sources].concat();
    let json = format!("json={own}");
    words.extend(["-o", &json]);
    others.iter().for_each(|output| words.extend(["-o", output]));
    kuberlock(&words)?;
    let check: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&own)?)?;
    let first = check.pointer("/namespaces/0/name").and_then(serde_json::Value::as_str);
    let name = first.ok_or("no namespace")?.to_owned();
    let sources = ["-f", "testbed/example/workloads", "--quiet", "--accept-breaks", "-o", "json"];
    let secured = kuberlock(&[&["namespace", "secure", &name][..], &sources].concat())?;
    let proposal = file("proposal.json");
    std::fs::write(&proposal, secured.stdout)?;
    let mut files =
        vec![format!("namespace-check={own}"), format!("namespace-proposal={proposal}")];
    files.extend(others);
    validate(validators, &files)
}

/// Every answer about a network that has a schema.
fn networks(validators: &Path) -> Outcome {
    const FILES: &str = "testbed/example/workloads";
    let folder = tempfile::tempdir()?;
    let between = ["shop/web", "payments/gateway"];
    let asked: [(&str, &[&str]); 7] = [
        ("list", &["-f", FILES]),
        ("eval", &[between[0], between[1], "8443", "-f", FILES]),
        ("explain", &[between[0], between[1], "-f", FILES]),
        ("matrix", &["-f", FILES]),
        ("exposure", &["-f", FILES]),
        ("diff", &[FILES, "examples/cluster"]),
        ("compare", &[FILES, "examples/cluster"]),
    ];
    let mut files = Vec::new();
    for (name, words) in asked {
        let file = folder.path().join(name).display().to_string();
        let output = format!("json={file}");
        kuberlock(&[&["netpol", name, "-o", &output][..], words].concat())?;
        files.push(format!("netpol-{name}={file}"));
    }
    validate(validators, &files)
}

/// The examples of the documents: each fits its schema, and the program takes it.
fn documents(validators: &Path) -> Outcome {
    let text = std::fs::read_to_string(root().join("docs/acceptance.md"))?;
    let folder = tempfile::tempdir()?;
    let flags = [("waivers", "--waivers"), ("tailoring", "--tailoring"), ("config", "--config")];
    for (name, flag) in flags {
        let marker = format!("```yaml {name}\n");
        let block = text.split(&marker).nth(1).and_then(|rest| rest.split("```").next());
        let block = block.ok_or_else(|| format!("docs/acceptance.md shows no {name}"))?;
        // The last names those before it.
        let file = folder.path().join(format!("{name}.yaml"));
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
