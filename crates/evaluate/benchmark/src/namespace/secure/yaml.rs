//! YAML that every reader reads alike: texts that could be anything else are quoted.

use std::fmt::Write as _;

use serde_json::Value;

/// A line of comment; what would end it is left out.
pub(super) fn comment(line: &str) -> String {
    let plain: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("# {plain}\n")
}

/// One document in block form.
pub(super) fn document(value: &Value) -> String {
    let mut out = String::new();
    block(value, 0, &mut out);
    out
}

fn block(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let _ = write!(out, "{:depth$}{}:", "", scalar(&Value::String(key.clone())));
                below(value, depth + 2, out);
            }
        }
        Value::Array(list) => {
            for item in list {
                let mut text = String::new();
                block(item, depth + 2, &mut text);
                // The first line of an item stands behind its dash.
                let _ = write!(out, "{:depth$}- {}", "", text.trim_start());
            }
        }
        other => {
            let _ = writeln!(out, "{:depth$}{}", "", scalar(other));
        }
    }
}

fn below(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('\n');
            block(value, depth, out);
        }
        Value::Array(list) if !list.is_empty() => {
            out.push('\n');
            block(value, depth, out);
        }
        other => {
            let _ = writeln!(out, " {}", scalar(other));
        }
    }
}

/// JSON is YAML; only a word that can be nothing but a text goes without quotes.
fn scalar(value: &Value) -> String {
    const WORDS: [&str; 10] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan"];
    match value {
        Value::String(text)
            if text.starts_with(|c: char| c.is_ascii_alphabetic())
                && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._/".contains(c))
                && !WORDS.contains(&text.to_ascii_lowercase().as_str()) =>
        {
            text.clone()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let value = json!({
            "a": { "b": [{ "c": "true", "d": [] }, { "e": "1e3" }], "f": {} },
            "app.kubernetes.io/name": "no", "g": ["x: y", "-", "# z"], "h": 3, "i": false,
        });
        let read: Value = serde_saphyr::from_str(&document(&value)).unwrap();
        assert_eq!(read, value);
    }
}
