//! kube-bench's files: audits that call kubectl, and defects.

#![expect(clippy::unwrap_used, reason = "a test fails hard")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn kuberlock(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kuberlock"))
        .args(args)
        .current_dir(folder)
        .env_remove("KUBECONFIG")
        .env("HOME", "/nonexistent")
        .output()
        .unwrap()
}

const CONFIG: &str = "policies: {components: []}\ntarget_mapping: {own: [policies]}\n";

const POLICIES: &str = "controls:
version: own
id: 5
text: Policies
type: policies
groups:
- id: 5.1
  text: Roles
  checks:
  - id: 5.1.1
    text: nobody reads secrets
    audit: |
      kubectl get roles -A -o json | jq -r '.items[] | select(any(.rules[]?.resources[]?; . == \"secrets\")) | \"FOUND_\" + .metadata.name'
      echo done
    tests:
      test_items: [{flag: FOUND_, set: false}]
    remediation: r
    scored: true
  - id: 5.1.2
    text: a field that is not held
    audit: kubectl get pods -A -o jsonpath={..dnsPolicy}
    tests:
      test_items: [{flag: Default, set: false}]
    remediation: r
    scored: true
";

const ROLE: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n\
    metadata: {name: reader, namespace: shop}\n\
    rules: [{apiGroups: [''], resources: [secrets], verbs: [get]}]\n";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("cfg/own");
    fs::create_dir_all(&own).unwrap();
    fs::create_dir(folder.path().join("node")).unwrap();
    fs::write(folder.path().join("cfg/config.yaml"), CONFIG).unwrap();
    fs::write(own.join("policies.yaml"), POLICIES).unwrap();
    fs::write(folder.path().join("roles.yaml"), ROLE).unwrap();
    folder
}

const SCAN: [&str; 9] =
    ["scan", "node", "--root", "node", "--kube-bench-cfg", "cfg", "--benchmark", "own", "-otable"];

#[test]
fn kubectl_is_answered_from_the_sources_beside_the_node() {
    let folder = folder();
    let out = kuberlock(folder.path(), &[&SCAN[..], &["-f", "roles.yaml"]].concat());
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(text.contains("FAIL     5.1.1"), "{text}{}", String::from_utf8_lossy(&out.stderr));
    assert!(text.contains("NOT RUN  5.1.2"), "{text}");
    assert_eq!(out.status.code(), Some(1));
    fs::write(folder.path().join("roles.yaml"), ROLE.replace("secrets", "pods")).unwrap();
    let out = kuberlock(folder.path(), &[&SCAN[..], &["-f", "roles.yaml"]].concat());
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(text.contains("PASS     5.1.1"), "{text}");
    assert_eq!(out.status.code(), Some(0));
}

#[test]
fn defects_have_lines_and_decide_the_exit_code() {
    let folder = folder();
    let out = kuberlock(folder.path(), &["checks", "lint", "cfg"]);
    assert_eq!((out.status.code(), out.stdout.len()), (Some(0), 0), "{out:?}");
    let wrong = POLICIES.replace("{flag: FOUND_, set: false}", "{flag: F, compare: {op: eqq}}");
    fs::write(folder.path().join("cfg/own/policies.yaml"), wrong).unwrap();
    let out = kuberlock(folder.path(), &["checks", "lint", "cfg"]);
    let text = String::from_utf8(out.stdout).unwrap();
    assert!(
        text.starts_with("cfg/own/policies.yaml:15:5: high kube-bench-never-passes: ")
            && text
                .contains("cfg/own/policies.yaml:16:40: high kube-bench-unknown-operator: `eqq`"),
        "{text}"
    );
    assert_eq!(out.status.code(), Some(1));
    assert_eq!(
        kuberlock(folder.path(), &["checks", "lint", "cfg", "--fail-on", "none"]).status.code(),
        Some(0)
    );
    let out = kuberlock(folder.path(), &["checks", "lint", "cfg/own/policies.yaml", "-ojson"]);
    let json = String::from_utf8(out.stdout).unwrap();
    assert!(json.contains("\"type\": \"entry\"") || json.contains("\"type\":\"entry\""), "{json}");
    assert_eq!(kuberlock(folder.path(), &["checks", "lint", "none"]).status.code(), Some(2));
}
