//! The model's objects as the API server would show them, and which of their fields the model
//! holds.
//!
//! Enters: an object. Leaves: its JSON, with the fields that the model holds. Always holds: a field
//! that [`not_held`] names may be in a real object though it is not in ours, so nothing may be
//! concluded from its absence. A service account in a role binding has a namespace here even where
//! the binding leaves its own to be understood.

mod held;
mod pod;

use std::collections::BTreeSet;

use kuberlock_model::network::NetworkPolicy;
use kuberlock_model::object::{Kind, Metadata, Node, Object, ServiceAccount};
use kuberlock_model::rbac::{Binding, PolicyRule, Principal, Role, RoleRef};
use serde_json::{Map, Value, json};

pub(crate) use held::not_held;

const RBAC: &str = "rbac.authorization.k8s.io";

/// The object's JSON.
pub(crate) fn object(object: &Object) -> Value {
    let kind = object.kind().names();
    let version = match kind.group {
        "" => kind.version.to_owned(),
        group => format!("{group}/{}", kind.version),
    };
    let mut map = match object {
        Object::Pod(pod) => pod::pod(pod),
        Object::Workload(workload) => pod::workload(workload),
        Object::ServiceAccount(account) => service_account(account),
        Object::Role(role) => self::role(role),
        Object::Binding(binding) => self::binding(binding),
        Object::NetworkPolicy(policy) => network_policy(policy),
        Object::Node(node) => self::node(node),
        Object::ConfigMap(map) => fields([("data", texts(&map.data))]),
        Object::Secret(secret) => fields([("type", Some(json!(secret.secret_type)))]),
        Object::Service(service) => {
            let selector = fields([("selector", texts(&service.selector))]);
            fields([("spec", Some(Value::Object(selector)))])
        }
        _ => Map::new(),
    };
    map.insert("apiVersion".to_owned(), json!(version));
    map.insert("kind".to_owned(), json!(kind.name));
    map.insert("metadata".to_owned(), metadata(object.metadata()));
    Value::Object(map)
}

/// A map of the fields that are there.
fn fields<const N: usize>(all: [(&str, Option<Value>); N]) -> Map<String, Value> {
    let there = all.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    there.collect()
}

/// A map of texts; an empty one is left out, as the API server does.
fn texts(map: &std::collections::BTreeMap<String, String>) -> Option<Value> {
    (!map.is_empty()).then(|| json!(map))
}

/// A list; an empty one is left out.
fn list<T: Into<Value> + Clone>(all: &[T]) -> Option<Value> {
    (!all.is_empty()).then(|| Value::Array(all.iter().cloned().map(Into::into).collect()))
}

fn metadata(metadata: &Metadata) -> Value {
    Value::Object(fields([
        ("annotations", texts(&metadata.annotations)),
        ("labels", texts(&metadata.labels)),
        ("name", Some(json!(metadata.name))),
        ("namespace", metadata.namespace.as_ref().map(|name| json!(name))),
        ("uid", metadata.uid.as_ref().map(|uid| json!(uid))),
    ]))
}

fn service_account(account: &ServiceAccount) -> Map<String, Value> {
    fields([("automountServiceAccountToken", account.automount_token.map(Value::from))])
}

fn node(node: &Node) -> Map<String, Value> {
    let info = fields([
        ("kubeletVersion", node.kubelet_version.as_ref().map(|text| json!(text))),
        ("osImage", node.os_image.as_ref().map(|text| json!(text))),
    ]);
    fields([("status", Some(json!({ "nodeInfo": info })))])
}

fn role(role: &Role) -> Map<String, Value> {
    let rules = match role.rules.as_slice() {
        [] => Value::Null,
        rules => Value::Array(rules.iter().map(rule).collect()),
    };
    fields([("rules", Some(rules))])
}

fn rule(rule: &PolicyRule) -> Value {
    Value::Object(fields([
        ("apiGroups", list(&rule.api_groups)),
        ("nonResourceURLs", list(&rule.non_resource_urls)),
        ("resourceNames", list(&rule.resource_names)),
        ("resources", list(&rule.resources)),
        ("verbs", Some(json!(rule.verbs))),
    ]))
}

fn binding(binding: &Binding) -> Map<String, Value> {
    let (kind, name) = match &binding.role {
        RoleRef::Role(name) => ("Role", name),
        RoleRef::ClusterRole(name) => ("ClusterRole", name),
    };
    let subjects: Vec<Value> = binding.subjects.iter().map(subject).collect();
    fields([
        ("roleRef", Some(json!({ "apiGroup": RBAC, "kind": kind, "name": name }))),
        ("subjects", list(&subjects)),
    ])
}

fn subject(subject: &Principal) -> Value {
    match subject {
        Principal::User { name } => json!({ "apiGroup": RBAC, "kind": "User", "name": name }),
        Principal::Group { name } => json!({ "apiGroup": RBAC, "kind": "Group", "name": name }),
        Principal::ServiceAccount { namespace, name } if namespace.is_empty() => {
            json!({ "kind": "ServiceAccount", "name": name })
        }
        Principal::ServiceAccount { namespace, name } => {
            json!({ "kind": "ServiceAccount", "name": name, "namespace": namespace })
        }
    }
}

fn network_policy(policy: &NetworkPolicy) -> Map<String, Value> {
    let directions = [("Ingress", policy.ingress), ("Egress", policy.egress)];
    let types: Vec<&str> = directions.into_iter().filter(|(_, is)| *is).map(|(of, _)| of).collect();
    fields([("spec", Some(json!({ "policyTypes": types })))])
}

/// The kinds of the objects in a text that [`object`] and a list around it made.
pub(crate) fn kinds_in(text: &str) -> BTreeSet<Kind> {
    let values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let mut kinds = BTreeSet::new();
    for value in values.map_while(Result::ok) {
        let items = value.get("items").and_then(Value::as_array);
        let objects = items.map_or(std::slice::from_ref(&value), Vec::as_slice);
        kinds.extend(objects.iter().filter_map(kind_of));
    }
    kinds
}

fn kind_of(object: &Value) -> Option<Kind> {
    let group = object.get("apiVersion")?.as_str()?.rsplit_once('/').map_or("", |(group, _)| group);
    Kind::find(group, object.get("kind")?.as_str()?)
}
