//! Policies broken at random, the same with the same seed.

use kuberlock_conformance::Chance;
use serde_json::{Value, json};

use crate::corpus::{Case, KINDS};

const WORDS: [&str; 40] = [
    "",
    " ",
    "a",
    "A",
    "a b",
    "-a",
    "a.b/c",
    "a/b/c",
    "TCP",
    "UDP",
    "SCTP",
    "tcp",
    "ICMP",
    "http",
    "80",
    "a--b",
    "In",
    "NotIn",
    "Exists",
    "DoesNotExist",
    "in",
    "Ingress",
    "Egress",
    "Both",
    "Allow",
    "Accept",
    "Deny",
    "Pass",
    "Admin",
    "10.0.0.0/8",
    "10.0.0.1/8",
    "10.1.0.0/16",
    "010.0.0.0/8",
    "2001:db8::/32",
    "::ffff:10.0.0.0/104",
    "10.0.0.0",
    "0.0.0.0/0",
    "*.a.b",
    "a.b",
    "é",
];
const NUMBERS: [f64; 4] = [1.5, 80.0, -0.5, 70_000.5];
const WHOLE: [i64; 11] = [0, 1, -1, 80, 443, 1000, 1001, 65_535, 65_536, 5_000_000_000, i64::MAX];
const KEYS: [&str; 36] = [
    "podSelector",
    "namespaceSelector",
    "ipBlock",
    "cidr",
    "except",
    "ports",
    "port",
    "endPort",
    "protocol",
    "from",
    "to",
    "ingress",
    "egress",
    "policyTypes",
    "matchLabels",
    "matchExpressions",
    "key",
    "operator",
    "values",
    "namespaces",
    "pods",
    "nodes",
    "networks",
    "domainNames",
    "subject",
    "priority",
    "tier",
    "action",
    "name",
    "protocols",
    "portNumber",
    "portRange",
    "namedPort",
    "destinationNamedPort",
    "unknown",
    "tcp",
];

/// Changes policies that the server takes in up to three places.
pub fn broken(written: &[Case], count: usize, chance: &mut Chance) -> Vec<Case> {
    let right: Vec<&Case> = written
        .iter()
        // A list of hundreds drowns every other change.
        .filter(|case| case.accepted == Some(true) && case.object.to_string().len() < 2000)
        .collect();
    let mut broken = Vec::with_capacity(count);
    while broken.len() < count {
        // As many of each kind, however many of it are written down.
        let kind = chance.one(&KINDS).map_or("", |kind| kind.name);
        let of_kind: Vec<&&Case> = right.iter().filter(|case| case.kind == kind).collect();
        let Some(case) = chance.one(&of_kind) else { continue };
        let mut object = case.object.clone();
        let spec = object.get("spec").cloned().unwrap_or_default();
        let mut spec = if chance.once_in(3) { spec } else { grown(spec, kind, chance) };
        for _ in 0..=chance.below(3) {
            change(&mut spec, chance);
        }
        if let Some(map) = object.as_object_mut() {
            map.insert("spec".to_owned(), spec);
            if chance.once_in(8) {
                map.insert("metadata".to_owned(), metadata(kind, chance));
            }
        }
        let title = format!("broken {}", broken.len());
        broken.push(Case::broken(case, title, object));
    }
    broken
}

/// Metadata with something of everything, and one thing changed.
fn metadata(kind: &str, chance: &mut Chance) -> Value {
    let name = if kind == "BaselineAdminNetworkPolicy" { "default" } else { "a" };
    let mut metadata = json!({
        "name": name, "labels": {"a": "b", "c.d/e": ""}, "annotations": {"a": "b"},
        "finalizers": ["a.b/c", "orphan"],
        "ownerReferences": [
            {"apiVersion": "apps/v1", "kind": "Deployment", "name": "a", "uid": "u", "controller": true},
            {"apiVersion": "v1", "kind": "Pod", "name": "b", "uid": "v"},
        ],
    });
    change(&mut metadata, chance);
    metadata
}

/// A spec with a rule that has something of everything, so that there is something to break.
fn grown(mut spec: Value, kind: &str, chance: &mut Chance) -> Value {
    let selector = json!({"matchLabels": {"a": "b"},
        "matchExpressions": [{"key": "c", "operator": "In", "values": ["d", "e"]}]});
    let action = if kind == "ClusterNetworkPolicy" { "Accept" } else { "Allow" };
    let pods = json!({"namespaceSelector": selector, "podSelector": {}});
    let network = json!({"networks": ["10.0.0.0/8", "2001:db8::/32"]});
    let names = json!({"domainNames": ["a.b", "*.c.d"]});
    let mut to = vec![json!({"namespaces": selector}), json!({"pods": pods}), network];
    if kind != "BaselineAdminNetworkPolicy" {
        to.push(names);
    }
    let (direction, rule) = match (kind, chance.once_in(2)) {
        ("NetworkPolicy", is_out) => {
            let peers = json!([{"podSelector": selector, "namespaceSelector": {}},
                {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16", "10.2.0.0/16"]}}]);
            let ports = json!([{"port": 80, "endPort": 90, "protocol": "TCP"}, {"port": "http"}]);
            if is_out {
                ("egress", json!({"to": peers, "ports": ports}))
            } else {
                ("ingress", json!({"from": peers, "ports": ports}))
            }
        }
        ("ClusterNetworkPolicy", is_out) => {
            let protocols = json!([{"tcp": {"destinationPort": {"number": 80}}},
                {"udp": {"destinationPort": {"range": {"start": 1, "end": 9}}}}]);
            tiered(is_out, action, to, "protocols", &protocols)
        }
        (_, is_out) => {
            let ports = json!([{"portNumber": {"port": 80, "protocol": "UDP"}},
                {"portRange": {"start": 1, "end": 9}}]);
            tiered(is_out, action, to, "ports", &ports)
        }
    };
    if let Some(map) = spec.as_object_mut() {
        map.insert(direction.to_owned(), json!([rule]));
    }
    spec
}

fn tiered(
    is_out: bool,
    action: &str,
    mut to: Vec<Value>,
    key: &str,
    ports: &Value,
) -> (&'static str, Value) {
    if is_out {
        return ("egress", json!({"action": action, "name": "a", "to": to, key: ports}));
    }
    to.truncate(2);
    ("ingress", json!({"action": action, "name": "a", "from": to, key: ports}))
}

/// Changes one value somewhere within.
fn change(value: &mut Value, chance: &mut Chance) {
    let inner = match value {
        Value::Object(map) => map.len(),
        Value::Array(items) => items.len(),
        _ => 0,
    };
    if inner == 0 || chance.once_in(6) {
        return here(value, chance);
    }
    let at = chance.below(inner);
    let next = match value {
        Value::Object(map) => map.values_mut().nth(at),
        Value::Array(items) => items.get_mut(at),
        _ => None,
    };
    if let Some(next) = next {
        change(next, chance);
    }
}

fn here(value: &mut Value, chance: &mut Chance) {
    let key = chance.word(&KEYS);
    let new = any(chance);
    match value {
        Value::Object(map) if !chance.once_in(5) => {
            let old = map.keys().nth(chance.below(map.len())).cloned();
            match (chance.below(3), old) {
                (0, Some(old)) => drop(map.remove(&old)),
                (1, Some(old)) => {
                    let moved = map.remove(&old).unwrap_or_default();
                    map.insert(key, moved);
                }
                _ => drop(map.insert(key, new)),
            }
        }
        Value::Array(items) if !chance.once_in(5) => {
            let at = chance.below(items.len());
            match (chance.below(3), items.get(at).cloned()) {
                (0, Some(_)) => drop(items.remove(at)),
                (1, Some(item)) => items.insert(at, item),
                _ => items.push(new),
            }
        }
        _ => *value = new,
    }
}

fn any(chance: &mut Chance) -> Value {
    match chance.below(10) {
        0 => Value::Null,
        1 => json!(chance.once_in(2)),
        2 => json!({}),
        3 => json!([]),
        4 => chance.one(&NUMBERS).copied().into(),
        5 | 6 => chance.one(&WHOLE).copied().into(),
        _ => chance.word(&WORDS).into(),
    }
}
