//! A network policy as the API server serves it once it has taken it.

use serde_json::{Map, Value};

use super::schema::{self, Fields};
use super::tiered::{self, Channel};
use super::typed::{self, Shape};

/// The object with what the server makes of its `spec`; any other kind or version as it is.
pub(crate) fn as_served(mut object: Value) -> Value {
    let of = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
    let spec = match (of("apiVersion"), of("kind")) {
        ("networking.k8s.io/v1", "NetworkPolicy") => {
            object.get("spec").map(|spec| decoded(spec, &typed::SPEC))
        }
        (version, kind) => tiered::schema(version, kind, Channel::Experimental)
            .filter(|_| object.get("spec").is_some())
            .map(|schema| pruned(&object, schema)),
    };
    if let (Some(spec), Some(map)) = (spec, object.as_object_mut()) {
        map.insert("spec".to_owned(), spec);
    }
    object
}

/// A null in a list or a mapping of texts is the empty value of its type.
fn decoded(value: &Value, shape: &Shape) -> Value {
    match (shape, value) {
        (Shape::Texts, Value::Object(map)) => {
            map_values(map, |_, value| or_empty(value, &Shape::Text))
        }
        (Shape::List(of), Value::Array(items)) => {
            items.iter().map(|item| decoded(&or_empty(item, of), of)).collect()
        }
        (Shape::Object(fields), Value::Object(map)) => map_values(map, |key, value| {
            let shape = fields.iter().find(|(name, _)| name == key).map(|(_, shape)| shape);
            shape.map_or_else(|| value.clone(), |shape| decoded(value, shape))
        }),
        (_, value) => value.clone(),
    }
}

fn map_values(map: &Map<String, Value>, of: impl Fn(&String, &Value) -> Value) -> Value {
    Value::Object(map.iter().map(|(key, value)| (key.clone(), of(key, value))).collect())
}

fn or_empty(value: &Value, shape: &Shape) -> Value {
    match (value, shape) {
        (Value::Null, Shape::Text) => "".into(),
        (Value::Null, Shape::Object(_)) => Value::Object(Map::new()),
        (value, _) => value.clone(),
    }
}

fn pruned(object: &Value, schema: &'static Fields) -> Value {
    let mut spec = schema::seen(object, schema);
    make_whole(&mut spec);
    spec
}

/// All numbers of these kinds are whole; one may be written with a point and nothing behind it.
fn make_whole(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            let whole = number.as_f64().filter(|of| of.fract() == 0.0 && of.abs() < 1e9);
            if let Some(whole) = whole.and_then(|of| format!("{of:.0}").parse::<i64>().ok()) {
                *value = whole.into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(make_whole),
        Value::Object(map) => map.values_mut().for_each(make_whole),
        _ => {}
    }
}
