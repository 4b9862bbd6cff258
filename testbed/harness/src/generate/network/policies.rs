//! Policies, as teams write them: a default denial in half of the namespaces, then rules for their
//! own apps, for other teams, for DNS and monitoring, and for what is outside.

use serde_json::{Value, json};

use super::super::drawn;
use super::NetworkSize;
use super::pods::{TEAMS, TIERS, app, namespace, team};

/// The file of a snapshot that holds them.
const FILE: &str = "networkpolicies.networking.k8s.io.jsonl";

pub(super) fn put(size: NetworkSize, put: &mut dyn FnMut(&'static str, &Value)) {
    let namespaces = size.namespaces.max(1);
    for number in 0..size.policies {
        let spec = if size.is_adversarial {
            every_pod_apart(size, number)
        } else {
            ordinary(size, number % namespaces, number / namespaces)
        };
        put(FILE, &policy(number % namespaces, number / namespaces, &spec));
    }
    put("clusternetworkpolicies.policy.networking.k8s.io.jsonl", &no_metadata_service());
    put("clusternetworkpolicies.policy.networking.k8s.io.jsonl", &monitoring());
}

fn policy(of: usize, number: usize, spec: &Value) -> Value {
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": { "name": format!("policy-{number}"), "namespace": namespace(of) },
        "spec": spec,
    })
}

/// The policy `number` of the namespace `of`.
fn ordinary(size: NetworkSize, of: usize, number: usize) -> Value {
    let own = |tier: &str| json!({ "podSelector": { "matchLabels": { "tier": tier } } });
    let of_team = |team: &str| json!({ "namespaceSelector": { "matchLabels": { "team": team } } });
    let tier = size.choice(&TIERS, "tier", of * 31 + number);
    let from = |peers: Value, ports: Value| {
        json!({ "podSelector": { "matchLabels": { "tier": tier } }, "policyTypes": ["Ingress"],
                "ingress": [{ "from": peers, "ports": ports }] })
    };
    let to = |peers: Value, ports: Value| {
        json!({ "podSelector": { "matchLabels": { "tier": tier } }, "policyTypes": ["Egress"],
                "egress": [{ "to": peers, "ports": ports }] })
    };
    // The first policy of every other namespace denies what no other one allows.
    if number == 0 && of.is_multiple_of(2) {
        let types =
            if of.is_multiple_of(4) { json!(["Ingress", "Egress"]) } else { json!(["Ingress"]) };
        return json!({ "podSelector": {}, "policyTypes": types });
    }
    let other = (drawn(size.seed, "team", of * 31 + number) % TEAMS as u64) as usize;
    match drawn(size.seed, "kind", of * 31 + number) % 6 {
        0 => from(json!([own("web"), own("api")]), json!([{ "port": "http" }])),
        1 => from(json!([of_team(&team(other))]), json!([{ "port": "http" }, { "port": 8443 }])),
        2 => {
            let app = app(number);
            json!({ "podSelector": { "matchLabels": { "app": app } }, "policyTypes": ["Ingress"],
                    "ingress": [{ "from": [{ "podSelector": {} }] }] })
        }
        3 => to(
            json!([{ "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": namespace(0) } } }]),
            json!([{ "port": 53, "protocol": "UDP" }, { "port": 53, "protocol": "TCP" }]),
        ),
        4 => to(
            json!([{ "ipBlock": { "cidr": "0.0.0.0/0",
                                  "except": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] } },
                   { "ipBlock": { "cidr": format!("203.0.{}.0/24", other) } }]),
            json!([{ "port": 443 }]),
        ),
        _ => from(
            json!([{ "namespaceSelector": { "matchExpressions": [
                        { "key": "environment", "operator": "NotIn", "values": ["dev"] }] },
                     "podSelector": { "matchLabels": { "tier": "web" } } }]),
            json!([{ "port": 8000, "endPort": 8100 }]),
        ),
    }
}

/// A policy that lets a few pods in, each at a port of its own: all policies together name every pod
/// once.
fn every_pod_apart(size: NetworkSize, number: usize) -> Value {
    let count = size.pods.div_ceil(size.policies.max(1));
    let rules = (number * count..(number + 1) * count).map(|instance| {
        json!({
            "from": [{ "namespaceSelector": {},
                       "podSelector": { "matchLabels": { "instance": instance.to_string() } } }],
            "ports": [{ "port": 1 + instance % 60_000 }],
        })
    });
    json!({ "podSelector": {}, "policyTypes": ["Ingress"], "ingress": rules.collect::<Vec<_>>() })
}

fn no_metadata_service() -> Value {
    json!({
        "apiVersion": "policy.networking.k8s.io/v1alpha2", "kind": "ClusterNetworkPolicy",
        "metadata": { "name": "no-metadata-service" },
        "spec": { "tier": "Admin", "priority": 10, "subject": { "namespaces": {} }, "egress": [
            { "name": "deny", "action": "Deny", "to": [{ "networks": ["169.254.169.254/32"] }] },
        ] },
    })
}

fn monitoring() -> Value {
    json!({
        "apiVersion": "policy.networking.k8s.io/v1alpha2", "kind": "ClusterNetworkPolicy",
        "metadata": { "name": "monitoring" },
        "spec": { "tier": "Admin", "priority": 20, "subject": { "namespaces": {} }, "ingress": [
            { "name": "metrics", "action": "Accept",
              "from": [{ "namespaces": { "matchLabels": { "kubernetes.io/metadata.name": namespace(0) } } }],
              "protocols": [{ "destinationNamedPort": "metrics" }] },
        ] },
    })
}
