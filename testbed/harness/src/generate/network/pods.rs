//! Namespaces, nodes, workloads and pods.

use super::super::workloads::put as put_field;
use serde_json::{Value, json};

use super::NetworkSize;

/// Pods that one node runs.
const PODS_OF_NODE: usize = 30;
/// One pod of so many is on its node's network.
const ON_HOST_NETWORK: u64 = 100;
/// What a workload is for; rules go by it.
pub(super) const TIERS: [&str; 4] = ["web", "api", "worker", "db"];
/// Teams that namespaces are labelled with.
pub(super) const TEAMS: usize = 25;

/// The name of the namespace `number`.
pub(super) fn namespace(number: usize) -> String {
    format!("ns-{number:04}")
}

/// The team of the namespace `number`.
pub(super) fn team(number: usize) -> String {
    format!("team-{:02}", number % TEAMS)
}

fn tier(number: usize) -> Option<&'static str> {
    TIERS.get(number % TIERS.len()).copied()
}

/// A workload: where it is, what it is for, and its first pod.
#[derive(Clone, Copy)]
struct Workload {
    number: usize,
    namespace: usize,
    first: usize,
    pods: usize,
    is_stateful: bool,
}

/// The name of the app of the workload `number` of its namespace.
pub(super) fn app(number: usize) -> String {
    format!("app-{number:03}")
}

pub(super) fn put(size: NetworkSize, put: &mut dyn FnMut(&'static str, &Value)) {
    for number in 0..size.namespaces {
        let environment = size.choice(&["prod", "stage", "dev"], "environment", number);
        put(
            "namespaces.jsonl",
            &json!({
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": { "name": namespace(number), "labels": {
                    "kubernetes.io/metadata.name": namespace(number),
                    "team": team(number), "environment": environment,
                } },
            }),
        );
    }
    for number in 0..size.pods.div_ceil(PODS_OF_NODE) {
        put(
            "nodes.jsonl",
            &json!({
                "apiVersion": "v1", "kind": "Node",
                "metadata": { "name": node(number), "labels": { "kubernetes.io/os": "linux" } },
                "status": { "addresses": [{ "type": "InternalIP", "address": node_address(number) }] },
            }),
        );
    }
    let (mut first, mut number) = (0, 0);
    while first < size.pods {
        // Workloads go round the namespaces, so that each has about as many.
        let is_stateful = size.is_one_of(5, "stateful", number);
        let pods = if is_stateful { 3 } else { 4 }.min(size.pods - first);
        let namespace = number % size.namespaces.max(1);
        put_workload(size, Workload { number, namespace, first, pods, is_stateful }, put);
        first += pods;
        number += 1;
    }
}

fn put_workload(size: NetworkSize, workload: Workload, put: &mut dyn FnMut(&'static str, &Value)) {
    let Workload { number, first, pods, is_stateful, .. } = workload;
    let (namespace, app) = (namespace(workload.namespace), app(number / size.namespaces.max(1)));
    let name = format!("{app}-{number}");
    let set = format!("{name}-7d4f8b6c9d");
    let labels = json!({ "app": app, "tier": tier(number) });
    let spec = json!({ "containers": [
        { "name": "app", "image": format!("registry.example/{app}:1"), "ports": [
            { "name": "http", "containerPort": 8000 + number % 3, "protocol": "TCP" },
            { "name": "metrics", "containerPort": 9090, "protocol": "TCP" },
        ] },
    ] });
    let made = |kind: &str, name: &str, owner: Value| {
        json!({
            "apiVersion": "apps/v1", "kind": kind,
            "metadata": { "name": name, "namespace": namespace, "ownerReferences": owner },
            "spec": {
                "replicas": pods, "selector": { "matchLabels": labels },
                "template": { "metadata": { "labels": labels }, "spec": spec },
            },
        })
    };
    let owner = |kind: &str, name: &str| json!([{ "apiVersion": "apps/v1", "kind": kind, "name": name, "uid": "0", "controller": true }]);
    let owner_of_pods = if is_stateful {
        put("statefulsets.apps.jsonl", &made("StatefulSet", &name, json!([])));
        owner("StatefulSet", &name)
    } else {
        put("deployments.apps.jsonl", &made("Deployment", &name, json!([])));
        put("replicasets.apps.jsonl", &made("ReplicaSet", &set, owner("Deployment", &name)));
        owner("ReplicaSet", &set)
    };
    for replica in 0..pods {
        let pod = if is_stateful {
            format!("{name}-{replica}")
        } else {
            format!("{set}-{:05}", first + replica)
        };
        let labels = labels_of_pod(size, &workload, &labels, &pod, replica);
        let metadata = json!({ "name": pod, "namespace": namespace, "labels": labels,
                               "ownerReferences": owner_of_pods });
        put("pods.jsonl", &running(size, first + replica, &metadata, spec.clone()));
    }
}

/// What a pod has beside its workload's labels.
fn labels_of_pod(
    size: NetworkSize,
    workload: &Workload,
    of_workload: &Value,
    pod: &str,
    replica: usize,
) -> Value {
    let mut labels = of_workload.clone();
    if workload.is_stateful {
        put_field(&mut labels, "statefulset.kubernetes.io/pod-name", json!(pod));
        put_field(&mut labels, "apps.kubernetes.io/pod-index", json!(replica.to_string()));
    } else {
        put_field(&mut labels, "pod-template-hash", json!("7d4f8b6c9d"));
    }
    if size.is_adversarial {
        put_field(&mut labels, "instance", json!((workload.first + replica).to_string()));
    }
    labels
}

/// The pod `number`, on its node.
fn running(size: NetworkSize, number: usize, metadata: &Value, mut spec: Value) -> Value {
    let of_node = number % size.pods.div_ceil(PODS_OF_NODE).max(1);
    let host_network = size.is_one_of(ON_HOST_NETWORK, "host network", number);
    let address = if host_network { node_address(of_node) } else { address(number) };
    put_field(&mut spec, "nodeName", json!(node(of_node)));
    if host_network {
        put_field(&mut spec, "hostNetwork", json!(true));
    }
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec,
        "status": { "phase": "Running", "podIPs": [{ "ip": address }] },
    })
}

fn node(number: usize) -> String {
    format!("node-{number:04}")
}

fn node_address(number: usize) -> String {
    format!("192.168.{}.{}", number / 250, number % 250 + 1)
}

fn address(number: usize) -> String {
    format!("10.{}.{}.{}", 64 + number / 62_500, number / 250 % 250, number % 250 + 1)
}
