//! NetworkPolicies, made as the model has them and shown as the API does.

use std::collections::BTreeMap;

use kuberlock_model::network::{Direction, NetworkPolicy, Peer, PortMatch, Ports, Rule};
use kuberlock_model::selector::{LabelSelector, Requirement};
use kuberlock_model::{Kind, Metadata, Object, Origin};
use serde_json::{Map, Value, json};

use super::Manifest;

/// Metadata of what is proposed.
pub(super) fn metadata(namespace: Option<&str>, name: &str) -> Metadata {
    Metadata {
        name: name.to_owned(),
        namespace: namespace.map(str::to_owned),
        uid: None,
        labels: BTreeMap::new(),
        annotations: BTreeMap::new(),
        controller: None,
        origin: Origin::whole("proposal"),
    }
}

/// Selects these labels.
pub(super) fn selecting<'a>(
    labels: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> LabelSelector {
    let requirement =
        |(key, value): (&String, &String)| Requirement::In(key.clone(), vec![value.clone()]);
    let requirements: Vec<_> = labels.into_iter().map(requirement).collect();
    LabelSelector { labels: requirements.len(), requirements }
}

/// A policy that isolates `pods` in the directions of `rules`, and lets their rules through.
pub(super) fn manifest(
    namespace: &str,
    name: &str,
    pods: LabelSelector,
    rules: &[(Direction, Vec<Rule>)],
    why: Vec<String>,
) -> Manifest {
    let of = |direction: Direction| rules.iter().find(|(of, _)| *of == direction);
    let rules_of = |direction| of(direction).map(|(_, rules)| rules.clone()).unwrap_or_default();
    let policy = NetworkPolicy {
        kind: Kind::NetworkPolicy,
        metadata: metadata(Some(namespace), name),
        pods,
        ingress: of(Direction::Ingress).is_some(),
        egress: of(Direction::Egress).is_some(),
        ingress_rules: rules_of(Direction::Ingress).into(),
        egress_rules: rules_of(Direction::Egress).into(),
        networks: Box::default(),
    };
    Manifest { why, object: shown(&policy), model: Object::NetworkPolicy(policy) }
}

fn shown(policy: &NetworkPolicy) -> Value {
    let mut spec = Map::new();
    spec.insert("podSelector".to_owned(), selector(&policy.pods));
    let mut types = Vec::new();
    for direction in Direction::BOTH {
        if policy.isolates(direction) {
            types.push(if direction == Direction::Ingress { "Ingress" } else { "Egress" });
            let rules = policy.rules(direction).iter().map(|of| rule(of, direction.peers()));
            let rules: Vec<Value> = rules.collect();
            if !rules.is_empty() {
                spec.insert(direction.word().to_owned(), Value::Array(rules));
            }
        }
    }
    spec.insert("policyTypes".to_owned(), json!(types));
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {
            "name": policy.metadata.name,
            "namespace": policy.metadata.namespace,
        },
        "spec": spec,
    })
}

fn rule(rule: &Rule, peers: &str) -> Value {
    let mut shown = Map::new();
    if !rule.peers.is_empty() {
        shown.insert(peers.to_owned(), rule.peers.iter().map(peer).collect());
    }
    if !rule.ports.is_empty() {
        shown.insert("ports".to_owned(), rule.ports.iter().map(port).collect());
    }
    Value::Object(shown)
}

fn peer(peer: &Peer) -> Value {
    match peer {
        Peer::Pods { namespaces, pods } => {
            let mut shown = Map::new();
            if let Some(namespaces) = namespaces {
                shown.insert("namespaceSelector".to_owned(), selector(namespaces));
            }
            if let Some(pods) = pods {
                shown.insert("podSelector".to_owned(), selector(pods));
            }
            Value::Object(shown)
        }
        Peer::Block(block) => json!({ "ipBlock": { "cidr": block.cidr.to_string() } }),
    }
}

fn port(port: &PortMatch) -> Value {
    let protocol = port.protocol.unwrap_or_default().word();
    match &port.ports {
        Ports::All => json!({ "protocol": protocol }),
        Ports::Range(first, last) if first == last => {
            json!({ "protocol": protocol, "port": first })
        }
        Ports::Range(first, last) => {
            json!({ "protocol": protocol, "port": first, "endPort": last })
        }
        Ports::Named(name) => json!({ "protocol": protocol, "port": name }),
    }
}

/// Only labels with one value are made here; the rest is shown as the API spells it.
fn selector(selector: &LabelSelector) -> Value {
    let mut labels = Map::new();
    let mut expressions = Vec::new();
    for requirement in &selector.requirements {
        match requirement {
            Requirement::In(key, values) if values.len() == 1 => {
                labels.insert(key.clone(), values.first().map_or(Value::Null, |v| json!(v)));
            }
            Requirement::In(key, values) => {
                expressions.push(json!({ "key": key, "operator": "In", "values": values }));
            }
            Requirement::NotIn(key, values) => {
                expressions.push(json!({ "key": key, "operator": "NotIn", "values": values }));
            }
            Requirement::Exists(key) => {
                expressions.push(json!({ "key": key, "operator": "Exists" }));
            }
            Requirement::DoesNotExist(key) => {
                expressions.push(json!({ "key": key, "operator": "DoesNotExist" }));
            }
        }
    }
    let mut shown = Map::new();
    if !labels.is_empty() {
        shown.insert("matchLabels".to_owned(), Value::Object(labels));
    }
    if !expressions.is_empty() {
        shown.insert("matchExpressions".to_owned(), Value::Array(expressions));
    }
    Value::Object(shown)
}
