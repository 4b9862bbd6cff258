//! Workloads of a made-up cluster: Deployments of ten pods, twenty to a namespace, every seventh
//! with a privileged init container, every third namespace with a network policy.

use std::io;

use serde_json::{Value, json};

use super::lines::Lines;
use super::{Size, nodes};

/// Pods of one workload.
const REPLICAS: usize = 10;
/// Workloads of one namespace.
const WORKLOADS: usize = 20;

/// How many namespaces there are.
pub(super) fn namespaces(size: Size) -> usize {
    workloads(size).div_ceil(WORKLOADS)
}

/// How many workloads there are.
pub(super) fn workloads(size: Size) -> usize {
    size.pods.div_ceil(REPLICAS)
}

/// The namespace and the name of the workload `number`.
pub(super) fn workload(number: usize) -> (String, String) {
    (namespace(number / WORKLOADS), format!("app-{number:05}"))
}

/// The name of the namespace `number`.
pub(super) fn namespace(number: usize) -> String {
    format!("team-{number:04}")
}

/// Writes namespaces, network policies, service accounts, Deployments, ReplicaSets and pods.
pub(super) fn write(size: Size, lines: &mut Lines) -> io::Result<()> {
    for number in 0..namespaces(size) {
        write_namespace(number, lines)?;
    }
    for number in 0..workloads(size) {
        write_workload(size, number, lines)?;
    }
    Ok(())
}

fn write_namespace(number: usize, lines: &mut Lines) -> io::Result<()> {
    let name = namespace(number);
    let object = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
    lines.line("namespaces.jsonl", &object)?;
    if number.is_multiple_of(3) {
        let policy = json!({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": { "name": "default-deny", "namespace": name },
            "spec": { "podSelector": {}, "policyTypes": ["Ingress"] },
        });
        lines.line("networkpolicies.networking.k8s.io.jsonl", &policy)?;
    }
    Ok(())
}

fn write_workload(size: Size, number: usize, lines: &mut Lines) -> io::Result<()> {
    let (namespace, name) = workload(number);
    let pods = REPLICAS.min(size.pods - number * REPLICAS);
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
    let account = json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": name, "namespace": namespace } });
    lines.line("serviceaccounts.jsonl", &account)?;
    lines.line("deployments.apps.jsonl", &made("Deployment", &name, json!([])))?;
    lines.line("replicasets.apps.jsonl", &made("ReplicaSet", &set, owner("Deployment", &name)))?;
    for replica in 0..pods {
        let mut spec = spec.clone();
        put(&mut spec, "nodeName", json!(nodes::of_pod(size, number * 7 + replica)));
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
        lines.line("pods.jsonl", &pod)?;
    }
    Ok(())
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

/// Sets `key` of an object.
pub(super) fn put(object: &mut Value, key: &str, value: Value) {
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
