//! When a cluster is ready, and what keeps it from it.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Cluster;
use crate::error::Error;
use crate::layout::inside;
use crate::static_pods::{Kubelet, PodState};

const ASK_AGAIN: Duration = Duration::from_millis(500);
/// How much of a component's log an error shows.
const LOG_LINES: usize = 20;

impl Cluster {
    /// Waits until the cluster is ready: static pods and their mirror pods, API server and nodes.
    ///
    /// # Errors
    /// [`Error::NotReady`], when it takes longer.
    pub fn wait_ready(&self, deadline: Duration) -> Result<(), Error> {
        self.wait(deadline, Instant::now() + deadline, || self.missing())
    }

    /// Waits until `missing` has nothing more to name.
    ///
    /// # Errors
    /// [`Error::NotReady`] with what was named last, when it takes longer.
    pub fn wait_until(
        &self,
        deadline: Duration,
        missing: impl FnMut() -> Option<String>,
    ) -> Result<(), Error> {
        self.wait(deadline, Instant::now() + deadline, missing)
    }

    pub(super) fn wait(
        &self,
        deadline: Duration,
        until: Instant,
        mut missing: impl FnMut() -> Option<String>,
    ) -> Result<(), Error> {
        while let Some(waiting_for) = missing() {
            if Instant::now() >= until {
                let seconds = deadline.as_secs();
                return Err(Error::NotReady { seconds, waiting_for, log: self.failing_log() });
            }
            thread::sleep(ASK_AGAIN);
        }
        Ok(())
    }

    pub(super) fn api_server_answers(&self) -> Option<String> {
        let asked = self.kubectl(&["--request-timeout=5s", "get", "--raw", "/readyz"]);
        asked.err().map(|error| error.to_string())
    }

    /// The first thing that a ready cluster has and this one has not.
    pub(super) fn missing(&self) -> Option<String> {
        let pods = self.static_pods();
        if pods.is_empty() {
            return Some("no static pod runs".into());
        }
        if let Some(pod) = pods.iter().find(|pod| !pod.ready) {
            return Some(format!("static pod `{}` is not ready", pod.name));
        }
        if let Some(error) = self.api_server_answers() {
            return Some(error);
        }
        match self.missing_objects(&pods) {
            Ok(missing) => missing,
            Err(error) => Some(error.to_string()),
        }
    }

    fn missing_objects(&self, pods: &[PodState]) -> Result<Option<String>, Error> {
        let nodes = self.get(&["nodes"])?;
        let unready =
            |name: &&String| !items(&nodes).any(|node| named(node, name) && is_ready(node));
        if let Some(name) = self.nodes.iter().find(unready) {
            return Ok(Some(format!("node `{name}` is not ready")));
        }
        let mirrors = self.get(&["pods", "-A"])?;
        for pod in pods {
            let mirrored = |object: &Value| {
                let hash = "/metadata/annotations/kubernetes.io~1config.mirror";
                named(object, &pod.name)
                    && object.pointer(hash).is_some_and(|hash| hash == pod.hash.as_str())
                    && is_ready(object)
            };
            if !items(&mirrors).any(mirrored) {
                let why = self.kubelet.as_ref().map(Kubelet::mirror_error).unwrap_or_default();
                return Ok(Some(format!("no ready mirror pod `{}` is there; {why}", pod.name)));
            }
        }
        // Without it no pod is admitted to the namespace.
        let account = self.kubectl(&["get", "serviceaccount", "-n", "default", "default"]);
        Ok(account.err().map(|error| error.to_string()))
    }

    /// The end of the newest log of the first container that is not ready.
    fn failing_log(&self) -> String {
        let pods = self.static_pods();
        let Some(pod) = pods.iter().find(|pod| !pod.ready) else { return String::new() };
        let Some(container) = pod.containers.iter().find(|container| !container.ready) else {
            return String::new();
        };
        let text =
            fs::read_to_string(self.container_log(pod, &container.name, container.restart_count))
                .unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let end = lines.get(lines.len().saturating_sub(LOG_LINES)..).unwrap_or_default();
        format!("\n{} of `{}` last said:\n{}", container.name, pod.name, end.join("\n"))
    }

    /// The log file of one run of a container of a static pod, outside.
    #[must_use]
    pub fn container_log(&self, pod: &PodState, container: &str, restart: u32) -> PathBuf {
        inside(&self.root(), Path::new("/var/log/pods"))
            .join(format!("{}_{}_{}", pod.namespace, pod.name, pod.hash))
            .join(container)
            .join(format!("{restart}.log"))
    }
}

pub(super) fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.get("items").and_then(Value::as_array).into_iter().flatten()
}

fn named(object: &Value, name: &str) -> bool {
    object.pointer("/metadata/name").is_some_and(|found| found == name)
}

fn is_ready(object: &Value) -> bool {
    object.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten().any(
        |condition| {
            condition.get("type").is_some_and(|kind| kind == "Ready")
                && condition.get("status").is_some_and(|status| status == "True")
        },
    )
}
