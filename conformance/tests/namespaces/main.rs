//! `kuberlock namespace` against a real API server: what `secure` proposes is taken by it, leaves what
//! runs running, and brings the namespace to where `check` passes.

#![expect(
    clippy::indexing_slicing,
    reason = "what serves the tests panics with what is wrong, as they do"
)]

use std::path::{Path, PathBuf};
use std::process::{ExitCode, Output};

use kuberlock_conformance::{Outcome, Shared, small};
use kuberlock_testbed::{Binaries, Cluster};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

static CLUSTER: Shared =
    Shared::new(|| kuberlock_testbed::Options { finish_kubeadm: true, ..small() });

const OBJECTS: &str = include_str!("objects.yaml");

fn main() -> ExitCode {
    let binaries = Binaries::locate();
    let trial =
        |name, case: fn(&Cluster) -> Outcome| -> Trial { CLUSTER.trial(name, &binaries, case) };
    let trials = vec![
        trial("what_is_proposed_is_taken_and_then_passes", ordinary),
        trial("a_sensitive_namespace_is_held_to_more", sensitive),
        trial("what_would_break_is_told_and_ends_with_1", breaking),
    ];
    // In one thread: the cases change the cluster they share.
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    let conclusion = libtest_mimic::run(&arguments, trials);
    CLUSTER.end();
    conclusion.exit_code()
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

fn run(cluster: &Cluster, words: &[&str]) -> Result<Output, Failed> {
    let kubeconfig = cluster.kubeconfig_path().display().to_string();
    let mut command = cluster.command(kuberlock()?);
    Ok(command.arg("namespace").args(words).args(["--kubeconfig", &kubeconfig]).output()?)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What `check` says of one namespace.
fn standing(cluster: &Cluster, name: &str) -> Result<Value, Failed> {
    let words = ["check", "-n", name, "--fail-on", "none", "--quiet", "-o", "json"];
    let output = run(cluster, &words)?;
    let check: Value = serde_json::from_slice(&output.stdout)
        .map_err(|e| format!("{e}: {}", text(&output.stderr)))?;
    check.pointer("/namespaces/0").cloned().ok_or_else(|| format!("no standing of {name}").into())
}

/// Proposes, has the server try the manifests, applies them, and asks again.
fn secured(cluster: &Cluster, name: &str, more: &[&str]) -> Result<(Value, String), Failed> {
    let words = [&["secure", name][..], more].concat();
    let output = run(cluster, &words)?;
    if !output.status.success() {
        return Err(format!("{}: {}", words.join(" "), text(&output.stderr)).into());
    }
    let yaml = text(&output.stdout);
    let file = cluster.root().join(format!("proposal-{name}.yaml"));
    std::fs::write(&file, &yaml)?;
    let file = file.display().to_string();
    cluster.kubectl(&["apply", "--dry-run=server", "-f", &file])?;
    cluster.apply(&yaml)?;
    Ok((standing(cluster, name)?, yaml))
}

fn all_pass(standing: &Value) -> Outcome {
    let is_empty = |field: &str| standing[field].as_array().is_some_and(Vec::is_empty);
    match (is_empty("failing"), is_empty("unknown"), standing.pointer("/score/least")) {
        (true, true, Some(score)) if score == 100 => Ok(()),
        _ => Err(format!("{standing:#}").into()),
    }
}

fn ordinary(cluster: &Cluster) -> Outcome {
    cluster.apply(OBJECTS)?;
    let before = standing(cluster, "shop")?;
    if before["failing"].as_array().is_none_or(|failing| failing.len() < 7) {
        return Err(format!("too little fails before to prove anything: {before:#}").into());
    }
    let (after, _) = secured(cluster, "shop", &[])?;
    all_pass(&after)?;
    // What runs may be made again: Pod Security, quota and limit range admit it.
    cluster.kubectl(&["-n", "shop", "delete", "pod", "--all", "--wait=false"])?;
    let pods = ["-n", "shop", "create", "--dry-run=server", "-f"];
    let file = cluster.root().join("pod-again.yaml");
    std::fs::write(&file, AGAIN)?;
    cluster.kubectl(&[&pods[..], &[&file.display().to_string()]].concat())?;
    Ok(())
}

/// A pod as the deployment `web` makes it.
const AGAIN: &str = "
apiVersion: v1
kind: Pod
metadata: { name: again, labels: { app: web } }
spec:
  containers:
  - { name: web, image: 'web:1', ports: [{ containerPort: 8080 }] }
";

fn sensitive(cluster: &Cluster) -> Outcome {
    cluster.apply(OBJECTS)?;
    let (after, yaml) = secured(cluster, "vault", &["--sensitive"])?;
    all_pass(&after)?;
    let marked =
        after["sensitive"].as_str().is_some_and(|why| why.contains("kuberlock.dev/sensitive"));
    if !marked || !yaml.contains("pod-security.kubernetes.io/enforce: restricted") {
        return Err(format!("{after:#}\n{yaml}").into());
    }
    Ok(())
}

fn breaking(cluster: &Cluster) -> Outcome {
    cluster.apply(OBJECTS)?;
    let output = run(cluster, &["secure", "calls-out"])?;
    let said = text(&output.stderr);
    if output.status.code() != Some(1) || !said.contains("api.example.com") {
        return Err(format!("{}: {said}", output.status).into());
    }
    let accepted = run(cluster, &["secure", "calls-out", "--accept-breaks"])?;
    match accepted.status.success() {
        true => Ok(()),
        false => Err(text(&accepted.stderr).into()),
    }
}
