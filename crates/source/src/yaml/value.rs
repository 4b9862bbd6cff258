//! A document as a value.

use std::cell::RefCell;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_saphyr::options::DuplicateKeyPolicy;

use super::{Error, MAX_DEPTH};

/// Indentation and brackets up to which an ordinary stack does.
const ORDINARY_DEPTH: usize = 36;
/// What [`MAX_DEPTH`] levels need, unoptimised, and some more.
const LARGE_STACK: usize = 64 * 1024 * 1024;

/// A document and what is odd about it.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) value: Value,
    /// Keys that one mapping has twice; the last counts.
    pub(crate) duplicates: Vec<String>,
}

/// Reads one document of YAML or JSON.
pub fn to_value(text: &str) -> Result<Value, Error> {
    document(text).map(|document| document.value)
}

/// Reads one document of YAML or JSON, and tells of repeated keys.
pub(crate) fn document(text: &str) -> Result<Document, Error> {
    if text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']).starts_with(['{', '['])
        && let Ok(document) = json(text.trim_start_matches('\u{FEFF}'))
    {
        return Ok(document);
    }
    if may_nest(text) {
        return on_a_large_stack(text);
    }
    yaml(text)
}

/// Whether the text may nest so deep that parsing it, which recurses, needs more than the stack of
/// an ordinary thread. Never says no wrongly; aliases may nest whatever they name.
fn may_nest(text: &str) -> bool {
    let mut flow = 0_usize;
    text.lines().any(|line| {
        let body = line.trim_start();
        let compact = body.split(' ').take_while(|word| matches!(*word, "-" | "?" | ":")).count();
        flow += body.matches(['[', '{']).count();
        let depth = line.len() - body.len() + compact + flow;
        flow = flow.saturating_sub(body.matches([']', '}']).count());
        depth > ORDINARY_DEPTH
            || body.contains(" *")
            || body.starts_with('*')
            || body.contains("[*")
    })
}

fn on_a_large_stack(text: &str) -> Result<Document, Error> {
    let failed = || Error { line: 1, column: 1, reason: "cannot be parsed: no thread".to_owned() };
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(LARGE_STACK);
        let parsed = thread.spawn_scoped(scope, || yaml(text)).map_err(|_| failed())?;
        parsed.join().unwrap_or_else(|_| Err(failed()))
    })
}

fn yaml(text: &str) -> Result<Document, Error> {
    let duplicates = RefCell::new(Vec::new());
    let value = serde_saphyr::with_deserializer_from_str_with_options(text, options(), |source| {
        Tree { duplicates: &duplicates, depth: 0 }.deserialize(source)
    })
    .map_err(|error| described(&error, text))?;
    Ok(Document { value, duplicates: duplicates.into_inner() })
}

/// Reads one document of JSON.
fn json(text: &str) -> Result<Document, Error> {
    let duplicates = RefCell::new(Vec::new());
    let mut source = serde_json::Deserializer::from_str(text);
    let value = Tree { duplicates: &duplicates, depth: 0 }
        .deserialize(&mut source)
        .and_then(|value| source.end().map(|()| value))
        .map_err(|error| Error {
            line: error.line() as u64,
            column: error.column().max(1) as u64,
            reason: json_reason(&error),
        })?;
    Ok(Document { value, duplicates: duplicates.into_inner() })
}

/// The manifest dialect, bounded.
fn options() -> serde_saphyr::Options {
    let nodes = 10_000_000;
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_events: 2 * nodes,
            max_nodes: nodes,
            max_total_scalar_bytes: 256 * 1024 * 1024,
            max_total_comment_bytes: 256 * 1024 * 1024,
            max_buffered_comment_events: 100_000,
            max_documents: 1,
        },
        with_snippet: false,
        emit_comments: false,
        strict_indentation: false,
        legacy_octal_numbers: true,
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
    }
}

fn described(error: &serde_saphyr::Error, text: &str) -> Error {
    let location = error.location();
    let (line, column) = location.map_or((1, 1), |at| (at.line().max(1), at.column().max(1)));
    let written = error.without_snippet().to_string();
    let reason = if written.contains("udget") || written.contains("limit") {
        bound(&written)
    } else if text.contains("{{") {
        "is a template, not a manifest: render it first, for example with `helm template`"
            .to_owned()
    } else {
        without_quotes(&written)
    };
    Error { line, column, reason }
}

/// Names the bound that was passed.
fn bound(written: &str) -> String {
    let lower = written.to_ascii_lowercase();
    let is_deep = lower.contains("depth") || lower.contains("nest") || lower.contains("recursion");
    let is_alias = ["alias", "anchor", "replay"].iter().any(|word| lower.contains(word));
    match (is_alias, is_deep) {
        (true, _) => {
            "repeats itself through aliases beyond the bound of 1,000,000 nodes".to_owned()
        }
        (_, true) => format!("is nested deeper than the bound of {MAX_DEPTH}"),
        _ => format!("passes a bound: {}", without_quotes(written)),
    }
}

fn json_reason(error: &serde_json::Error) -> String {
    let written = error.to_string();
    if written.contains("recursion limit") || written.contains(TOO_DEEP) {
        return format!("is nested deeper than the bound of {MAX_DEPTH}");
    }
    let message = written.rsplit_once(" at line ").map_or(written.as_str(), |(message, _)| message);
    without_quotes(message)
}

/// The message without what it quotes of the text, without position and capital.
fn without_quotes(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    let body = match first.split_once(": ") {
        Some((head, body)) if head.contains("line ") => body,
        _ => first,
    };
    let body = body.split(" at line ").next().unwrap_or(body);
    let mut plain = String::new();
    let mut quote = None;
    for c in body.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '`') => {
                quote = Some(c);
                plain.push('…');
            }
            None => plain.push(c),
        }
    }
    let mut chars = plain.trim_end_matches('.').chars();
    let first = chars.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    format!("{first}{}", chars.as_str())
}

const TOO_DEEP: &str = "nested too deep";

/// Builds a [`Value`], noting repeated keys.
#[derive(Clone, Copy)]
struct Tree<'a> {
    duplicates: &'a RefCell<Vec<String>>,
    depth: usize,
}

impl Tree<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth = self.depth + 1;
        if depth > MAX_DEPTH { Err(E::custom(TOO_DEEP)) } else { Ok(Self { depth, ..self }) }
    }
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, source: D) -> Result<Value, D::Error> {
        source.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut map = Map::new();
        while let Some(Key(key)) = access.next_key()? {
            let value = access.next_value_seed(inner)?;
            if map.contains_key(&key) {
                self.duplicates.borrow_mut().push(key.clone());
            }
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

/// A key as text, whatever scalar it is.
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = String::deserialize(deserializer)?;
        if key.len() > 65_536 {
            return Err(D::Error::custom("a key is longer than the bound of 65,536 bytes"));
        }
        Ok(Self(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_dialect_is_that_of_kubernetes() {
        let text = "mode: 0644\nro: yes\nversion: 1.10\nname: \"no\"\nbase: &b {a: 1}\nplus: {<<: *b, c: 2}\nn: ~\nt: 2026-11-23T10:00:00Z\ncolon: a:b\n";
        assert_eq!(
            to_value(text).unwrap(),
            json!({"mode": 420, "ro": true, "version": 1.1, "name": "no", "base": {"a": 1},
                "plus": {"a": 1, "c": 2}, "n": null, "t": "2026-11-23T10:00:00Z", "colon": "a:b"})
        );
        assert_eq!(
            to_value("\u{FEFF}a: 1\r\nb: |\r\n  x\r\n  y\r\n").unwrap(),
            json!({"a": 1, "b": "x\ny\n"})
        );
        assert_eq!(to_value("--- {a: 1}\n").unwrap(), json!({"a": 1}));
        assert_eq!(to_value("1: a\ntrue: b\n").unwrap(), json!({"1": "a", "true": "b"}));
    }

    #[test]
    fn the_last_of_repeated_keys_counts() {
        for text in ["a: 1\na: 2\n", "{\"a\": 1, \"a\": 2}"] {
            let document = document(text).unwrap();
            assert_eq!(document.value, json!({"a": 2}));
            assert_eq!(document.duplicates, ["a"]);
        }
    }

    #[test]
    fn bounds_are_named() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        assert!(
            to_value(&deep).unwrap_err().reason.contains("bound of 100"),
            "{:?}",
            to_value(&deep)
        );
        let deep: String = (0..200).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
        assert!(
            to_value(&deep).unwrap_err().reason.contains("bound of 100"),
            "{:?}",
            to_value(&deep)
        );
        let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..10 {
            let items = vec![format!("*a{}", n - 1); 10].join(", ");
            laughs.push_str(&format!("a{n}: &a{n} [{items}]\n"));
        }
        assert!(
            to_value(&laughs).unwrap_err().reason.contains("aliases"),
            "{:?}",
            to_value(&laughs)
        );
    }

    #[test]
    fn errors_say_where_and_quote_nothing() {
        let error = to_value("a: 1\npassword: [hunter2\nb: *hunter3\n").unwrap_err();
        assert!(!error.to_string().contains("hunter"), "{error}");
        assert!(error.line >= 2, "{error}");
        let error = to_value("a: {{ .Values.x }}\n  - b").unwrap_err();
        assert!(error.reason.contains("helm template"), "{error}");
        let error = to_value("a: *hunter3\n").unwrap_err();
        assert!(!error.to_string().contains("hunter"), "{error}");
    }
}
