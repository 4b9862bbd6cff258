//! The types of what the API server decodes into types of its own.

use kuberlock_model::Timestamp;
use serde_json::Value;

use super::fault::{At, FaultKind, Faults, quoted};

/// A type. `null` is the absence of a value, whatever the type.
pub(super) enum Shape {
    Text,
    /// A whole number of 32 bits, written without a point.
    Int32,
    /// One of 64 bits.
    Int64,
    Bool,
    Time,
    /// A name or a number of 32 bits.
    TextOrInt,
    /// A mapping of texts.
    Texts,
    /// Whatever it is, nothing is made of it.
    Any,
    List(&'static Shape),
    /// A mapping of these fields; others are read past.
    Object(&'static [(&'static str, Shape)]),
}

const SELECTOR: Shape = Shape::Object(&[
    ("matchLabels", Shape::Texts),
    (
        "matchExpressions",
        Shape::List(&Shape::Object(&[
            ("key", Shape::Text),
            ("operator", Shape::Text),
            ("values", Shape::List(&Shape::Text)),
        ])),
    ),
]);

const PORTS: Shape = Shape::List(&Shape::Object(&[
    ("protocol", Shape::Text),
    ("port", Shape::TextOrInt),
    ("endPort", Shape::Int32),
]));

const PEERS: Shape = Shape::List(&Shape::Object(&[
    ("podSelector", SELECTOR),
    ("namespaceSelector", SELECTOR),
    ("ipBlock", Shape::Object(&[("cidr", Shape::Text), ("except", Shape::List(&Shape::Text))])),
]));

const OWNERS: Shape = Shape::List(&Shape::Object(&[
    ("apiVersion", Shape::Text),
    ("kind", Shape::Text),
    ("name", Shape::Text),
    ("uid", Shape::Text),
    ("controller", Shape::Bool),
    ("blockOwnerDeletion", Shape::Bool),
]));

const METADATA: Shape = Shape::Object(&[
    ("name", Shape::Text),
    ("generateName", Shape::Text),
    ("namespace", Shape::Text),
    ("selfLink", Shape::Text),
    ("uid", Shape::Text),
    ("resourceVersion", Shape::Text),
    ("generation", Shape::Int64),
    ("creationTimestamp", Shape::Time),
    ("deletionTimestamp", Shape::Time),
    ("deletionGracePeriodSeconds", Shape::Int64),
    ("labels", Shape::Texts),
    ("annotations", Shape::Texts),
    ("ownerReferences", OWNERS),
    ("finalizers", Shape::List(&Shape::Text)),
    ("managedFields", Shape::List(&Shape::Any)),
]);

/// The `spec` of a NetworkPolicy.
pub(super) const SPEC: Shape = Shape::Object(&[
    ("podSelector", SELECTOR),
    ("ingress", Shape::List(&Shape::Object(&[("from", PEERS), ("ports", PORTS)]))),
    ("egress", Shape::List(&Shape::Object(&[("to", PEERS), ("ports", PORTS)]))),
    ("policyTypes", Shape::List(&Shape::Text)),
]);

/// A NetworkPolicy.
pub(super) static NETWORK_POLICY: Shape = Shape::Object(&[("metadata", METADATA), ("spec", SPEC)]);

/// What every custom resource has.
pub(super) static CUSTOM: Shape = Shape::Object(&[("metadata", METADATA)]);

/// The faults of a value of the type.
pub(super) fn check(value: &Value, shape: &Shape, at: &At<'_>, faults: &mut Faults) {
    let fits = match (shape, value) {
        (_, Value::Null)
        | (Shape::Any, _)
        | (Shape::Text | Shape::TextOrInt, Value::String(_))
        | (Shape::Bool, Value::Bool(_)) => true,
        (Shape::Int32 | Shape::TextOrInt, Value::Number(number)) => {
            number.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
        }
        (Shape::Int64, Value::Number(number)) => number.is_i64(),
        (Shape::Time, Value::String(text)) => text.parse::<Timestamp>().is_ok(),
        (Shape::Texts, Value::Object(map)) => {
            for (key, value) in map {
                check(value, &Shape::Text, &at.key(key), faults);
            }
            true
        }
        (Shape::List(of), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                check(item, of, &at.index(index), faults);
            }
            true
        }
        (Shape::Object(fields), Value::Object(map)) => {
            for (name, shape) in *fields {
                if let Some(value) = map.get(*name) {
                    check(value, shape, &at.key(name), faults);
                }
            }
            true
        }
        _ => false,
    };
    if !fits {
        let reason = format!("{} where {} belongs", found(value), wanted(shape));
        faults.push(at, FaultKind::Undecodable, reason);
    }
}

fn wanted(shape: &Shape) -> &'static str {
    match shape {
        Shape::Text => "a text",
        Shape::Int32 => "a whole number of 32 bits",
        Shape::Int64 => "a whole number",
        Shape::Bool => "true or false",
        Shape::Time => "a time",
        Shape::TextOrInt => "a name or a whole number of 32 bits",
        Shape::Texts | Shape::Object(_) => "a mapping",
        Shape::List(_) => "a list",
        Shape::Any => "anything",
    }
}

/// What a value is, in words.
pub(super) fn found(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => format!("the number {number}"),
        Value::String(text) => format!("the text {}", quoted(text)),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
    }
}
