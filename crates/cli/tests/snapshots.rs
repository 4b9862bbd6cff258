//! Snapshots in every form: a folder, an archive, text in a log; and nodes put together.

#![expect(
    clippy::indexing_slicing,
    reason = "what serves the tests panics with what is wrong, as they do"
)]
#![expect(clippy::unwrap_used, reason = "a test fails hard")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn kuberlock(words: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kuberlock"))
        .args(words)
        .current_dir(root())
        .env("HOME", "/nonexistent")
        .env_remove("KUBECONFIG")
        .env("SOURCE_DATE_EPOCH", "1790000000")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

fn written(words: &[&str]) -> Vec<u8> {
    let output = kuberlock(words, b"");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The findings of a scan, with the snapshot's name taken out of where they were read.
fn findings(words: &[&str], input: &[u8], snapshot: &str) -> Vec<Value> {
    let output = kuberlock(&[&["scan", "-o", "json", "--fail-on", "none"], words].concat(), input);
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let scan: Value = serde_json::from_str(&text.replace(snapshot, "SNAPSHOT")).unwrap();
    scan["findings"].as_array().unwrap().clone()
}

/// A name that stands in no scan.
const NO_SNAPSHOT: &str = "no snapshot of this name";

#[test]
fn every_form_gives_equal_findings_down_to_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (archive, text) = (path("s.tar.zst"), path("s.txt"));
    let example = "examples/cluster";
    // Certificates are judged by the time of the collection: it has to be the same one.
    let manifest = fs::read(root().join(example).join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let collected = manifest["collected"].as_str().unwrap();
    let words = ["collect", "--snapshot", example, "--collected", collected, "-o"];
    written(&[&words[..], &[&archive]].concat());
    fs::write(&text, written(&[&words[..], &["-"]].concat())).unwrap();
    let of_folder = findings(&["--snapshot", example], b"", example);
    let lines = |findings: &[Value]| {
        let lines = findings.iter().flat_map(|f| f["evidence"].as_array().into_iter().flatten());
        lines
            .filter(|e| {
                e.to_string().contains("SNAPSHOT!objects/") && e.pointer("/location/line").is_some()
            })
            .count()
    };
    assert!(lines(&of_folder) > 10, "{of_folder:#?}");
    assert_eq!(findings(&["--snapshot", &archive], b"", &archive), of_folder);
    assert_eq!(findings(&["--snapshot", &text], b"", &text), of_folder);
}

/// A node as kubeadm would leave it, as far as two files go.
fn node(folder: &Path, name: &str, mode: u32) -> String {
    let root = folder.join(name);
    fs::create_dir_all(root.join("etc/kubernetes")).unwrap();
    fs::create_dir_all(root.join("var/lib/kubelet")).unwrap();
    let kubelet = root.join("etc/kubernetes/kubelet.conf");
    fs::write(&kubelet, "apiVersion: v1\nkind: Config\n").unwrap();
    fs::set_permissions(&kubelet, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    let config = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nauthentication: { anonymous: { enabled: true } }\n";
    fs::write(root.join("var/lib/kubelet/config.yaml"), config).unwrap();
    format!("{name}={}", root.display())
}

#[test]
fn nodes_that_were_collected_into_one_log_are_one_scan() {
    let folder = tempfile::tempdir().unwrap();
    let roots = [node(folder.path(), "n-1", 0o600), node(folder.path(), "n-2", 0o644)];
    let mut log = b"a line of something else\n".to_vec();
    for root in &roots {
        log.extend(written(&["collect", "--quiet", "--root", root, "-o", "-"]));
    }
    let merged = findings(&["--snapshot", "-"], &log, NO_SNAPSHOT);
    let direct = findings(&["--root", &roots[0], "--root", &roots[1]], b"", NO_SNAPSHOT);
    assert!(direct.len() > 10 && merged == direct, "{merged:#?}");
    // One that was cut is told, and the others count.
    let cut = log.len() - 80;
    let words = ["scan", "--snapshot", "-", "--fail-on", "none", "--require-complete"];
    let output = kuberlock(&words, &log[..cut]);
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("n-1"));
    assert_eq!(kuberlock(&["scan", "--snapshot", "-"], b"no snapshot\n").status.code(), Some(2));
}
