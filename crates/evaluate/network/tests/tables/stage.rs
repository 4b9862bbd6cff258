//! Tables of what must hold, and the cluster they are asked of.
//!
//! Enters: manifests, as others would write them. Leaves: a cluster that changes step by step, and
//! what the engine and the reference say of it. Always holds: the engine is never made anew after the
//! first step, so that every step asks its way of taking changes in.

use kuberlock_model::network::Protocol;
use kuberlock_model::{Change, Cluster, Kind, ObjectKey, Origin};
use kuberlock_network::{Cni, Connection, Party, Verdict};
use kuberlock_source::convert::Converter;
use kuberlock_source::{Record, yaml};
use serde_json::Value;

use crate::engine::Engine;
use crate::reference::Reference;

/// The addresses that the pods have.
#[derive(Clone, Copy, Debug)]
pub enum Family {
    V4,
    V6,
}

impl Family {
    pub const BOTH: [Self; 2] = [Self::V4, Self::V6];

    /// The address of pod `pod` of namespace `namespace`, by number.
    pub fn address(self, namespace: usize, pod: usize) -> String {
        match self {
            Self::V4 => format!("10.244.{namespace}.{}", pod + 1),
            Self::V6 => format!("fd00:{namespace}::{}", pod + 1),
        }
    }

    /// The length of a block that holds one address.
    pub fn length(self) -> u8 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }
}

/// A cluster under a plugin, as it is after some steps.
pub struct Stage {
    cluster: Cluster,
    cni: Cni,
    engine: Engine,
}

impl Stage {
    /// The cluster of these manifests.
    pub fn new(cni: Cni, manifests: &[Value]) -> Self {
        let mut cluster = Cluster::default();
        for change in converted(manifests) {
            cluster.apply(change);
        }
        let engine = Engine::new(&cluster, cni);
        Self { cluster, cni, engine }
    }

    /// Applies manifests, and deletes objects.
    pub fn step(&mut self, manifests: &[Value], deleted: Vec<ObjectKey>) {
        let mut changes = converted(manifests);
        changes.extend(deleted.into_iter().map(Change::Delete));
        for change in &changes {
            self.cluster.apply(change.clone());
        }
        self.engine = self.engine.with(&changes);
    }

    /// What is wrong with either's answer.
    pub fn wrong(&self, connection: &Connection, expected: Verdict) -> Option<String> {
        let engine = self.engine.verdict(connection);
        let reference = Reference::new(&self.cluster, self.cni).verdict(connection);
        let Connection { from, to, protocol, port } = connection;
        (engine != Some(expected) || reference != Some(expected)).then(|| {
            format!(
                "{from} -> {to} {protocol} {port} under {}: the engine says {engine:?}, the reference \
                 {reference:?}, and {expected} is right",
                self.cni
            )
        })
    }
}

/// What a file of tables holds.
pub fn cases(text: &str) -> Vec<Value> {
    yaml::to_value(text).expect("a file of tables").as_array().expect("a list of cases").clone()
}

/// The items of a list; none where there is no list.
pub fn items<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value[key].as_array().into_iter().flatten()
}

/// The items of a list that are texts.
pub fn texts<'v>(value: &'v Value, key: &str) -> Vec<&'v str> {
    items(value, key).map(|item| item.as_str().expect("a text")).collect()
}

/// The entries of a mapping; none where there is no mapping.
pub fn entries<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = (&'v str, &'v Value)> {
    value[key].as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

/// `namespace/name`, apart.
pub fn apart(text: &str) -> (&str, &str) {
    text.split_once('/').expect("a namespace and a name")
}

pub fn pod(text: &str) -> Party {
    let (namespace, name) = apart(text);
    Party::pod(namespace, name)
}

pub fn protocol(word: &str) -> Protocol {
    Protocol::find(word).expect("a protocol")
}

/// `yes` or `no`.
pub fn verdict(word: &str) -> Verdict {
    match word {
        "yes" => Verdict::Allowed,
        "no" => Verdict::Denied,
        other => panic!("{other} is neither yes nor no"),
    }
}

pub fn network_policy(name: &str, spec: &Value) -> Value {
    let (namespace, name) = apart(name);
    serde_json::json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": { "namespace": namespace, "name": name },
        "spec": spec,
    })
}

/// The NetworkPolicies that a step deletes.
pub fn deleted(step: &Value) -> Vec<ObjectKey> {
    let key = |(namespace, name)| ObjectKey::new(Kind::NetworkPolicy, Some(namespace), name);
    texts(step, "delete").into_iter().map(apart).map(key).collect()
}

fn converted(manifests: &[Value]) -> Vec<Change> {
    let record =
        |object: &Value| Record::Object { object: object.clone(), origin: Origin::whole("tables") };
    let mut changes = Vec::new();
    let mut converter = Converter::default();
    converter.push(manifests.iter().map(record).collect(), &mut |change| changes.push(change));
    converter.finish(&mut |change| changes.push(change));
    for change in &changes {
        let is_meant = format!("{change:?}").contains("somethingNew");
        assert!(matches!(change, Change::Upsert(_)) || is_meant, "{change:?} is no object");
    }
    changes
}
