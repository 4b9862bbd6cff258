//! What the conformance tests of network-policy-api assert, in the spelling of either version: of
//! ClusterNetworkPolicy (v1alpha2, 289 connections) and of AdminNetworkPolicy and
//! BaselineAdminNetworkPolicy (v1alpha1, the same 289). A connection is one call that pokes a server.

use std::collections::BTreeMap;

use kuberlock_network::{Cni, Connection};
use serde_json::{Value, json};

use crate::stage::{self, Family, Stage, apart, entries, items, pod, protocol, texts, verdict};

const TABLES: &str = include_str!("conformance.yaml");

/// Each house, and the StatefulSet whose two pods live there.
const HOUSES: [(&str, &str); 5] = [
    ("gryffindor", "harry-potter"),
    ("slytherin", "draco-malfoy"),
    ("hufflepuff", "cedric-diggory"),
    ("ravenclaw", "luna-lovegood"),
    ("forbidden-forrest", "centaur"),
];

/// A version of the API.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Version {
    One,
    Two,
}

#[test]
fn cluster_network_policies_conform() {
    asked(Version::Two, &[Cni::Calico, Cni::Unknown]);
}

#[test]
fn admin_network_policies_conform() {
    asked(Version::One, &[Cni::OvnKubernetes, Cni::Antrea, Cni::Calico, Cni::Unknown]);
}

/// Asks every connection under each plugin, with addresses of either family.
fn asked(version: Version, plugins: &[Cni]) {
    let mut wrong = Vec::new();
    for cni in plugins {
        for family in Family::BOTH {
            let cases = stage::cases(TABLES);
            let asked: usize =
                cases.iter().map(|case| run(case, version, *cni, family, &mut wrong)).sum();
            assert_eq!(asked, 289);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Runs a case, and tells how many connections it asks.
fn run(case: &Value, version: Version, cni: Cni, family: Family, wrong: &mut Vec<String>) -> usize {
    let mut policies: BTreeMap<&str, Value> = BTreeMap::new();
    policies.extend(entries(case, "policies").map(|(name, policy)| (name, policy.clone())));
    let spelt = |policies: &BTreeMap<&str, Value>| -> Vec<Value> {
        policies.iter().map(|(name, policy)| manifest(version, name, policy, family)).collect()
    };
    let own = entries(case, "apply").map(|(name, spec)| stage::network_policy(name, spec));
    let manifests: Vec<Value> =
        houses(family).into_iter().chain(spelt(&policies)).chain(own).collect();
    let mut stage = Stage::new(cni, &manifests);
    let mut asked = 0;
    for step in items(case, "steps") {
        for (name, set) in entries(step, "set") {
            let policy = policies.get_mut(name).expect("a policy of the case");
            for (key, value) in set.as_object().expect("fields") {
                policy[key] = value.clone();
            }
        }
        stage.step(&spelt(&policies), stage::deleted(step));
        for line in texts(step, "expect") {
            asked += 1;
            let [from, "->", to, word, port, expected] = line.split(' ').collect::<Vec<_>>()[..]
            else {
                panic!("{line} is no connection");
            };
            let port = port.parse().expect("a port");
            let connection =
                Connection { from: pod(from), to: pod(to), protocol: protocol(word), port };
            let found = stage.wrong(&connection, verdict(expected));
            wrong.extend(found.map(|found| format!("{} ({version:?}): {found}", case["case"])));
        }
    }
    asked
}

/// Namespaces, two nodes, and two pods a house. Clients run on the first node; the pods of the
/// forest are on the second node's network.
fn houses(family: Family) -> Vec<Value> {
    let mut manifests = vec![node(0, family), node(1, family)];
    for (number, (house, set)) in HOUSES.into_iter().enumerate() {
        let labels = json!({ "conformance-house": house });
        manifests.push(json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": house, "labels": labels },
        }));
        let is_forest = set == "centaur";
        for replica in 0..2 {
            let address =
                if is_forest { node_address(1, family) } else { family.address(number, replica) };
            manifests.push(json!({
                "apiVersion": "v1", "kind": "Pod",
                "metadata": { "namespace": house, "name": format!("{set}-{replica}"), "labels": labels },
                "spec": {
                    "hostNetwork": is_forest,
                    "nodeName": if is_forest { "node-1" } else { "node-0" },
                    "containers": [{ "name": "server", "image": "server", "ports": [
                        { "name": "web", "containerPort": 80, "protocol": "TCP" },
                        { "name": "dns", "containerPort": 53, "protocol": "UDP" },
                    ] }],
                },
                "status": { "phase": "Running", "podIPs": [{ "ip": address }] },
            }));
        }
    }
    manifests
}

fn node(number: usize, family: Family) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": { "name": format!("node-{number}"), "labels": { "kubernetes.io/os": "linux" } },
        "status": { "addresses": [{ "type": "InternalIP", "address": node_address(number, family) }] },
    })
}

fn node_address(number: usize, family: Family) -> String {
    match family {
        Family::V4 => format!("192.168.1.{}", number + 1),
        Family::V6 => format!("fd01::{}", number + 1),
    }
}

/// A policy as a version spells it.
fn manifest(version: Version, name: &str, policy: &Value, family: Family) -> Value {
    let is_admin = policy["tier"] == "Admin";
    let mut spec =
        json!({ "subject": peer(policy["subject"].as_str().expect("a subject"), family) });
    for (way, peers) in [("ingress", "from"), ("egress", "to")] {
        let rules = texts(policy, way).into_iter();
        spec[way] = rules.map(|text| rule(version, peers, text, family)).collect();
    }
    if version == Version::Two {
        spec["tier"] = policy["tier"].clone();
    }
    if version == Version::Two || is_admin {
        spec["priority"] = policy["priority"].clone();
    }
    let (release, kind) = match (version, is_admin) {
        (Version::Two, _) => ("v1alpha2", "ClusterNetworkPolicy"),
        (Version::One, true) => ("v1alpha1", "AdminNetworkPolicy"),
        (Version::One, false) => ("v1alpha1", "BaselineAdminNetworkPolicy"),
    };
    json!({
        "apiVersion": format!("policy.networking.k8s.io/{release}"),
        "kind": kind, "metadata": { "name": name }, "spec": spec,
    })
}

/// A rule such as `accept pods:slytherin tcp/80`.
fn rule(version: Version, peers: &str, text: &str, family: Family) -> Value {
    let mut words = text.split(' ');
    let action = match (words.next().expect("an action"), version) {
        ("accept", Version::One) => "Allow",
        ("accept", Version::Two) => "Accept",
        ("deny", _) => "Deny",
        ("pass", _) => "Pass",
        (other, _) => panic!("{other} is no action"),
    };
    let is_port =
        |word: &&str| ["tcp/", "udp/", "sctp/", "named/"].iter().any(|p| word.starts_with(p));
    let (ports, whom): (Vec<&str>, Vec<&str>) = words.partition(is_port);
    let whom: Vec<Value> = whom.into_iter().map(|word| peer(word, family)).collect();
    let mut rule = json!({ "name": text, "action": action, peers: whom });
    if !ports.is_empty() {
        let field = if version == Version::One { "ports" } else { "protocols" };
        rule[field] = ports.into_iter().map(|word| port(version, word)).collect();
    }
    rule
}

/// A peer, or a subject.
fn peer(word: &str, family: Family) -> Value {
    let house = |house: &str| json!({ "matchLabels": { "conformance-house": house } });
    match word.split_once(':') {
        None => {
            json!({ "namespaces": { "matchLabels": { "kubernetes.io/metadata.name": word } } })
        }
        Some(("house", name)) => json!({ "namespaces": house(name) }),
        Some(("pods", name)) => {
            json!({ "pods": { "namespaceSelector": house(name), "podSelector": house(name) } })
        }
        Some(("nodes", os)) => json!({ "nodes": { "matchLabels": { "kubernetes.io/os": os } } }),
        Some(("net", block)) => json!({ "networks": [block] }),
        Some(("address", pod)) => {
            let (house, name) = apart(pod);
            let number = HOUSES.iter().position(|(name, _)| *name == house).expect("a house");
            let replica = if name.ends_with("-0") { 0 } else { 1 };
            let address = family.address(number, replica);
            json!({ "networks": [format!("{address}/{}", family.length())] })
        }
        Some(_) => panic!("{word} is no peer"),
    }
}

/// A port such as `tcp/80`, `udp/1-10` or `named/web`.
fn port(version: Version, word: &str) -> Value {
    let (protocol, number) = apart(word);
    let ends = number.split_once('-').map(|(first, last)| (first.parse(), last.parse()));
    let whole = |text: Result<u16, _>| text.expect("a port");
    let upper = protocol.to_uppercase();
    match (version, protocol, ends) {
        (Version::One, "named", _) => json!({ "namedPort": number }),
        (Version::Two, "named", _) => json!({ "destinationNamedPort": number }),
        (Version::One, _, Some((first, last))) => json!({
            "portRange": { "protocol": upper, "start": whole(first), "end": whole(last) },
        }),
        (Version::One, _, None) => {
            json!({ "portNumber": { "protocol": upper, "port": whole(number.parse()) } })
        }
        (Version::Two, _, Some((first, last))) => json!({
            protocol: { "destinationPort": { "range": { "start": whole(first), "end": whole(last) } } },
        }),
        (Version::Two, _, None) => {
            json!({ protocol: { "destinationPort": { "number": whole(number.parse()) } } })
        }
    }
}
