//! The test cluster itself, tried for real.
//!
//! Where there can be no cluster, every case is ignored and says why; with `CI=true` it fails.
#![expect(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test without libtest's harness is not seen as a test by clippy"
)]

mod manifest_folder;

use std::error::Error as StdError;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use kuberlock_testbed::{Binaries, Cluster, Error, Missing, NodeSpec, Options};
use libtest_mimic::{Arguments, Failed, Trial};

type Outcome = Result<(), Failed>;
type Case = fn(&Binaries) -> Outcome;

/// Asks this program to start a cluster and wait to be killed.
const STAY: &str = "KUBERLOCK_TESTBED_STAY";
const SOON: Duration = Duration::from_secs(90);

const CASES: [(&str, Case); 9] = [
    ("a_cluster_is_as_kubeadm_leaves_it", as_kubeadm_leaves_it),
    ("two_clusters_live_side_by_side", two_side_by_side),
    ("nothing_outlives_a_killed_test", nothing_outlives),
    ("a_stray_backup_in_the_manifest_folder_runs", manifest_folder::stray_backup),
    ("a_changed_api_server_comes_back_with_another_hash", manifest_folder::changed_api_server),
    ("a_manifest_that_does_not_parse_removes_its_pod", manifest_folder::broken_manifest),
    ("a_file_that_is_not_mounted_is_not_there", manifest_folder::not_mounted),
    ("files_alone_need_no_api_server", files_alone),
    ("a_start_that_fails_says_what_the_component_said", failed_start),
];

fn main() -> ExitCode {
    if std::env::var_os(STAY).is_some() {
        return stay();
    }
    let binaries = Binaries::locate();
    let trials = CASES.into_iter().map(|(name, case)| trial(name, case, &binaries)).collect();
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    manifest_folder::end();
    conclusion.exit_code()
}

fn trial(name: &'static str, case: Case, binaries: &Result<Binaries, Missing>) -> Trial {
    match binaries {
        Ok(binaries) => {
            let binaries = binaries.clone();
            Trial::test(name, move || case(&binaries))
        }
        Err(missing) if missing.may_be_ignored() => {
            Trial::test(format!("{name} ({missing})"), || Ok(())).with_ignored_flag(true)
        }
        Err(missing) => {
            let missing = missing.to_string();
            Trial::test(name, move || Err(missing.into()))
        }
    }
}

/// One node and none of kubeadm's add-ons.
fn small() -> Options {
    Options {
        nodes: vec![NodeSpec::control_plane("cp-1")],
        finish_kubeadm: false,
        ..Options::default()
    }
}

fn as_kubeadm_leaves_it(binaries: &Binaries) -> Outcome {
    let secure =
        NodeSpec::worker("worker-1").label("pool", "secure").taint("pool=secure:NoSchedule");
    let nodes = vec![NodeSpec::control_plane("cp-1"), secure, NodeSpec::worker("worker-2")];
    let cluster = Cluster::start(binaries, &Options { nodes, ..Options::default() })?;
    assert_eq!(text(&cluster, &["get", "--raw", "/readyz"])?, "ok");
    assert_pod_runs(&cluster, "worker-2")?;
    assert_mirrored(&cluster)?;
    assert_nodes(&cluster)?;
    for (object, namespace) in [
        ("clusterrolebinding/kubeadm:cluster-admins", "default"),
        ("configmap/kubeadm-config", "kube-system"),
        ("configmap/kubelet-config", "kube-system"),
        ("configmap/cluster-info", "kube-public"),
        ("daemonset/kube-proxy", "kube-system"),
        ("deployment/coredns", "kube-system"),
    ] {
        cluster.kubectl(&["get", object, "-n", namespace])?;
    }
    let mut admin = cluster.command("kubectl");
    admin.args(["--kubeconfig=/etc/kubernetes/admin.conf", "auth", "can-i", "*", "*"]);
    assert_eq!(said(&mut admin)?, "yes");
    assert!(cluster.node_root("worker-9").is_err());
    Ok(())
}

fn assert_pod_runs(cluster: &Cluster, on: &str) -> Outcome {
    cluster.apply(
        "{apiVersion: v1, kind: Pod, metadata: {name: web}, \
         spec: {containers: [{name: web, image: nginx}]}}",
    )?;
    cluster.wait_until(SOON, || {
        let pod = cluster.get(&["pod", "web"]).ok()?;
        (pod["status"]["phase"] != "Running").then(|| "pod `web` does not run".into())
    })?;
    let pod = cluster.get(&["pod", "web"])?;
    assert_eq!(pod["status"]["phase"], "Running");
    assert_eq!(pod["spec"]["nodeName"], on, "the other nodes are tainted");
    Ok(())
}

fn assert_mirrored(cluster: &Cluster) -> Outcome {
    let states = cluster.static_pods();
    let server = states
        .iter()
        .find(|pod| pod.name == "kube-apiserver-cp-1")
        .ok_or("no static pod of the API server")?;
    let pod = cluster.get(&["pod", "-n", "kube-system", "kube-apiserver-cp-1"])?;
    let annotation = |name: &str| pod["metadata"]["annotations"][name].clone();
    assert_eq!(annotation("kubernetes.io/config.hash"), server.hash.as_str());
    assert_eq!(annotation("kubernetes.io/config.mirror"), server.hash.as_str());
    assert_eq!(annotation("kubernetes.io/config.source"), "file");
    assert_eq!(pod["metadata"]["ownerReferences"][0]["kind"], "Node");
    assert_eq!(pod["status"]["containerStatuses"][0]["ready"], true);
    // Exactly the manifest's command line, and nothing but it.
    let command: Vec<String> =
        serde_json::from_value(pod["spec"]["containers"][0]["command"].clone())?;
    let mut find = cluster.command("sh");
    find.args(["-c", "tr '\\0' '\\n' </proc/$(pidof kube-apiserver)/cmdline"]);
    assert_eq!(said(&mut find)?.lines().collect::<Vec<_>>(), command);
    Ok(())
}

fn assert_nodes(cluster: &Cluster) -> Outcome {
    for name in cluster.nodes() {
        assert_eq!(said(&mut cluster.command_on(name, "hostname")?)?, *name);
        let configz =
            text(cluster, &["get", "--raw", &format!("/api/v1/nodes/{name}/proxy/configz")])?;
        assert!(configz.contains("\"staticPodPath\":\"/etc/kubernetes/manifests\""), "{configz}");
        let root = cluster.node_root(name)?;
        assert_eq!(mode(&root.join("etc/kubernetes/kubelet.conf"))?, 0o600);
        assert_eq!(mode(&root.join("var/lib/kubelet/config.yaml"))?, 0o644);
        assert_eq!(mode(&root.join("etc/kubernetes/pki/ca.crt"))?, 0o644);
        assert!(root.join("usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf").is_file());
        // The kubelet's credential is accepted, and names the node.
        let mut who = cluster.command_on(name, "kubectl")?;
        who.args(["--kubeconfig=/etc/kubernetes/kubelet.conf", "auth", "whoami", "-o", "name"]);
        who.args(["-o", "jsonpath={.status.userInfo.username}"]);
        assert_eq!(said(&mut who)?, format!("system:node:{name}"));
    }
    Ok(())
}

fn two_side_by_side(binaries: &Binaries) -> Outcome {
    let (one, other) = thread::scope(|scope| {
        let other = scope.spawn(|| Cluster::start(binaries, &small()));
        (Cluster::start(binaries, &small()), other.join())
    });
    let (one, other) = (one?, other.map_err(|_| "a start panicked")??);
    one.apply("{apiVersion: v1, kind: Namespace, metadata: {name: only-here}}")?;
    one.kubectl(&["get", "namespace", "only-here"])?;
    assert!(other.kubectl(&["get", "namespace", "only-here"]).is_err());
    drop(one);
    other.wait_ready(SOON)?;
    Ok(())
}

/// What the killed process is: starts a cluster, says where, and waits.
fn stay() -> ExitCode {
    let started = Binaries::locate()
        .map_err(Box::<dyn StdError>::from)
        .and_then(|binaries| Ok(Cluster::start(&binaries, &Options::default())?));
    match started {
        Ok(cluster) => {
            println!("{} {}", cluster.first_process(), cluster.root().display());
            thread::sleep(Duration::from_secs(600));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn nothing_outlives(_: &Binaries) -> Outcome {
    let mut child = Command::new(std::env::current_exe()?)
        .env(STAY, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
    let Some((first, root)) = line.trim_end().split_once(' ') else {
        let _ = child.wait();
        return Err("the child started no cluster".into());
    };
    let folder = Path::new(root).parent().and_then(Path::parent).ok_or("no folder")?.to_owned();
    let namespace = fs::read_link(format!("/proc/{first}/ns/pid"))?;
    assert!(inhabitants(&namespace) > 5, "etcd, three components, kubelet and kwok run");
    child.kill()?;
    child.wait()?;
    let until = Instant::now() + Duration::from_secs(10);
    while (inhabitants(&namespace) > 0 || folder.exists()) && Instant::now() < until {
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(inhabitants(&namespace), 0, "processes outlived the test");
    assert!(!folder.exists(), "{} outlived the test", folder.display());
    let text = folder.display().to_string();
    let mounts = fs::read_to_string("/proc/self/mounts")?;
    assert!(!mounts.contains(&text), "mounts outlived the test");
    Ok(())
}

fn inhabitants(namespace: &Path) -> usize {
    let Ok(entries) = fs::read_dir("/proc") else { return 0 };
    entries
        .flatten()
        .filter(|entry| {
            fs::read_link(entry.path().join("ns/pid")).is_ok_and(|link| link == namespace)
        })
        .count()
}

fn files_alone(binaries: &Binaries) -> Outcome {
    let options = Options { run_static_pods: false, ..Options::default() }
        .file("/etc/kubernetes/audit/policy.yaml", 0o600, "apiVersion: audit.k8s.io/v1\n")
        .api_server_arg("audit-policy-file", "/etc/kubernetes/audit/policy.yaml")
        .api_server_volume("audit", "/etc/kubernetes/audit", "Directory", true);
    let patch = r#"[{"op": "add", "path": "/spec/containers/0/command/-", "value": "--v=2"}]"#;
    let options = Options {
        patches: vec![("kube-scheduler0+json.json".into(), patch.into())],
        kubelet_configuration: serde_json::json!({"readOnlyPort": 10255}),
        ..options
    };
    let cluster = Cluster::start(binaries, &options)?;
    let manifest = fs::read_to_string(cluster.manifests_dir().join("kube-apiserver.yaml"))?;
    assert!(
        manifest.contains("--audit-policy-file=/etc/kubernetes/audit/policy.yaml"),
        "{manifest}"
    );
    assert!(cluster.root().join("etc/kubernetes/audit/policy.yaml").is_file());
    assert!(cluster.node_root("worker-1")?.join("etc/kubernetes/kubelet.conf").is_file());
    let scheduler = fs::read_to_string(cluster.manifests_dir().join("kube-scheduler.yaml"))?;
    assert!(scheduler.contains("- --v=2"), "{scheduler}");
    for node in cluster.nodes() {
        let config = cluster.node_root(node)?.join("var/lib/kubelet/config.yaml");
        assert!(fs::read_to_string(config)?.contains("readOnlyPort: 10255"), "{node}");
    }
    assert!(cluster.static_pods().is_empty());
    assert!(!Path::new("/etc/kubernetes/audit").exists(), "the host sees the cluster's files");
    Ok(())
}

fn failed_start(binaries: &Binaries) -> Outcome {
    let options = Options { deadline: Duration::from_secs(15), ..small() }
        .api_server_arg("no-such-flag", "1");
    match Cluster::start(binaries, &options) {
        Err(error @ Error::NotReady { .. }) => {
            let text = error.to_string();
            assert!(text.contains("kube-apiserver of `kube-apiserver-cp-1` last said"), "{text}");
            assert!(text.contains("unknown flag: --no-such-flag"), "{text}");
            Ok(())
        }
        Err(other) => Err(other.into()),
        Ok(_) => Err("the cluster started".into()),
    }
}

fn text(cluster: &Cluster, arguments: &[&str]) -> Result<String, Failed> {
    Ok(String::from_utf8(cluster.kubectl(arguments)?.stdout)?)
}

fn said(command: &mut Command) -> Result<String, Failed> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn mode(path: &Path) -> Result<u32, Failed> {
    let data = fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(data.permissions().mode() & 0o7777)
}
