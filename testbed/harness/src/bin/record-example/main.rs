//! Records the example cluster.
//!
//! Enters: the manifests and node files of `testbed/example`; `KUBERLOCK`, the binary that
//! collects. Leaves: the snapshot that `kuberlock collect` makes of a real cluster with them, and
//! on request the objects as `kubectl` shows them. Always holds: what was there is replaced only
//! by a whole recording that holds no private key.

mod arguments;
mod nodes;
mod objects;
mod proof;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use kuberlock_testbed::{Binaries, Cluster};

use arguments::Arguments;

type Failure = Box<dyn std::error::Error>;

/// How long the workloads may take to run.
const DEADLINE: Duration = Duration::from_secs(180);

fn main() -> ExitCode {
    match Arguments::read(std::env::args_os().skip(1)).and_then(|arguments| record(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

fn record(arguments: &Arguments) -> Result<(), Failure> {
    say("starting a cluster of three nodes");
    let cluster = Cluster::start(&Binaries::locate()?, &nodes::options()?)?;
    say("applying the workloads");
    apply_workloads(&cluster)?;
    wait_for_pods(&cluster)?;
    // They would have expired after a day, and are credentials until then.
    let tokens = "--field-selector=type=bootstrap.kubernetes.io/token";
    cluster.kubectl(&["delete", "secret", "-n", "kube-system", tokens])?;
    if let Some(objects) = &arguments.objects {
        say("writing the objects");
        objects::write(&cluster, objects)?;
    }
    if let Some(kuberlock) = &arguments.kuberlock {
        say("collecting");
        collect(&cluster, kuberlock, &arguments.out)?;
    }
    Ok(())
}

fn apply_workloads(cluster: &Cluster) -> Result<(), Failure> {
    for file in files(&example().join("workloads"))? {
        let text = fs::read_to_string(&file)?;
        cluster.apply(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    // The night's backup, so that one has run.
    cluster.kubectl(&["create", "job", "-n", "data", "backup-1", "--from=cronjob/backup"])?;
    Ok(())
}

fn wait_for_pods(cluster: &Cluster) -> Result<(), Failure> {
    cluster.wait_until(DEADLINE, || {
        let pending = "--field-selector=status.phase!=Running,status.phase!=Succeeded";
        match cluster.kubectl(&["get", "pods", "-A", "-o", "name", pending]) {
            Ok(output) if output.stdout.is_empty() => rolled_out(cluster),
            Ok(output) => {
                let names = String::from_utf8_lossy(&output.stdout).trim().replace('\n', ", ");
                Some(format!("these pods do not run: {names}"))
            }
            Err(error) => Some(error.to_string()),
        }
    })?;
    Ok(cluster.wait_ready(DEADLINE)?)
}

/// The first workload that has not all its pods yet.
fn rolled_out(cluster: &Cluster) -> Option<String> {
    let kinds = ["deployments,statefulsets,daemonsets", "-A"];
    let list = match cluster.get(&kinds) {
        Ok(list) => list,
        Err(error) => return Some(error.to_string()),
    };
    let number = |object: &serde_json::Value, pointer| {
        object.pointer(pointer).and_then(serde_json::Value::as_u64).unwrap_or_default()
    };
    list.get("items")?.as_array()?.iter().find_map(|object| {
        let wanted = match object.pointer("/status/desiredNumberScheduled") {
            Some(wanted) => wanted.as_u64()?,
            None => number(object, "/spec/replicas"),
        };
        let ready =
            number(object, "/status/readyReplicas").max(number(object, "/status/numberReady"));
        let name = object.pointer("/metadata/name")?;
        (ready < wanted).then(|| format!("{name} has {ready} of {wanted} pods"))
    })
}

/// Has kuberlock collect inside the cluster, and puts the result in place when it is whole.
fn collect(cluster: &Cluster, kuberlock: &Path, out: &Path) -> Result<(), Failure> {
    let mut command = cluster.command(kuberlock);
    command.arg("collect").arg("--kubeconfig").arg(cluster.kubeconfig_path());
    for (name, _) in nodes::with_mistakes(cluster)? {
        command.arg("--root").arg(format!("{name}={}/{name}", nodes::RECORDED));
    }
    let status = command.arg("-o").arg(format!("{}/snapshot", nodes::RECORDED)).status()?;
    if !status.success() {
        return Err(format!("`{} collect` ended with {status}", kuberlock.display()).into());
    }
    let fresh = nodes::recorded(cluster).join("snapshot");
    proof::no_private_key(&fresh)?;
    objects::replace(&fresh, out)
}

/// The files of a folder, in order.
fn files(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries: Result<Vec<_>, _> = fs::read_dir(dir)?.collect();
    let mut files: Vec<PathBuf> = entries?.iter().map(fs::DirEntry::path).collect();
    files.sort();
    Ok(files)
}

/// The folder of what is recorded.
fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../example")
}

/// Progress; who cannot see it misses nothing.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "record-example: {text}");
}
