//! The folders of distributions and providers, on nodes that are laid out as theirs: what can be
//! decided without a cluster is decided as kube-bench decides it.

use std::io::Write as _;
use std::path::Path;

use kuberlock_conformance::Outcome;
use kuberlock_kube_bench::Config;
use libtest_mimic::Failed;

use crate::compare::{self, Compared};
use crate::nodes::Run;

/// A node of `platforms.sh`, or of `node.sh`, and the beginnings of the folders that are tried on it.
pub(crate) struct Platform {
    pub(crate) node: &'static str,
    folders: &'static [&'static str],
    /// Whether it is tried each time.
    pub(crate) often: bool,
}

/// Every folder that is not generic is tried on a node of its own kind, and on others.
pub(crate) const PLATFORMS: [Platform; 8] = [
    Platform { node: "k3s-server", folders: &["k3s-", "cis-1.6-k3s", "rke2-cis-1.8"], often: true },
    Platform { node: "rke2", folders: &["rke", "k3s-cis-1.9"], often: false },
    Platform { node: "rke", folders: &["rke-", "ack-"], often: true },
    Platform { node: "cloud", folders: &["eks-", "gke-", "aks-", "ack-"], often: false },
    Platform { node: "origin", folders: &["rh-"], often: true },
    Platform { node: "tkgi", folders: &["tkgi-", "rke-"], often: false },
    Platform { node: "microk8s", folders: &["cis-1.24-microk8s", "k3s-"], often: false },
    Platform {
        node: "kubeadm",
        folders: &[
            "ack-",
            "aks-",
            "cis-1.24-microk8s",
            "eks-",
            "gke-",
            "k3s-",
            "rh-",
            "rke",
            "tkgi-",
        ],
        often: false,
    },
];

/// The programs that speak to a cluster, to a provider or to a running systemd, or that are not
/// ours: an audit that needs one of them is told as not run, and no other is.
const BEYOND: [&str; 8] = ["kubectl", "oc", "gcloud", "systemctl", "curl", "yq", "aws", "az"];

/// How often kube-bench is asked again where it says something else: its pipelines race.
const TRIES: u32 = 4;

/// Tries a platform.
pub(crate) fn tried(platform: &Platform, cfg: &Path) -> Outcome {
    let mut benchmarks = benchmarks(platform, cfg)?;
    let names = benchmarks.len();
    let mut compared = Compared::default();
    for last in (0..TRIES).map(|at| at + 1 == TRIES) {
        let out = tempfile::tempdir()?;
        Run { node: platform.node, cfg, out: out.path(), targets: "", pairs: None }
            .both(&benchmarks)?;
        let mut again = Vec::new();
        for benchmark in benchmarks {
            let name = benchmark.split('=').next().unwrap_or_default();
            match compare::decided(out.path(), name) {
                Ok(found) => compared.add(found),
                Err(failed) if last => return Err(failed),
                Err(_) => again.push(benchmark),
            }
        }
        benchmarks = again;
        if benchmarks.is_empty() {
            break;
        }
    }
    if let Some(other) = compared.not_run.iter().find(|why| !is_beyond(why)) {
        return Err(format!("an audit was not run for another reason: {other}").into());
    }
    let (node, equal, not_run) = (platform.node, compared.equal, compared.not_run.len());
    writeln!(
        std::io::stderr(),
        "{node}: {equal} checks equal in {names} folders, {not_run} not run"
    )?;
    match compared.equal > 20 * names {
        true => Ok(()),
        false => {
            Err(format!("only {} checks of {names} folders were decided", compared.equal).into())
        }
    }
}

fn is_beyond(why: &str) -> bool {
    let needed = why.split_once("it needs `").and_then(|(_, rest)| rest.split_once('`'));
    needed.is_some_and(|(program, _)| BEYOND.contains(&program))
}

/// The folders of a platform with all their targets, as kube-bench is given them.
fn benchmarks(platform: &Platform, cfg: &Path) -> Result<Vec<String>, Failed> {
    let mut config = Config::default();
    config.merge("config.yaml", &std::fs::read_to_string(cfg.join("config.yaml"))?)?;
    let mut found = Vec::new();
    for folder in std::fs::read_dir(cfg)? {
        let folder = folder?;
        let name = folder.file_name().to_string_lossy().into_owned();
        if !platform.folders.iter().any(|start| name.starts_with(start)) {
            continue;
        }
        let targets = config.targets(&name).ok_or_else(|| format!("{name} has no targets"))?;
        let there = |target: &String| folder.path().join(format!("{target}.yaml")).is_file();
        let targets: Vec<String> = targets.into_iter().filter(there).collect();
        found.push(format!("{name}={}", targets.join(",")));
    }
    found.sort();
    Ok(found)
}
