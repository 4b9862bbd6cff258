//! Fields that a kind does not have: the API server drops them, and says so.

use std::collections::BTreeSet;

use serde_json::Value;

use super::schema::{self, Fields};
use super::tiered::{self, Channel};
use super::typed;

/// The unknown fields of a network policy, indexes of lists left out; None where its kind or version
/// is not known here.
pub(crate) fn fields(object: &Value) -> Option<BTreeSet<String>> {
    let of = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
    let mut unknown = BTreeSet::new();
    match (of("apiVersion"), of("kind")) {
        ("networking.k8s.io/v1", "NetworkPolicy") => {
            root(object, &mut unknown);
            of_type(object, &typed::NETWORK_POLICY, "", &mut unknown);
        }
        (version, kind) => {
            let schema = tiered::schema(version, kind, Channel::Experimental)?;
            root(object, &mut unknown);
            of_type(object, &typed::CUSTOM, "", &mut unknown);
            if let Some(spec) = object.get("spec") {
                of_fields(spec, schema, "spec", &mut unknown);
            }
        }
    }
    Some(unknown)
}

/// A status is not asked for: it is the server's own writing.
fn root(object: &Value, unknown: &mut BTreeSet<String>) {
    let known = ["apiVersion", "kind", "metadata", "spec", "status"];
    let keys = object.as_object().into_iter().flat_map(|map| map.keys());
    unknown.extend(keys.filter(|key| !known.contains(&key.as_str())).map(|key| shown(key)));
}

fn of_type(value: &Value, shape: &typed::Shape, path: &str, unknown: &mut BTreeSet<String>) {
    match (shape, value) {
        (typed::Shape::List(of), Value::Array(items)) => {
            items.iter().for_each(|item| of_type(item, of, path, unknown));
        }
        (typed::Shape::Object(fields), Value::Object(map)) => {
            for (key, value) in map {
                match fields.iter().find(|(name, _)| name == key) {
                    Some((name, shape)) => of_type(value, shape, &joined(path, name), unknown),
                    // Those of the object itself are known by another list.
                    None if path.is_empty() => {}
                    None => {
                        unknown.insert(joined(path, &shown(key)));
                    }
                }
            }
        }
        _ => {}
    }
}

fn of_fields(value: &Value, schema: &Fields, path: &str, unknown: &mut BTreeSet<String>) {
    let Value::Object(map) = value else { return };
    for (key, value) in map {
        match schema.fields.iter().find(|(name, _)| name == key) {
            Some((name, shape)) => of_shape(value, shape, &joined(path, name), unknown),
            None => {
                unknown.insert(joined(path, &shown(key)));
            }
        }
    }
}

fn of_shape(value: &Value, shape: &schema::Shape, path: &str, unknown: &mut BTreeSet<String>) {
    match (shape, value) {
        (schema::Shape::Object(fields), value) => of_fields(value, fields, path, unknown),
        (schema::Shape::List(list), Value::Array(items)) => {
            items.iter().for_each(|item| of_shape(item, &list.of, path, unknown));
        }
        _ => {}
    }
}

fn joined(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// A key as a notice shows it.
fn shown(key: &str) -> String {
    key.chars().filter(|c| !c.is_control()).take(100).collect()
}
