//! The policies that are written down.

use std::fmt;

use libtest_mimic::Failed;
use serde_json::{Map, Value, json};

/// A kind of policy, and where it is created.
pub struct PolicyKind {
    pub name: &'static str,
    version: &'static str,
    pub path: &'static str,
    text: &'static str,
    /// What a `spec` is completed with.
    spec: fn() -> Value,
}

pub static KINDS: [PolicyKind; 4] = [
    PolicyKind {
        name: "NetworkPolicy",
        version: "networking.k8s.io/v1",
        path: "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies",
        text: include_str!("corpus/network-policy.yaml"),
        spec: || json!({}),
    },
    PolicyKind {
        name: "AdminNetworkPolicy",
        version: "policy.networking.k8s.io/v1alpha1",
        path: "/apis/policy.networking.k8s.io/v1alpha1/adminnetworkpolicies",
        text: include_str!("corpus/admin.yaml"),
        spec: || json!({"priority": 5, "subject": {"namespaces": {}}}),
    },
    PolicyKind {
        name: "BaselineAdminNetworkPolicy",
        version: "policy.networking.k8s.io/v1alpha1",
        path: "/apis/policy.networking.k8s.io/v1alpha1/baselineadminnetworkpolicies",
        text: include_str!("corpus/baseline.yaml"),
        spec: || json!({"subject": {"namespaces": {}}}),
    },
    PolicyKind {
        name: "ClusterNetworkPolicy",
        version: "policy.networking.k8s.io/v1alpha2",
        path: "/apis/policy.networking.k8s.io/v1alpha2/clusternetworkpolicies",
        text: include_str!("corpus/cluster.yaml"),
        spec: || json!({"tier": "Admin", "priority": 5, "subject": {"namespaces": {}}}),
    },
];

/// One object to try.
pub struct Case {
    pub kind: &'static str,
    title: String,
    pub object: Value,
    /// What is written of it; None of what was broken at random.
    pub accepted: Option<bool>,
}

impl Case {
    /// A case without anything known of it.
    pub fn broken(of: &Self, title: String, object: Value) -> Self {
        Self { kind: of.kind, title, object, accepted: None }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let object: String = self.object.to_string().chars().take(2000).collect();
        write!(f, "{} `{}`: {object}", self.kind, self.title)
    }
}

/// All that is written down.
pub fn cases() -> Result<Vec<Case>, Failed> {
    let mut cases = Vec::new();
    for kind in &KINDS {
        let document = kuberlock_source::yaml::to_value(kind.text)
            .map_err(|error| format!("{}: {error:?}", kind.name))?;
        for (word, accepted) in [("accepted", true), ("refused", false)] {
            let written = document.get(word).and_then(Value::as_object);
            for (title, value) in written.into_iter().flatten() {
                cases.push(Case {
                    kind: kind.name,
                    title: title.clone(),
                    object: object(kind, expanded(value.clone())),
                    accepted: Some(accepted),
                });
            }
        }
    }
    Ok(cases)
}

/// The object of what is written: a `spec`, or all of it.
fn object(kind: &PolicyKind, written: Value) -> Value {
    let name = if kind.name == "BaselineAdminNetworkPolicy" { "default" } else { "a" };
    let mut object = json!({
        "apiVersion": kind.version, "kind": kind.name,
        "metadata": {"name": name}, "spec": (kind.spec)(),
    });
    let Some(own) = object.as_object_mut() else { return object };
    match written {
        Value::Object(written) if written.contains_key("metadata") => own.extend(written),
        Value::Object(mut written) => {
            let bare = written.remove("bare").is_some();
            let spec = own.get_mut("spec").and_then(Value::as_object_mut);
            if let Some(spec) = spec {
                if bare {
                    spec.clear();
                }
                spec.extend(written);
            }
        }
        other => {
            own.insert("spec".to_owned(), other);
        }
    }
    object
}

/// Writes out what is abbreviated.
fn expanded(value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut all = Vec::new();
            for item in items {
                match (times(&item, "$times"), item.get("$of")) {
                    (Some(times), Some(of)) => all.extend(vec![expanded(of.clone()); times]),
                    _ => all.push(expanded(item)),
                }
            }
            Value::Array(all)
        }
        Value::Object(map) => match times(&Value::Object(map.clone()), "$letters") {
            Some(letters) => "a".repeat(letters).into(),
            None => {
                let map = map.into_iter().map(|(key, value)| (key, expanded(value)));
                Value::Object(map.collect::<Map<_, _>>())
            }
        },
        other => other,
    }
}

fn times(item: &Value, key: &str) -> Option<usize> {
    item.get(key)?.as_u64()?.try_into().ok()
}
