//! Comparing as Go's templates do: by kind, and never across kinds.

use std::cmp::Ordering;

use serde_json::Value;

use super::{Error, error};

enum Basic<'a> {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'a str),
}

fn basic(value: &Value) -> Result<Basic<'_>, Error> {
    match value {
        Value::Bool(bool) => Ok(Basic::Bool(*bool)),
        Value::String(text) => Ok(Basic::Text(text)),
        Value::Number(number) => Ok(match number.as_i64() {
            Some(int) => Basic::Int(int),
            None => Basic::Float(number.as_f64().unwrap_or(f64::NAN)),
        }),
        _ => error("invalid type for comparison"),
    }
}

/// Whether `left operator right` holds.
pub(super) fn holds(operator: &str, left: &Value, right: &Value) -> Result<bool, Error> {
    if !matches!(operator, "<" | ">" | "==" | "!=" | "<=" | ">=") {
        return error(format!("unrecognized filter operator {operator}"));
    }
    let order = match (basic(left)?, basic(right)?) {
        (Basic::Bool(left), Basic::Bool(right)) => match operator {
            "==" => return Ok(left == right),
            "!=" => return Ok(left != right),
            _ => return error("invalid type for comparison"),
        },
        (Basic::Int(left), Basic::Int(right)) => Some(left.cmp(&right)),
        (Basic::Float(left), Basic::Float(right)) => left.partial_cmp(&right),
        (Basic::Text(left), Basic::Text(right)) => Some(left.cmp(right)),
        _ => return error("incompatible types for comparison"),
    };
    Ok(match operator {
        "<" => order == Some(Ordering::Less),
        ">" => order == Some(Ordering::Greater),
        "==" => order == Some(Ordering::Equal),
        "!=" => order != Some(Ordering::Equal),
        "<=" => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        _ => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    })
}
