//! What `deploy/` holds, on a real cluster: its manifests are taken as they are, each node gets one pod
//! that ends, and what the pods write is put together into one scan. There is no container runtime:
//! the pods run in name only, and their command lines are run here when their logs are asked for.
#![expect(clippy::print_stdout, reason = "a test without libtest's harness is not seen as a test")]

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use kuberlock_conformance::{Outcome, Shared};
use kuberlock_testbed::{Binaries, Cluster, Options};
use libtest_mimic::{Arguments, Failed};
use serde_json::Value;

static CLUSTER: Shared = Shared::new(Options::default);

fn main() -> ExitCode {
    let binaries = Binaries::locate();
    let trials = vec![
        CLUSTER.trial("each_node_gets_a_pod_and_all_become_one_scan", &binaries, nodes),
        CLUSTER.trial("a_pods_own_network_is_not_taken_for_the_nodes", &binaries, network),
        CLUSTER.trial(
            "no_lower_level_admits_the_pod_and_its_account_may_nothing",
            &binaries,
            rights,
        ),
    ];
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    CLUSTER.end();
    conclusion.exit_code()
}

fn deploy() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy")
}

fn kuberlock() -> Result<PathBuf, Failed> {
    if let Some(named) = std::env::var_os("KUBERLOCK") {
        return Ok(named.into());
    }
    let own = std::env::current_exe()?;
    let built = own.parent().and_then(Path::parent).map(|folder| folder.join("kuberlock"));
    built.filter(|path| path.exists()).ok_or_else(|| "`kuberlock` is not built".into())
}

/// kubectl, except for `logs`: for each pod it runs what the pod would, on the root of its node.
fn kubectl(cluster: &Cluster, placed: &Path) -> Result<String, Failed> {
    let real = format!("kubectl --kubeconfig={}", cluster.kubeconfig_path().display());
    let mut roots = String::new();
    for node in cluster.nodes() {
        writeln!(roots, "    {node}) root='{}' ;;", cluster.node_root(node)?.display())?;
    }
    let (placed, kuberlock) = (placed.display(), kuberlock()?);
    let kuberlock = kuberlock.display();
    Ok(format!(
        r#"#!/bin/bash
set -euo pipefail
variable='$(NODE_NAME)'
[[ $1 == logs ]] || exec {real} "$@"
{real} get pods --namespace kuberlock --output json | jq -c '.items[]' | while read -r pod; do
    node=$(jq -r .spec.nodeName <<<"$pod")
    echo "$node" >>'{placed}'
    case $node in
{roots}    *) exit 1 ;;
    esac
    mapfile -t words < <(jq -r '.spec.containers[0].args[]' <<<"$pod")
    words=("${{words[@]//"$variable"/$node}}")
    echo "a line of the runtime's" >&2
    '{kuberlock}' "${{words[@]//\/host/$root}}" </dev/null
done
"#
    ))
}

fn nodes(cluster: &Cluster) -> Outcome {
    let folder = tempfile::tempdir()?;
    let (program, placed) = (folder.path().join("kubectl.sh"), folder.path().join("placed"));
    std::fs::write(&program, kubectl(cluster, &placed)?)?;
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755))?;
    let log = folder.path().join("nodes.txt");
    let mut command = cluster.command(deploy().join("scan-nodes.sh"));
    let output = command.arg("kuberlock:test").arg(&log).env("KUBECTL", &program).output()?;
    let told = text(&output.stderr);
    println!("{}", told.trim());
    if !output.status.success() || told.contains("Warning") || !told.contains("2 of 2 nodes") {
        return Err(format!("{}: {told}", output.status).into());
    }
    let placed = std::fs::read_to_string(&placed)?;
    let mut placed: Vec<&str> = placed.lines().collect();
    placed.sort_unstable();
    if placed != cluster.nodes() {
        return Err(format!("the pods were on {placed:?}").into());
    }
    let mut words: Vec<String> = Vec::new();
    for node in cluster.nodes() {
        words.push(format!("--root={node}={}", cluster.node_root(node)?.display()));
    }
    let direct = findings(cluster, &words)?;
    let merged = findings(cluster, &[format!("--snapshot={}", log.display())])?;
    if direct.len() < 100 || merged != direct {
        return Err(format!("{} findings merged, {} direct", merged.len(), direct.len()).into());
    }
    let left = cluster.get(&["jobs", "-n", "kuberlock"])?;
    let leaving = |job: &Value| job.pointer("/metadata/deletionTimestamp").is_some();
    match left.pointer("/items").and_then(Value::as_array) {
        Some(jobs) if jobs.iter().all(leaving) => Ok(()),
        _ => Err(format!("Jobs are left: {left:#}").into()),
    }
}

/// Collects from this machine, in its own network and in one apart.
fn network(_: &Cluster) -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut told = Vec::new();
    for (name, namespaces) in [("own", &[][..]), ("apart", &["--net"])] {
        let target = folder.path().join(name);
        let output = Command::new("unshare")
            .args(namespaces)
            .arg(kuberlock()?)
            .args(["collect", "--root", "n=/", "-o"])
            .arg(&target)
            .output()?;
        if !output.status.success() {
            return Err(text(&output.stderr).into());
        }
        let sysctls = std::fs::read_to_string(target.join("nodes/n/sysctls.jsonl"))?;
        told.push((sysctls.contains("\"net.ipv4"), sysctls.contains("\"vm.overcommit_memory\"")));
    }
    if told == [(true, true), (false, true)] { Ok(()) } else { Err(format!("{told:?}").into()) }
}

/// What is found, without where it was read.
fn findings(cluster: &Cluster, words: &[String]) -> Result<Vec<String>, Failed> {
    let mut command = cluster.command(kuberlock()?);
    let output = command.args(["scan", "--fail-on", "none", "-o", "json"]).args(words).output()?;
    if !output.status.success() {
        return Err(text(&output.stderr).into());
    }
    let scan: Value = serde_json::from_slice(&output.stdout)?;
    let findings = scan.pointer("/findings").and_then(Value::as_array).ok_or("no findings")?;
    let of = |f: &Value, field: &str| f.get(field).map(ToString::to_string).unwrap_or_default();
    let essence =
        |f: &Value| ["check", "subject", "verdict", "message"].map(|at| of(f, at)).join(" ");
    let mut found: Vec<String> = findings.iter().map(essence).collect();
    found.sort();
    Ok(found)
}

fn rights(cluster: &Cluster) -> Outcome {
    let common = std::fs::read_to_string(deploy().join("scan-namespace.yaml"))?;
    cluster.apply(&common)?;
    cluster.apply(
        "{apiVersion: v1, kind: Namespace, metadata: {name: lower, labels: {\
         pod-security.kubernetes.io/warn: baseline}}}",
    )?;
    let job = std::fs::read_to_string(deploy().join("scan-job.yaml"))?;
    let job = job.replace("namespace: kuberlock", "namespace: lower");
    let job = ["__NODE__", "__IMAGE__", "__RUN__"].iter().fold(job, |job, of| job.replace(of, "x"));
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("job.yaml");
    std::fs::write(&file, job)?;
    let file = file.display().to_string();
    let tried = cluster.kubectl(&["create", "--dry-run=server", "-f", &file])?;
    let told = text(&tried.stderr);
    println!("{}", told.trim());
    // Reading a node's files is what the level below forbids, and nothing else is asked for.
    let only = |word: &str| told.contains(word);
    if !only("would violate PodSecurity \"baseline:latest\"") || !only("hostPath volumes") {
        return Err(format!("the server told: {told}").into());
    }
    for of in ["host namespaces", "privileged", "hostPort", "seccompProfile"] {
        if only(of) {
            return Err(format!("{of} is asked for: {told}").into());
        }
    }
    let account = "--as=system:serviceaccount:kuberlock:kuberlock-node";
    for (verb, resource) in
        [("get", "secrets"), ("list", "pods"), ("get", "nodes"), ("create", "pods")]
    {
        let mut command = cluster.command("kubectl");
        let kubeconfig = format!("--kubeconfig={}", cluster.kubeconfig_path().display());
        let asked = ["auth", "can-i", verb, resource, account, "-n", "kuberlock"];
        let Output { stdout, .. } = command.arg(kubeconfig).args(asked).output()?;
        if text(&stdout).trim() != "no" {
            return Err(format!("the account may {verb} {resource}: {}", text(&stdout)).into());
        }
    }
    Ok(())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
