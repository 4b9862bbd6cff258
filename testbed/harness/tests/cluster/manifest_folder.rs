//! What happens when someone edits the manifest folder.

use std::fs;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use kuberlock_testbed::{Binaries, Cluster, Error};

use super::{Outcome, SOON, assert_mirrored, said, small};

/// A cluster for the cases that change the manifest folder, one after another.
static SHARED: Mutex<Option<Cluster>> = Mutex::new(None);

fn with_shared(binaries: &Binaries, case: impl FnOnce(&Cluster) -> Outcome) -> Outcome {
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    let cluster = match shared.take() {
        Some(cluster) => cluster,
        None => Cluster::start(binaries, &small())?,
    };
    cluster.wait_ready(SOON)?;
    case(&cluster)?;
    *shared = Some(cluster);
    Ok(())
}

/// Ends the shared cluster.
pub(super) fn end() {
    drop(SHARED.lock().unwrap_or_else(PoisonError::into_inner).take());
}

pub(super) fn stray_backup(binaries: &Binaries) -> Outcome {
    with_shared(binaries, |cluster| {
        let manifest = cluster.manifests_dir().join("kube-scheduler.yaml");
        let backup = cluster.manifests_dir().join("kube-scheduler.yaml.bak");
        fs::copy(&manifest, &backup)?;
        let text = fs::read_to_string(&manifest)?;
        // The person believes to have changed it; the kubelet goes on with the backup.
        fs::write(
            &manifest,
            text.replace("- --leader-elect=true", "- --leader-elect=true\n    - --v=3"),
        )?;
        thread::sleep(Duration::from_secs(4));
        cluster.wait_ready(SOON)?;
        assert!(!scheduler_command(cluster)?.contains("--v=3"));
        fs::remove_file(&backup)?;
        cluster.wait_until(SOON, || {
            let command = scheduler_command(cluster).unwrap_or_default();
            (!command.contains("--v=3")).then(|| format!("the scheduler runs {command}"))
        })?;
        Ok(())
    })
}

fn scheduler_command(cluster: &Cluster) -> Result<String, Error> {
    let pod = cluster.get(&["pod", "-n", "kube-system", "kube-scheduler-cp-1"])?;
    Ok(pod["spec"]["containers"][0]["command"].to_string())
}

pub(super) fn changed_api_server(binaries: &Binaries) -> Outcome {
    with_shared(binaries, |cluster| {
        let hash = || {
            cluster
                .get(&["pod", "-n", "kube-system", "kube-apiserver-cp-1"])
                .map(|pod| pod["metadata"]["annotations"]["kubernetes.io/config.hash"].clone())
        };
        let before = hash()?;
        let manifest = cluster.manifests_dir().join("kube-apiserver.yaml");
        let text = fs::read_to_string(&manifest)?;
        let port = "    - --secure-port=6443\n";
        // As an editor that keeps the file whole: written beside it, unseen, then moved.
        let beside = cluster.manifests_dir().join(".kube-apiserver.yaml.new");
        fs::write(&beside, text.replace(port, &format!("    - --profiling=false\n{port}")))?;
        fs::rename(&beside, &manifest)?;
        cluster.wait_until(SOON, || match hash() {
            Ok(now) if now != before => None,
            other => Some(format!("the mirror pod is still {other:?}")),
        })?;
        cluster.wait_ready(SOON)?;
        assert_mirrored(cluster)
    })
}

pub(super) fn broken_manifest(binaries: &Binaries) -> Outcome {
    with_shared(binaries, |cluster| {
        let manifest = cluster.manifests_dir().join("kube-controller-manager.yaml");
        let text = fs::read_to_string(&manifest)?;
        fs::write(&manifest, text.replace("spec:\n", "spec\n"))?;
        cluster.wait_until(SOON, || {
            let there =
                cluster.static_pods().iter().any(|pod| pod.name.contains("controller-manager"));
            let mirrored = cluster.kubectl(&[
                "get",
                "pod",
                "-n",
                "kube-system",
                "kube-controller-manager-cp-1",
            ]);
            (there || mirrored.is_ok()).then(|| "the pod is still there".into())
        })?;
        assert!(said(cluster.command("pidof").arg("kube-controller-manager")).is_err());
        fs::write(&manifest, text)?;
        cluster.wait_until(SOON, || {
            let there =
                cluster.static_pods().iter().any(|pod| pod.name.contains("controller-manager"));
            (!there).then(|| "the pod is not back".into())
        })?;
        Ok(cluster.wait_ready(SOON)?)
    })
}

pub(super) fn not_mounted(binaries: &Binaries) -> Outcome {
    with_shared(binaries, |cluster| {
        let manifest = cluster.manifests_dir().join("kube-scheduler.yaml");
        let text = fs::read_to_string(&manifest)?;
        let scheduler =
            || cluster.static_pods().into_iter().find(|pod| pod.name.contains("scheduler"));
        let waits_for = |reason: &str| {
            let container = scheduler()?.containers.into_iter().next()?;
            let (found, message) = container.waiting?;
            (found == reason).then_some(message)
        };
        // The file is on the node, but not in the pod.
        let flag = "--authentication-kubeconfig=/etc/kubernetes/";
        fs::write(
            &manifest,
            text.replace(&format!("{flag}scheduler.conf"), &format!("{flag}admin.conf")),
        )?;
        let mut seen = false;
        cluster.wait_until(SOON, || {
            seen = seen || waits_for("CrashLoopBackOff").is_some();
            (!seen).then(|| format!("the scheduler does not crash: {:?}", scheduler()))
        })?;
        // A volume of a type that the path is not of keeps the pod from starting.
        fs::write(
            &manifest,
            text.replace("path: /etc/kubernetes/scheduler.conf", "path: /etc/kubernetes"),
        )?;
        let mut message = String::new();
        cluster.wait_until(SOON, || match waits_for("ContainerCreating") {
            Some(text) if !text.is_empty() => {
                message = text;
                None
            }
            _ => Some(format!("the scheduler is {:?}", scheduler())),
        })?;
        assert!(message.contains("hostPath type check failed"), "{message}");
        fs::write(&manifest, &text)?;
        thread::sleep(Duration::from_secs(4));
        Ok(cluster.wait_ready(SOON)?)
    })
}
