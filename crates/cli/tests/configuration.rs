//! What is said once for many scans: the file of defaults; and what narrows one: labels.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what serves the tests panics with what is wrong, as they do"
)]
#![expect(clippy::unwrap_used, reason = "a test fails hard")]

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const PODS: &str = "apiVersion: v1\nkind: Pod\nmetadata: { name: web, namespace: shop, labels: { app: web, tier: front } }\nspec:\n  containers:\n  - { name: web, image: 'web:1', securityContext: { privileged: true } }\n---\napiVersion: v1\nkind: Pod\nmetadata: { name: db, namespace: shop, labels: { app: db } }\nspec:\n  containers:\n  - { name: db, image: 'db:1', securityContext: { privileged: true } }\n---\napiVersion: v1\nkind: Node\nmetadata: { name: n-1, labels: { zone: a } }\n";
const WAIVERS: &str = "waivers:\n- check: pod-privileged\n  subject: { name: web }\n  reason: it is old\n  owner: shop@example.com\n  expires: \"9999-12-31\"\n";

fn run(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kuberlock"))
        .args(words)
        .current_dir(folder)
        .env("HOME", "/nonexistent")
        .env_remove("KUBECONFIG")
        .output()
        .unwrap()
}

fn json(folder: &Path, words: &[&str]) -> Vec<Value> {
    let output = run(folder, &[&["scan", "-f", "pods.yaml", "-o", "json"], words].concat());
    let scan: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{words:?}: {}", String::from_utf8_lossy(&output.stderr)));
    scan["findings"].as_array().unwrap().clone()
}

/// A folder with manifests and, in a folder of its own, a file of defaults.
fn folder(configuration: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("pods.yaml"), PODS).unwrap();
    fs::create_dir_all(folder.path().join("ci")).unwrap();
    fs::write(folder.path().join("ci/kuberlock.yaml"), configuration).unwrap();
    fs::write(folder.path().join("ci/waivers.yaml"), WAIVERS).unwrap();
    folder
}

const CONFIG: &[&str] = &["--config", "ci/kuberlock.yaml"];

#[test]
fn the_file_says_what_the_command_line_does_not() {
    let file = "scan:\n  fail-on: none\n  check: [pod-privileged]\n  waivers: [waivers.yaml]\n  output: [json]\n";
    let folder = folder(file);
    let output = run(folder.path(), &[&["scan", "-f", "pods.yaml"], CONFIG].concat());
    assert_eq!(output.status.code(), Some(0));
    let scan: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = scan["findings"].as_array().unwrap();
    let mut verdicts: Vec<_> = findings
        .iter()
        .map(|f| (f["check"].as_str().unwrap(), f["verdict"].as_str().unwrap()))
        .collect();
    verdicts.sort_unstable();
    assert_eq!(verdicts, [("pod-privileged", "accepted"), ("pod-privileged", "fail")]);
}

#[test]
fn the_command_line_counts_over_the_file() {
    let folder = folder("scan:\n  fail-on: none\n  check: [pod-privileged]\n  output: [html]\n");
    let words = ["scan", "-f", "pods.yaml", "--fail-on", "low", "--pack", "workload", "-o", "csv"];
    let output = run(folder.path(), &[&words, CONFIG].concat());
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("<html") && !text.contains("pod-privileged"), "{text}");
    assert!(text.lines().count() > 3, "{text}");
}

#[test]
fn a_file_that_is_wrong_is_refused() {
    for file in [
        "scan: { fail-on: terrible }",
        "scan: { output: [smoke] }",
        "scan: { context: prod }",
        "scan: { check: [a], pack: [workload] }",
        "scan: { waivers: [missing.yaml] }",
        "fail-on: high",
        "scan: [",
    ] {
        let folder = folder(file);
        let output = run(folder.path(), &[&["scan", "-f", "pods.yaml"], CONFIG].concat());
        assert_eq!(output.status.code(), Some(2), "{file}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{file}");
    }
    let folder = folder("");
    let words = ["scan", "-f", "pods.yaml", "--config", "nowhere.yaml"];
    assert_eq!(run(folder.path(), &words).status.code(), Some(2));
}

#[test]
fn labels_narrow_the_findings() {
    let folder = folder("");
    let names = |selector: &str| {
        let found = json(folder.path(), &["-l", selector]);
        let name = |f: &Value| f["subject"]["name"].as_str().map(str::to_owned);
        let mut names: Vec<String> = found.iter().filter_map(name).collect();
        names.sort();
        names.dedup();
        names
    };
    assert_eq!(names("app=web"), ["web"]);
    assert_eq!(names("app in (web, db),!tier"), ["db"]);
    assert_eq!(names("app"), ["db", "web"]);
    assert_eq!(names("app=nothing"), [""; 0]);
    let wrong = run(folder.path(), &["scan", "-f", "pods.yaml", "-l", "a in b"]);
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn as_a_plugin_of_kubectl_it_bears_that_name() {
    for (own, shown) in [
        ("/usr/local/bin/kubectl-kuberlock", "Usage: kubectl kuberlock scan"),
        ("kuberlock", "Usage: kuberlock scan"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kuberlock"));
        let output = command.arg0(own).args(["scan", "--help"]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(shown), "{text}");
    }
}
