//! Mirror pods: static pods as the API server shows them.
//!
//! Enters: what the kubelet's part publishes. Leaves: requests with the node's own credential,
//! as a kubelet's are, so that NodeRestriction and the node authorizer judge them. Always holds:
//! a mirror pod of another hash than the static pod's is deleted and made anew.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::Stdio;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::manifest::StaticPod;
use super::{Board, Published, Site};
use crate::error::{Error, checked, describe, run};

const MIRROR: &str = "kubernetes.io/config.mirror";
const LOOK: Duration = Duration::from_millis(200);
const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// How soon a mirror pod that someone deleted is made again.
const EVEN_IF_NOTHING_CHANGED: Duration = Duration::from_secs(10);

/// Keeps the mirror pods as the board says, until the cluster ends.
pub(crate) fn follow(site: &Site, board: &Board) {
    let mut mirror = Mirror { site, node_uid: None, written: BTreeMap::new() };
    let mut done: Option<(Vec<Published>, Instant)> = None;
    while !board.ended.load(Ordering::Relaxed) {
        thread::sleep(LOOK);
        let pods = board.pods();
        let fresh = done
            .as_ref()
            .is_some_and(|(last, when)| *last == pods && when.elapsed() < EVEN_IF_NOTHING_CHANGED);
        if fresh || board.ended.load(Ordering::Relaxed) {
            continue;
        }
        match mirror.reconcile(&pods) {
            Ok(()) => done = Some((pods, Instant::now())),
            // No API server, or one that does not know the node yet.
            Err(error) => {
                done = None;
                board.set_mirror_error(&error.to_string());
                thread::sleep(AFTER_FAILURE);
            }
        }
    }
}

struct Mirror<'a> {
    site: &'a Site,
    node_uid: Option<String>,
    /// The status last written, by the uid of the mirror pod.
    written: BTreeMap<String, Value>,
}

impl Mirror<'_> {
    fn reconcile(&mut self, pods: &[Published]) -> Result<(), Error> {
        let owner = self.owner()?;
        let path = format!("/api/v1/pods?fieldSelector=spec.nodeName%3D{}", self.site.node);
        let there = match self.get(&path)? {
            Value::Object(mut list) => list.remove("items").unwrap_or_default(),
            other => other,
        };
        let there = there.as_array().cloned().unwrap_or_default();
        let mut kept: BTreeMap<String, Value> = BTreeMap::new();
        for pod in there.into_iter().filter(|pod| mirror_hash(pod).is_some()) {
            let key = key(&pod);
            match pods.iter().find(|published| published.pod.key() == key) {
                Some(published) if is_mirror_of(&pod, &published.pod) => {
                    kept.insert(key, pod);
                }
                _ => self.delete(&pod)?,
            }
        }
        for published in pods {
            let pod = match kept.remove(&published.pod.key()) {
                Some(pod) => pod,
                None => self.create(published, &owner)?,
            };
            self.write_status(pod, &published.status)?;
        }
        Ok(())
    }

    /// The node as an owner; kubelets may make no pod without it.
    fn owner(&mut self) -> Result<Value, Error> {
        if self.node_uid.is_none() {
            let node = self.get(&format!("/api/v1/nodes/{}", self.site.node))?;
            self.node_uid =
                node.pointer("/metadata/uid").and_then(Value::as_str).map(str::to_owned);
        }
        Ok(json!({
            "apiVersion": "v1", "kind": "Node", "controller": true,
            "name": self.site.node, "uid": self.node_uid,
        }))
    }

    fn create(&self, published: &Published, owner: &Value) -> Result<Value, Error> {
        let mut pod = published.pod.object.clone();
        let annotations = json!({
            MIRROR: published.pod.hash,
            "kubernetes.io/config.seen": published.seen,
        });
        let metadata = json!({"annotations": annotations, "ownerReferences": [owner]});
        crate::options::merge(&mut pod, &json!({"metadata": metadata}));
        let path = format!("/api/v1/namespaces/{}/pods", published.pod.namespace);
        self.send(&["create", "--raw", &path, "-f", "-"], &pod)
    }

    fn delete(&self, pod: &Value) -> Result<(), Error> {
        let path = format!("{}?gracePeriodSeconds=0", path(pod));
        let mut command = self.kubectl();
        command.args(["delete", "--raw", &path]);
        run(&mut command).map(drop)
    }

    fn write_status(&mut self, mut pod: Value, status: &Value) -> Result<(), Error> {
        let uid = text(&pod, "/metadata/uid").to_owned();
        if self.written.get(&uid) == Some(status) {
            return Ok(());
        }
        crate::options::merge(&mut pod, &json!({"metadata": {"resourceVersion": null}}));
        if let Value::Object(fields) = &mut pod {
            fields.insert("status".into(), status.clone());
        }
        let path = format!("{}/status", path(&pod));
        self.send(&["replace", "--raw", &path, "-f", "-"], &pod)?;
        self.written.insert(uid, status.clone());
        Ok(())
    }

    fn get(&self, path: &str) -> Result<Value, Error> {
        let mut command = self.kubectl();
        command.args(["get", "--raw", path]);
        let output = run(&mut command)?;
        serde_json::from_slice(&output.stdout).map_err(Error::unreadable(path))
    }

    fn send(&self, words: &[&str], body: &Value) -> Result<Value, Error> {
        let mut command = self.kubectl();
        command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let failed = |source| Error::Start { command: words.join(" "), source };
        let mut child = command.spawn().map_err(failed)?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(body.to_string().as_bytes()).map_err(failed)?;
        }
        let output = checked(&command, child.wait_with_output().map_err(failed)?)?;
        serde_json::from_slice(&output.stdout).map_err(Error::unreadable(describe(&command)))
    }

    fn kubectl(&self) -> std::process::Command {
        let mut command = self.site.namespaces.command("kubectl");
        command.args(["--kubeconfig=/etc/kubernetes/kubelet.conf", "--request-timeout=10s"]);
        command
    }
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn mirror_hash(pod: &Value) -> Option<&str> {
    pod.get("metadata")?.get("annotations")?.get(MIRROR)?.as_str()
}

fn key(pod: &Value) -> String {
    format!("{}/{}", text(pod, "/metadata/namespace"), text(pod, "/metadata/name"))
}

fn path(pod: &Value) -> String {
    let (namespace, name) = (text(pod, "/metadata/namespace"), text(pod, "/metadata/name"));
    format!("/api/v1/namespaces/{namespace}/pods/{name}")
}

fn is_mirror_of(pod: &Value, manifest: &StaticPod) -> bool {
    let going = pod.pointer("/metadata/deletionTimestamp").is_some();
    !going && mirror_hash(pod) == Some(&manifest.hash)
}
