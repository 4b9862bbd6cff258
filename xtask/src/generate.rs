//! Big snapshots, made up: as many pods as asked for, of ordinary shape and size.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

/// Pods of one workload.
const REPLICAS: usize = 10;
/// Workloads of one namespace.
const WORKLOADS: usize = 20;

/// Writes a snapshot of `count` pods into the new folder `folder`: Deployments of ten pods, twenty
/// to a namespace, every seventh with a privileged init container, every third namespace with a
/// network policy.
pub(crate) fn pods(count: usize, folder: &Path) -> Result<()> {
    let objects = folder.join("objects");
    fs::create_dir_all(&objects)?;
    let kinds: serde_json::Map<String, Value> =
        ["Namespace", "Pod", "Deployment", "ReplicaSet", "NetworkPolicy", "ServiceAccount"]
            .into_iter()
            .map(|kind| (kind.to_owned(), json!("complete")))
            .collect();
    let manifest = json!({
        "schema": "kuberlock.dev/snapshot/v1",
        "tool": "kuberlock generator",
        "cluster": { "name": "generated", "uid": null },
        "release": "1.37.2",
        "source": "generated",
        "coverage": { "kinds": kinds, "hosts": {}, "unread": [], "notices": [] },
    });
    fs::write(folder.join("manifest.json"), format!("{manifest:#}\n"))?;
    let mut files = Files::create(&objects)?;
    let workloads = count.div_ceil(REPLICAS);
    for workload in 0..workloads {
        let namespace = format!("team-{:04}", workload / WORKLOADS);
        if workload.is_multiple_of(WORKLOADS) {
            files.namespace(workload / WORKLOADS, &namespace)?;
        }
        let pods = REPLICAS.min(count - workload * REPLICAS);
        files.workload(workload, &namespace, pods)?;
    }
    files.finish()
}

struct Files {
    namespaces: BufWriter<File>,
    policies: BufWriter<File>,
    deployments: BufWriter<File>,
    replica_sets: BufWriter<File>,
    pods: BufWriter<File>,
}

impl Files {
    fn create(folder: &Path) -> Result<Self> {
        let open =
            |name: &str| Ok::<_, anyhow::Error>(BufWriter::new(File::create(folder.join(name))?));
        Ok(Self {
            namespaces: open("namespaces.jsonl")?,
            policies: open("networkpolicies.networking.k8s.io.jsonl")?,
            deployments: open("deployments.apps.jsonl")?,
            replica_sets: open("replicasets.apps.jsonl")?,
            pods: open("pods.jsonl")?,
        })
    }

    fn namespace(&mut self, number: usize, name: &str) -> Result<()> {
        let namespace =
            json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
        writeln!(self.namespaces, "{namespace}")?;
        if number.is_multiple_of(3) {
            let policy = json!({
                "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
                "metadata": { "name": "default-deny", "namespace": name },
                "spec": { "podSelector": {}, "policyTypes": ["Ingress"] },
            });
            writeln!(self.policies, "{policy}")?;
        }
        Ok(())
    }

    fn workload(&mut self, number: usize, namespace: &str, pods: usize) -> Result<()> {
        let name = format!("app-{number:05}");
        let set = format!("{name}-7d4f8b6c9d");
        let labels = json!({ "app.kubernetes.io/name": name, "app.kubernetes.io/part-of": namespace, "tier": "backend" });
        let spec = pod_spec(number, &name);
        let made = |kind: &str, name: &str, owner: Value| {
            json!({
                "apiVersion": "apps/v1", "kind": kind,
                "metadata": { "name": name, "namespace": namespace, "labels": labels, "ownerReferences": owner },
                "spec": {
                    "replicas": pods, "selector": { "matchLabels": labels },
                    "template": { "metadata": { "labels": labels }, "spec": spec },
                },
            })
        };
        let owner = |kind: &str, name: &str| json!([{ "apiVersion": "apps/v1", "kind": kind, "name": name, "uid": "0", "controller": true }]);
        writeln!(self.deployments, "{}", made("Deployment", &name, json!([])))?;
        writeln!(self.replica_sets, "{}", made("ReplicaSet", &set, owner("Deployment", &name)))?;
        for replica in 0..pods {
            let mut spec = spec.clone();
            put(&mut spec, "nodeName", json!(format!("node-{:04}", (number + replica) % 500)));
            let pod = json!({
                "apiVersion": "v1", "kind": "Pod",
                "metadata": {
                    "name": format!("{set}-{replica:05}"), "namespace": namespace, "labels": labels,
                    "uid": format!("00000000-0000-4000-8000-{:012}", number * REPLICAS + replica),
                    "ownerReferences": owner("ReplicaSet", &set),
                },
                "spec": spec,
                "status": status(&name),
            });
            writeln!(self.pods, "{pod}")?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        for file in [
            &mut self.namespaces,
            &mut self.policies,
            &mut self.deployments,
            &mut self.replica_sets,
            &mut self.pods,
        ] {
            file.flush()?;
        }
        Ok(())
    }
}

/// About what a pod of a web service has: two containers, probes, volumes, resources.
fn pod_spec(number: usize, name: &str) -> Value {
    let probe = json!({ "httpGet": { "path": "/healthz", "port": "http", "scheme": "HTTP" },
        "initialDelaySeconds": 5, "periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 3, "successThreshold": 1 });
    let container = |container: &str, port: u16| {
        json!({
            "name": container, "image": format!("registry.example/{name}/{container}:1.{number}"),
            "imagePullPolicy": "IfNotPresent",
            "ports": [{ "name": "http", "containerPort": port, "protocol": "TCP" }],
            "env": [{ "name": "LOG_LEVEL", "value": "info" },
                    { "name": "POD_NAME", "valueFrom": { "fieldRef": { "apiVersion": "v1", "fieldPath": "metadata.name" } } }],
            "resources": { "requests": { "cpu": "100m", "memory": "128Mi" }, "limits": { "memory": "256Mi" } },
            "livenessProbe": probe, "readinessProbe": probe,
            "securityContext": { "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] } },
            "volumeMounts": [{ "name": "config", "mountPath": "/etc/app" }, { "name": "tmp", "mountPath": "/tmp" }],
            "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
        })
    };
    let mut spec = json!({
        "serviceAccountName": name, "restartPolicy": "Always", "dnsPolicy": "ClusterFirst",
        "schedulerName": "default-scheduler", "terminationGracePeriodSeconds": 30,
        "securityContext": { "runAsNonRoot": true, "seccompProfile": { "type": "RuntimeDefault" } },
        "containers": [container("app", 8080), container("proxy", 15001)],
        "volumes": [{ "name": "config", "configMap": { "name": name, "defaultMode": 420 } }, { "name": "tmp", "emptyDir": {} }],
        "tolerations": [{ "key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300 }],
    });
    if number.is_multiple_of(7) {
        put(
            &mut spec,
            "initContainers",
            json!([{ "name": "sysctl", "image": "busybox:1.37", "securityContext": { "privileged": true } }]),
        );
    }
    spec
}

fn put(object: &mut Value, key: &str, value: Value) {
    if let Some(map) = object.as_object_mut() {
        map.insert(key.to_owned(), value);
    }
}

fn status(name: &str) -> Value {
    let container = |container: &str| {
        json!({ "name": container, "ready": true, "restartCount": 0, "started": true,
            "image": format!("registry.example/{name}/{container}:1"),
            "state": { "running": { "startedAt": "2026-01-01T00:00:00Z" } } })
    };
    json!({
        "phase": "Running", "hostIP": "10.0.0.11", "podIP": "10.244.1.7", "qosClass": "Burstable",
        "startTime": "2026-01-01T00:00:00Z",
        "conditions": [{ "type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z" }],
        "containerStatuses": [container("app"), container("proxy")],
    })
}
