//! The rules, which are asked last.

use serde_json::Value;

use super::super::fault::{At, Faults, quoted};
use super::{Fields, Shape};

/// The rules that a `spec` breaks; its form has no fault that hides them.
pub(in super::super) fn check_rules(spec: &Value, schema: &'static Fields, faults: &mut Faults) {
    rules(spec, &Shape::Object(schema), &At::ROOT.key("spec"), faults);
}

fn rules(value: &Value, shape: &Shape, at: &At<'_>, faults: &mut Faults) {
    match (shape, value) {
        (Shape::Text(of), Value::String(text)) => {
            if let Some(why) = (of.rule)(text) {
                faults.invalid(at, format!("{} {why}", quoted(text)));
            }
        }
        (Shape::List(list), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                rules(item, &list.of, &at.index(index), faults);
            }
        }
        (Shape::Object(of), Value::Object(map)) => {
            if let Some(why) = (of.rule)(map) {
                faults.invalid(at, why);
            }
            for (name, shape) in of.fields {
                if let Some(value) = map.get(*name) {
                    rules(value, shape, &at.key(name), faults);
                }
            }
        }
        _ => {}
    }
}
