//! The commands as a shell sees them: exit codes, streams, formats.

#![expect(clippy::unwrap_used, reason = "a test fails hard")]

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

fn kuberlock(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kuberlock"))
        .args(args)
        .env_remove("KUBECONFIG")
        .env("HOME", "/nonexistent")
        .output()
        .unwrap()
}

fn code(args: &[&str]) -> i32 {
    kuberlock(args).status.code().unwrap()
}

fn file(text: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("input.yaml");
    fs::write(&path, text).unwrap();
    let path = path.display().to_string();
    (folder, path)
}

const PRIVILEGED: &str = "apiVersion: v1\nkind: Pod\nmetadata: { name: web, namespace: shop }\nspec:\n  serviceAccountName: web\n  containers:\n  - name: web\n    image: web:1\n    securityContext:\n      privileged: true\n";
const GOOD: &str = "apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n";

#[test]
fn findings_decide_the_exit_code() {
    let (_folder, path) = file(PRIVILEGED);
    assert_eq!(code(&["scan", "-f", &path]), 1);
    assert_eq!(code(&["scan", "-f", &path, "--fail-on", "critical"]), 0);
    assert_eq!(code(&["scan", "-f", &path, "--fail-on", "none"]), 0);
    assert_eq!(code(&["scan", "-f", &path, "--check", "admin-conf-owner"]), 0);
    let (_folder, path) = file(GOOD);
    assert_eq!(code(&["scan", "-f", &path, "--fail-on", "low"]), 0);
}

#[test]
fn wrong_use_is_2() {
    let (_folder, path) = file(GOOD);
    for args in [
        &["scan", "--no-such-flag"][..],
        &["scan", "-f", "/nonexistent/file.yaml"],
        &["scan", "-f", &path, "--check", "no-such-check"],
        &["scan", "-f", &path, "--benchmark", "cis-9"],
        &["scan", "-f", &path, "--fail-on", "terrible"],
        &["scan", "-f", &path, "-o", "table", "-o", "json"],
        &["scan", "-f", &path, "-o", "html="],
        &["scan", "--snapshot", &path],
        &["scan", "--kubeconfig", "/nonexistent/config"],
        &["explain", "no-such-check"],
        &["k8s", "show", "1.12"],
        &["k8s", "show", "1.37", "--only", "nothing"],
    ] {
        let output = kuberlock(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty(), "{args:?}");
        assert!(!output.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn incomplete_is_3_only_where_it_was_asked_for() {
    let (_folder, path) = file(&format!("{GOOD}---\napiVersion: v1\nkind: [\n"));
    assert_eq!(code(&["scan", "-f", &path]), 0);
    assert_eq!(code(&["scan", "-f", &path, "--require-complete"]), 3);
}

#[test]
fn a_server_that_is_not_there_is_4() {
    let (_folder, path) = file(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{ name: c, cluster: { server: 'https://127.0.0.1:1' } }]\ncontexts: [{ name: c, context: { cluster: c, user: u } }]\nusers: [{ name: u, user: { token: not-a-real-token } }]\n",
    );
    let output = kuberlock(&["scan", "--kubeconfig", &path]);
    assert_eq!(output.status.code(), Some(4), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("not-a-real-token"));
}

#[test]
fn equal_input_gives_equal_bytes() {
    let (_folder, path) = file(PRIVILEGED);
    for format in ["table", "json", "html"] {
        let run = || kuberlock(&["scan", "-f", &path, "-o", format]).stdout;
        assert_eq!(run(), run(), "{format}");
    }
}

#[test]
fn evidence_names_file_and_line() {
    let (_folder, path) = file(PRIVILEGED);
    let text = String::from_utf8(kuberlock(&["scan", "-f", &path]).stdout).unwrap();
    assert!(text.contains(&format!("{path}:10")), "{text}");
}

#[test]
fn manifests_come_from_standard_input_too() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kuberlock"))
        .args(["scan", "-f", "-", "-o", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(PRIVILEGED.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let scan: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(scan["findings"].as_array().unwrap().iter().any(|f| f["verdict"] == "fail"));
}

#[test]
fn outputs_go_to_files_and_nothing_is_left_half_written() {
    let (folder, path) = file(PRIVILEGED);
    let report = folder.path().join("report.html");
    let target = format!("html={}", report.display());
    let output =
        kuberlock(&["scan", "-f", &path, "-o", "json", "-o", &target, "--fail-on", "none"]);
    assert!(output.status.success());
    serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap();
    assert!(fs::read_to_string(&report).unwrap().starts_with("<!"));
    let left: Vec<PathBuf> =
        fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let (_folder, path) = file(PRIVILEGED);
    let mut child = Command::new(env!("CARGO_BIN_EXE_kuberlock"))
        .args(["scan", "-f", &path, "--all"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(matches!(output.status.code(), Some(0 | 1)));
}

#[test]
fn a_namespace_narrows_the_findings() {
    let (_folder, path) = file(&format!("{PRIVILEGED}---\n{}", PRIVILEGED.replace("shop", "data")));
    let output = kuberlock(&["scan", "-f", &path, "-o", "json", "-n", "data"]);
    let scan: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = scan["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    assert!(findings.iter().all(|f| f["subject"].to_string().contains("data")), "{findings:#?}");
}

#[test]
fn every_check_and_item_is_explained() {
    let list = String::from_utf8(kuberlock(&["checks", "list", "-o", "json"]).stdout).unwrap();
    let checks: Vec<serde_json::Value> = serde_json::from_str(&list).unwrap();
    assert!(checks.len() >= 12);
    for check in checks {
        let id = check["id"].as_str().unwrap();
        let page = String::from_utf8(kuberlock(&["explain", id]).stdout).unwrap();
        for heading in ["What", "Why", "Remedy", "What the remedy may break", "References"] {
            assert!(page.contains(&format!("\n{heading}\n")), "{id} has no {heading}");
        }
    }
    let page = String::from_utf8(kuberlock(&["explain", "1.2.1"]).stdout).unwrap();
    assert!(page.starts_with("api-server-anonymous-auth"), "{page}");
}

#[test]
fn releases_are_shown_and_compared() {
    let show = String::from_utf8(kuberlock(&["k8s", "show", "v1.37.2"]).stdout).unwrap();
    assert!(show.contains("  anonymous-auth: bool = true"), "{show}");
    assert_eq!(code(&["k8s", "diff", "1.37", "1.37"]), 0);
    let diff = kuberlock(&["k8s", "diff", "1.34", "1.37"]);
    assert_eq!(diff.status.code(), Some(1));
    let text = String::from_utf8(diff.stdout).unwrap();
    assert!(text.contains("\n  ~ audit-log-maxage: int = 0 → int = 366"), "{text}");
    let json = kuberlock(&["k8s", "diff", "1.34", "1.37", "-o", "json", "--only", "gates"]);
    let diff: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert!(diff["parts"]["gates"].is_object());
}

#[test]
fn completions_are_printed_for_every_shell() {
    for shell in ["bash", "zsh", "fish"] {
        let output = kuberlock(&["completions", shell]);
        assert!(output.status.success());
        assert!(String::from_utf8(output.stdout).unwrap().contains("kuberlock"));
    }
}
