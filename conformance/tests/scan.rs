//! The whole program against a real cluster: what it makes of files, of a snapshot and of the API
//! server is the same; what kubeadm leaves alone is right; who may read half is told what was not
//! seen; and without a network nothing is asked of one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use kuberlock_conformance::{Outcome, Shared};
use kuberlock_testbed::{Binaries, Cluster, Options};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

static CLUSTER: Shared = Shared::new(Options::default);

const WORKLOADS: &str = include_str!("scan/workloads.yaml");

fn main() -> ExitCode {
    let binaries = Binaries::locate();
    let trial =
        |name, case: fn(&Cluster) -> Outcome| -> Trial { CLUSTER.trial(name, &binaries, case) };
    let trials = vec![
        trial("untouched_kubeadm_fails_only_where_it_should", untouched_kubeadm),
        trial("files_snapshot_and_server_give_equal_findings", parity),
        trial("the_server_alone_says_nothing_else", server_alone),
        trial("half_a_role_sees_half_and_says_so", half_a_role),
        trial("files_are_scanned_without_a_network", no_network),
    ];
    // In one thread: the first case looks at the cluster before the others change it.
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
    let output = cluster.command(kuberlock()?).args(words).output()?;
    match output.status.code() {
        Some(0 | 1) => Ok(output),
        _ => Err(format!(
            "kuberlock {}: {}",
            words.join(" "),
            String::from_utf8_lossy(&output.stderr)
        )
        .into()),
    }
}

fn scan(cluster: &Cluster, words: &[&str]) -> Result<Value, Failed> {
    let words: Vec<&str> = ["scan", "-o", "json"].iter().chain(words).copied().collect();
    Ok(serde_json::from_slice(&run(cluster, &words)?.stdout)?)
}

/// `--root` for every node of the cluster.
fn roots(cluster: &Cluster) -> Result<Vec<String>, Failed> {
    let root = |node| Ok(format!("--root={node}={}", cluster.node_root(node)?.display()));
    ["cp-1", "worker-1"].into_iter().map(root).collect()
}

/// What must be equal, of each finding: everything but where it was read.
fn essence(scan: &Value) -> BTreeSet<String> {
    let findings = scan["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    findings
        .iter()
        .map(|f| {
            let facts: Vec<_> = f["evidence"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|e| e["value"].to_string())
                .collect();
            format!(
                "{} {} {} {} {} {}",
                f["fingerprint"],
                f["check"],
                f["subject"],
                f["verdict"],
                f["message"],
                facts.join(" ")
            )
        })
        .collect()
}

fn failures(scan: &Value) -> BTreeSet<(String, String)> {
    let findings = scan["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    findings
        .iter()
        .filter(|f| f["verdict"] == "fail")
        .map(|f| (text(&f["check"]), f["subject"].to_string()))
        .collect()
}

/// What kubeadm leaves short of the benchmark's letter: whoever is told so is told the truth. All
/// else that it writes is as it should be.
const SHORT_OF_THE_BENCHMARK: [&str; 20] = [
    "api-server-admission-always-pull-images",
    "api-server-admission-deny-service-external-ips",
    "api-server-admission-event-rate-limit",
    "api-server-anonymous-auth",
    "api-server-audit-log",
    "api-server-encryption",
    "api-server-encryption-provider",
    "api-server-kubelet-certificate-authority",
    "api-server-profiling",
    "api-server-tls-ciphers",
    "api-server-token-extension",
    "audit-policy",
    "controller-manager-profiling",
    "kubelet-config-mode",
    "kubelet-pod-pids",
    "kubelet-seccomp-default",
    "kubelet-service-mode",
    "kubelet-serving-certificate",
    "kubelet-tls-ciphers",
    "scheduler-profiling",
];

fn untouched_kubeadm(cluster: &Cluster) -> Outcome {
    let roots = roots(cluster)?;
    let words: Vec<&str> = roots.iter().map(String::as_str).collect();
    let scan = scan(cluster, &words)?;
    let checks: BTreeSet<String> = failures(&scan).into_iter().map(|(check, _)| check).collect();
    let expected: BTreeSet<String> = SHORT_OF_THE_BENCHMARK.map(str::to_owned).into();
    let differs: Vec<&String> = checks.symmetric_difference(&expected).collect();
    if !differs.is_empty() {
        return Err(format!(
            "untouched kubeadm fails {checks:#?}, of which unforeseen or missing: {differs:?}"
        )
        .into());
    }
    Ok(())
}

fn parity(cluster: &Cluster) -> Outcome {
    cluster.apply(WORKLOADS)?;
    cluster.kubectl(&["-n", "shop", "rollout", "status", "deployment/web", "--timeout=120s"])?;
    let objects = cluster.root().join("tmp-objects.yaml");
    let kinds = "namespaces,nodes,pods,deployments.apps,statefulsets.apps,daemonsets.apps,replicasets.apps,\
                 replicationcontrollers,jobs.batch,cronjobs.batch,serviceaccounts,roles,clusterroles,\
                 rolebindings,clusterrolebindings,networkpolicies.networking.k8s.io,services,configmaps,\
                 validatingwebhookconfigurations,validatingadmissionpolicies,validatingadmissionpolicybindings";
    let dump = cluster.kubectl(&["get", "-A", kinds, "-o", "yaml"])?;
    std::fs::write(&objects, dump.stdout)?;
    let folder = tempfile::tempdir()?;
    let snapshot = folder.path().join("snapshot.tar.zst");
    let (snapshot, objects) = (snapshot.display().to_string(), objects.display().to_string());
    let kubeconfig = cluster.kubeconfig_path().display().to_string();
    let roots = roots(cluster)?;
    let nodes: Vec<&str> = roots.iter().map(String::as_str).collect();
    let with = |words: &[&'_ str]| -> Vec<String> {
        words.iter().chain(&nodes).map(|word| (*word).to_owned()).collect()
    };
    let as_words = |words: &[String]| -> Result<Value, Failed> {
        scan(cluster, &words.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let files = as_words(&with(&["-f", &objects]))?;
    let live = as_words(&with(&["--live", "--kubeconfig", &kubeconfig]))?;
    let collect = with(&["collect", "--kubeconfig", &kubeconfig, "-o", &snapshot]);
    run(cluster, &collect.iter().map(String::as_str).collect::<Vec<_>>())?;
    let from_snapshot = as_words(&["--snapshot".to_owned(), snapshot])?;
    let (files, live, from_snapshot) = (essence(&files), essence(&live), essence(&from_snapshot));
    for (name, other) in [("files", &files), ("snapshot", &from_snapshot)] {
        let differs: Vec<&String> = live.symmetric_difference(other).collect();
        if !differs.is_empty() {
            return Err(format!("the server and the {name} differ: {differs:#?}").into());
        }
    }
    if live.len() < 50 {
        return Err(format!("only {} findings: too few to prove anything", live.len()).into());
    }
    Ok(())
}

/// What passes and fails, by fingerprint.
fn decided(scan: &Value) -> BTreeSet<(String, String)> {
    let findings = scan["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    findings
        .iter()
        .filter(|f| f["verdict"] == "pass" || f["verdict"] == "fail")
        .map(|f| (format!("{} {}", f["check"], f["subject"]), f["verdict"].to_string()))
        .collect()
}

/// By mirror pods and the kubelets' own account, without a look at any machine.
fn server_alone(cluster: &Cluster) -> Outcome {
    let kubeconfig = cluster.kubeconfig_path().display().to_string();
    let roots = roots(cluster)?;
    let mut words = vec!["--live", "--kubeconfig", &kubeconfig];
    let alone = decided(&scan(cluster, &[&words[..], &["--configz"]].concat())?);
    words.extend(roots.iter().map(String::as_str));
    let with_nodes = decided(&scan(cluster, &words)?);
    let other: Vec<_> = alone.difference(&with_nodes).collect();
    if !other.is_empty() {
        return Err(format!("the server alone says {other:#?}").into());
    }
    for check in ["api-server-anonymous-auth", "etcd-client-cert-auth", "kubelet-anonymous-auth"] {
        if !alone.iter().any(|(finding, _)| finding.contains(check)) {
            return Err(format!("the server alone does not decide {check}").into());
        }
    }
    Ok(())
}

const HALF: &str = "
apiVersion: v1
kind: ServiceAccount
metadata: { name: half, namespace: default }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: half }
rules:
- { apiGroups: [''], resources: [namespaces, pods], verbs: [list] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: half }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: half }
subjects: [{ kind: ServiceAccount, namespace: default, name: half }]
";

fn half_a_role(cluster: &Cluster) -> Outcome {
    cluster.apply(HALF)?;
    let kubeconfig = cluster.kubeconfig_path().display().to_string();
    let output = run(
        cluster,
        &["scan", "--kubeconfig", &kubeconfig, "--as", "system:serviceaccount:default:half"],
    )?;
    let text = String::from_utf8(output.stdout)?;
    let first: Vec<&str> = text.lines().take(6).collect();
    let head = first.join("\n");
    for word in [
        "system:serviceaccount:default:half",
        "not seen",
        "ClusterRole",
        "NetworkPolicy",
        "forbidden",
    ] {
        if !head.contains(word) {
            return Err(format!("the first lines do not say `{word}`:\n{head}").into());
        }
    }
    let strict = cluster
        .command(kuberlock()?)
        .args(["scan", "--kubeconfig", &kubeconfig, "--as", "system:serviceaccount:default:half"])
        .arg("--require-complete")
        .output()?;
    if strict.status.code() != Some(3) {
        return Err(format!("--require-complete ends with {}", strict.status).into());
    }
    Ok(())
}

/// In an empty network namespace, under a trace of every system call that opens a connection.
fn no_network(cluster: &Cluster) -> Outcome {
    let manifests = cluster.manifests_dir();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/cluster");
    let words = [
        format!("--root=cp-1={}", cluster.node_root("cp-1")?.display()),
        format!("--file={}", manifests.display()),
        format!("--snapshot={}", example.display()),
    ];
    let calls = without_network(&words.each_ref().map(String::as_str))?;
    if !calls.is_empty() {
        return Err(format!("the network was asked: {calls}").into());
    }
    // What a scan that does ask looks like from here.
    let folder = tempfile::tempdir()?;
    let config = folder.path().join("config");
    std::fs::write(
        &config,
        "{apiVersion: v1, kind: Config, current-context: c, \
         clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}], \
         contexts: [{name: c, context: {cluster: c, user: u}}], users: [{name: u, user: {}}]}",
    )?;
    let calls = without_network(&["--kubeconfig", &config.display().to_string()])?;
    if calls.contains("connect(") { Ok(()) } else { Err("a connection was not seen".into()) }
}

/// Scans in an empty network namespace, and returns the calls of the kernel that had to do with
/// networks.
fn without_network(words: &[&str]) -> Result<String, Failed> {
    let folder = tempfile::tempdir()?;
    let calls = folder.path().join("calls");
    let output = Command::new("unshare")
        .args(["--net", "--", "strace", "-f", "-qq", "-e", "trace=%network", "-e", "signal=none"])
        .arg("-o")
        .arg(&calls)
        .arg(kuberlock()?)
        .args(["scan", "--fail-on", "none", "-o", "json"])
        .args(words)
        .output()?;
    match output.status.code() {
        // Where a server is asked, it does not answer.
        Some(0 | 4) => Ok(std::fs::read_to_string(calls)?),
        _ => Err(String::from_utf8_lossy(&output.stderr).into_owned().into()),
    }
}
