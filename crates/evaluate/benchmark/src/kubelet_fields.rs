//! Two accounts of one kubelet's configuration, compared.
//!
//! Enters: the fields of a file and those of another account. Leaves: the names in which they
//! differ. Always holds: what is empty or zero stands for a default, and differs from nothing; a
//! duration is the same however it is written.

use std::collections::BTreeSet;

use kuberlock_model::configuration::Fields;
use serde_json::Value;

use crate::flag::seconds;

/// The names of the fields in which `one` and `other` differ.
pub(crate) fn differing(one: &Fields, other: &Fields, skip: &[&str]) -> Vec<String> {
    let names: BTreeSet<&String> = one.0.keys().chain(other.0.keys()).collect();
    let differs = |name: &&&String| {
        let (here, there) = (given(one.get(name)), given(other.get(name)));
        !skip.contains(&name.as_str()) && !is_same(here, there)
    };
    names.iter().filter(differs).map(|name| (*name).clone()).collect()
}

/// A value that is not left to the default.
pub(crate) fn given(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty() && text != "0" && seconds(text) != Some(0.0),
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        Value::Bool(_) => true,
    })
}

fn is_same(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (Some(Value::String(one)), Some(Value::String(other))) => {
            let same = seconds(one).is_some() && seconds(one) == seconds(other);
            same || one == other
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn defaults_and_spellings_differ_from_nothing() {
        let fields = |value: Value| Fields::flatten(&value);
        let one = fields(json!({ "a": "0s", "b": "60s", "c": 0, "d": true, "e": "x", "f": [1] }));
        let other = fields(json!({ "b": "1m0s", "d": false, "e": "x", "g": "" }));
        assert_eq!(differing(&one, &other, &["f"]), ["d"]);
        assert_eq!(differing(&one, &other, &[]), ["d", "f"]);
    }
}
