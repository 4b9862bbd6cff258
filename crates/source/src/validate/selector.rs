//! Selectors of labels.

use serde_json::Value;

use super::fault::{At, FaultKind, Faults, quoted};
use super::text::{label_key, label_value};

/// The faults of a label selector of a built-in kind.
pub(super) fn check(selector: &Value, at: &At<'_>, faults: &mut Faults) {
    if let Some(labels) = selector.get("matchLabels").and_then(Value::as_object) {
        labels_of(labels.iter(), &at.key("matchLabels"), faults);
    }
    let expressions = selector.get("matchExpressions").and_then(Value::as_array);
    let at = at.key("matchExpressions");
    for (index, expression) in expressions.into_iter().flatten().enumerate() {
        requirement(expression, &at.index(index), faults);
    }
}

/// Labels: both keys and values are told at the path of the whole.
pub(super) fn labels_of<'v>(
    labels: impl Iterator<Item = (&'v String, &'v Value)>,
    at: &At<'_>,
    faults: &mut Faults,
) {
    for (key, value) in labels {
        if let Some(why) = label_key(key) {
            faults.invalid(at, format!("{} {why}", quoted(key)));
        }
        let value = value.as_str().unwrap_or_default();
        if let Some(why) = label_value(value) {
            faults.invalid(at, format!("{} {why}", quoted(value)));
        }
    }
}

fn requirement(expression: &Value, at: &At<'_>, faults: &mut Faults) {
    let text = |key: &str| expression.get(key).and_then(Value::as_str).unwrap_or_default();
    let none = Vec::new();
    let values = expression.get("values").and_then(Value::as_array).unwrap_or(&none);
    let (operator, at_values) = (text("operator"), at.key("values"));
    match operator {
        "In" | "NotIn" if values.is_empty() => {
            let reason = format!("the operator {} asks for values", quoted(operator));
            faults.push(&at_values, FaultKind::Required, reason);
        }
        "Exists" | "DoesNotExist" if !values.is_empty() => {
            let reason = format!("the operator {} takes no values", quoted(operator));
            faults.push(&at_values, FaultKind::Forbidden, reason);
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
        other => {
            let reason = format!("{} is none of In, NotIn, Exists, DoesNotExist", quoted(other));
            faults.invalid(&at.key("operator"), reason);
        }
    }
    if let Some(why) = label_key(text("key")) {
        faults.invalid(&at.key("key"), format!("{} {why}", quoted(text("key"))));
    }
    for (index, value) in values.iter().enumerate() {
        let value = value.as_str().unwrap_or_default();
        if let Some(why) = label_value(value) {
            faults.invalid(&at_values.index(index), format!("{} {why}", quoted(value)));
        }
    }
}
