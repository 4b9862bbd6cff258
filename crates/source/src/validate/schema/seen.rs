//! What is left of an object.

use serde_json::{Map, Value};

use super::{Fields, Shape, Text};

/// The object's `spec` as the server sees it.
pub(in super::super) fn seen(object: &Value, schema: &'static Fields) -> Value {
    match object.get("spec") {
        None | Some(Value::Null) => Value::Null,
        Some(spec) => pruned(spec, &Shape::Object(schema)),
    }
}

fn pruned(value: &Value, shape: &Shape) -> Value {
    match (shape, value) {
        (Shape::Object(of), Value::Object(map)) => {
            let mut left = Map::new();
            for (name, shape) in of.fields {
                match map.get(*name) {
                    None | Some(Value::Null) => {
                        if let Shape::Text(Text { default: Some(default), .. }) = shape {
                            left.insert((*name).to_owned(), (*default).into());
                        }
                    }
                    Some(value) => {
                        left.insert((*name).to_owned(), pruned(value, shape));
                    }
                }
            }
            Value::Object(left)
        }
        (Shape::Texts, Value::Object(map)) => {
            let left = map.iter().filter(|(_, value)| !value.is_null());
            Value::Object(left.map(|(key, value)| (key.clone(), value.clone())).collect())
        }
        (Shape::List(list), Value::Array(items)) => {
            Value::Array(items.iter().map(|item| pruned(item, &list.of)).collect())
        }
        (_, value) => value.clone(),
    }
}
