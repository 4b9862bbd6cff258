//! The status of a static pod: for the API server and for a test.

use serde_json::{Value, json};

use super::Site;
use super::pod::{Pod, Run, Terminated};

/// What the kubelet knows of a static pod, whether or not an API server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodState {
    /// Namespace of the pod.
    pub namespace: String,
    /// Name of the pod, with the node's at its end.
    pub name: String,
    /// `kubernetes.io/config.hash` of the manifest that runs.
    pub hash: String,
    /// Whether all containers are ready.
    pub ready: bool,
    /// Its containers, in the manifest's order.
    pub containers: Vec<ContainerState>,
}

/// What the kubelet knows of one container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerState {
    /// Name of the container.
    pub name: String,
    /// Whether its process lives.
    pub running: bool,
    /// Whether its probes are content.
    pub ready: bool,
    /// How often it was started again.
    pub restart_count: u32,
    /// Why it waits, when it does: reason and message of the API.
    pub waiting: Option<(String, String)>,
    /// How its last run ended, if one did.
    pub last_exit_code: Option<i32>,
}

pub(crate) fn state(pod: &Pod) -> PodState {
    PodState {
        namespace: pod.manifest.namespace.clone(),
        name: pod.manifest.name.clone(),
        hash: pod.manifest.hash.clone(),
        ready: pod.ready(),
        containers: pod.runs.iter().map(container_state).collect(),
    }
}

fn container_state(run: &Run) -> ContainerState {
    let (reason, message) = &run.waiting;
    ContainerState {
        name: run.container.name.clone(),
        running: run.process.is_some(),
        ready: run.ready(),
        restart_count: run.restarts,
        waiting: run.process.is_none().then(|| ((*reason).to_owned(), message.clone())),
        last_exit_code: run.last.as_ref().map(|last| last.exit_code),
    }
}

/// `status` of the mirror pod.
pub(crate) fn status(pod: &Pod, site: &Site) -> Value {
    let running = pod.runs.iter().all(|run| run.process.is_some() || run.last.is_some());
    let statuses: Vec<Value> = pod.runs.iter().map(|run| container_status(pod, run)).collect();
    json!({
        "phase": if running { "Running" } else { "Pending" },
        "conditions": conditions(pod),
        "hostIP": site.address,
        "hostIPs": [{"ip": site.address}],
        "podIP": site.address,
        "podIPs": [{"ip": site.address}],
        "startTime": pod.seen,
        "qosClass": "Burstable",
        "containerStatuses": statuses,
    })
}

fn conditions(pod: &Pod) -> Vec<Value> {
    let not_ready: Vec<&str> =
        pod.runs.iter().filter(|run| !run.ready()).map(|run| run.container.name.as_str()).collect();
    let condition = |kind: &str, since: &str, unready: &[&str]| match unready {
        [] => json!({
            "type": kind, "status": "True",
            "lastProbeTime": null, "lastTransitionTime": since,
        }),
        names => json!({
            "type": kind, "status": "False",
            "lastProbeTime": null, "lastTransitionTime": since,
            "reason": "ContainersNotReady",
            "message": format!("containers with unready status: [{}]", names.join(" ")),
        }),
    };
    vec![
        condition("PodReadyToStartContainers", &pod.seen, &[]),
        condition("Initialized", &pod.seen, &[]),
        condition("Ready", &pod.turned, &not_ready),
        condition("ContainersReady", &pod.turned, &not_ready),
        condition("PodScheduled", &pod.seen, &[]),
    ]
}

fn container_status(pod: &Pod, run: &Run) -> Value {
    let id = format!("containerd://{}{:08x}", pod.manifest.hash, run.restarts);
    let state = match (&run.process, &run.waiting) {
        (Some(process), _) => json!({"running": {"startedAt": process.started_at}}),
        (None, (reason, message)) => json!({"waiting": {"reason": reason, "message": message}}),
    };
    json!({
        "name": run.container.name,
        "image": run.container.image,
        "imageID": "",
        "containerID": id,
        "ready": run.ready(),
        "started": run.started(),
        "restartCount": run.restarts,
        "state": state,
        "lastState": run.last.as_ref().map_or(json!({}), terminated),
    })
}

fn terminated(last: &Terminated) -> Value {
    json!({"terminated": {
        "exitCode": last.exit_code,
        "reason": if last.exit_code == 0 { "Completed" } else { "Error" },
        "startedAt": last.started_at,
        "finishedAt": last.finished_at,
    }})
}
