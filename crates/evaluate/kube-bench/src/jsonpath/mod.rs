//! JSONPath as `k8s.io/client-go/util/jsonpath` reads and prints it, missing keys allowed.
//!
//! Enters: a template such as `{.authorization.mode}` and a text that is JSON or else YAML. Leaves:
//! what the template prints. Always holds: nesting and results are bounded.

mod read;
mod walk;

use serde_json::Value;

use crate::go;

/// How deep a template may nest.
const MOST_DEPTH: u32 = 20;

/// A node of a template.
#[derive(Clone, Debug)]
enum Node {
    Text(String),
    List(Vec<Self>),
    Field(String),
    Slice([Option<i64>; 3], bool),
    Filter { left: Vec<Self>, operator: String, right: Vec<Self> },
    Number(f64),
    Truth(bool),
    Wildcard,
    Recursive,
    Union(Vec<Vec<Self>>),
    Range,
    End,
}

/// A document, and what it was written in.
#[derive(Debug)]
pub(crate) struct Document {
    value: Value,
    /// Numbers of JSON are floats to Go.
    json: bool,
}

impl Document {
    /// Reads JSON, else the first document of YAML.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if let Ok(value) = serde_json::from_str(text) {
            return Ok(Self { value, json: true });
        }
        let yaml = |text: &str| {
            serde_saphyr::from_multiple_with_options::<Value>(text, crate::config_yaml_options())
        };
        // Go's reader takes the first document and looks no further.
        let documents = yaml(text).or_else(|_| yaml(first_document(text)));
        let documents = documents.map_err(|error| error.to_string())?;
        let value = documents.into_iter().next().unwrap_or(Value::Null);
        Ok(Self { value, json: false })
    }

    /// What the template `path` prints of it.
    pub(crate) fn print(&self, path: &str) -> Result<String, String> {
        let nodes = read::template(path)?;
        let mut out = String::new();
        for results in walk::results(&nodes, &self.value)? {
            for (at, value) in results.iter().enumerate() {
                if at > 0 {
                    out.push(' ');
                }
                self.show(value, &mut out)?;
            }
        }
        Ok(out)
    }

    fn show(&self, value: &Value, out: &mut String) -> Result<(), String> {
        match value {
            Value::String(text) => out.push_str(text),
            Value::Null => out.push_str("null"),
            Value::Bool(truth) => out.push_str(&truth.to_string()),
            Value::Number(number) => out.push_str(&go::number(number, self.json)),
            // Go's YAML reader makes maps that its JSON writer refuses.
            value if !self.json && has_map(value) => {
                return Err("json: unsupported type: map[interface {}]interface {}".to_owned());
            }
            value => go::json(value, self.json, out),
        }
        Ok(())
    }
}

fn has_map(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(items) => items.iter().any(has_map),
        _ => false,
    }
}

/// The text up to where its first document ends: a list or map in brackets ends with its bracket,
/// as the head of a unit file (`[Service]`) does.
fn first_document(text: &str) -> &str {
    let mut begun = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        if !(bare.is_empty() || bare.starts_with('#') || bare == "---") {
            begun += line.len() - line.trim_start().len();
            break;
        }
        begun += line.len();
    }
    let rest = text.get(begun..).unwrap_or_default();
    if rest.starts_with(['[', '{']) {
        let end = flow_end(rest).map(|end| begun + end);
        return end.and_then(|end| text.get(..end)).unwrap_or(text);
    }
    let end = rest.find("\n---").map(|at| begun + at + 1);
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// Behind the bracket that closes the first.
fn flow_end(text: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0_u32, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            (None, _) => {}
        }
    }
    None
}
