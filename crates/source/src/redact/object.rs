//! Objects of the API and configuration documents.
//!
//! Enters: one document as a value. Leaves: the same, redacted in place. Always holds: of a Secret
//! only the names of its keys stay; annotations that repeat an object are marked whole; what the
//! checks read (names, labels, images, rules, selectors) stays as it is in the kinds that the model
//! knows; in kinds it does not know, only closed shapes pass.

use serde_json::{Map, Value};

use super::fields::{
    ANNOTATIONS, CLUSTER_CONFIG_MAPS, NAME_MAPS, NAMES, NETWORK_ANNOTATIONS, is_configuration,
    is_known,
};
use super::mark::{is_mark, mark};
use super::name::{Secrecy, secrecy};
use super::random::is_random;
use super::text;
use super::value::{Trust, judged, structural, value};
use super::words::{arguments, environment};

/// Redacts one object of any kind, a list of them, or a configuration document.
pub fn object(document: &mut Value) {
    let Value::Object(map) = document else {
        return Walk::new(Trust::Foreign, false).any(Secrecy::No, document);
    };
    let kind = text_of(map, "kind").to_owned();
    let version = text_of(map, "apiVersion").to_owned();
    let group = version.split_once('/').map_or("", |(group, _)| group);
    if kind.ends_with("List")
        && let Some(items) = map.get_mut("items").and_then(Value::as_array_mut)
    {
        // An item may leave its kind to the list.
        items.iter_mut().for_each(|item| list_item(item, &kind, &version));
        for (key, field) in map.iter_mut() {
            match key.as_str() {
                "items" => {}
                "apiVersion" | "kind" => name(field),
                "metadata" => Walk::new(Trust::Foreign, true).metadata(field),
                _ => Walk::new(Trust::Foreign, false).field(key, Secrecy::No, field),
            }
        }
        return;
    }
    match kind.as_str() {
        "Secret" => secret(map),
        "ConfigMap" if group.is_empty() => config_map(map),
        _ if is_known(group, &kind) => Walk::new(Trust::Foreign, true).document(map),
        _ if is_configuration(group, &kind) => Walk::new(Trust::Component, false).document(map),
        _ => Walk::new(Trust::Foreign, false).document(map),
    }
}

fn list_item(item: &mut Value, list: &str, version: &str) {
    let inferred = list.strip_suffix("List").filter(|kind| !kind.is_empty());
    let Some(map) = item.as_object_mut() else { return object(item) };
    let (Some(kind), None) = (inferred, map.get("kind")) else { return object(item) };
    map.insert("kind".to_owned(), kind.into());
    let versioned = map.contains_key("apiVersion");
    if !versioned {
        map.insert("apiVersion".to_owned(), version.into());
    }
    object(item);
    if let Some(map) = item.as_object_mut() {
        map.remove("kind");
        if !versioned {
            map.remove("apiVersion");
        }
    }
}

fn text_of<'a>(map: &'a Map<String, Value>, key: &str) -> &'a str {
    map.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn secret(map: &mut Map<String, Value>) {
    for (key, field) in map.iter_mut() {
        match key.as_str() {
            "apiVersion" | "kind" | "type" | "immutable" => name(field),
            "metadata" => Walk::new(Trust::Foreign, true).metadata(field),
            "data" | "stringData" => erase(field),
            _ => *field = "[redacted]".into(),
        }
    }
}

/// Keeps the names of the keys. A value is not measured: its length is a hint.
fn erase(data: &mut Value) {
    match data {
        Value::Object(data) => data.values_mut().for_each(|value| *value = "[redacted]".into()),
        Value::Null => {}
        other => *other = "[redacted]".into(),
    }
}

fn config_map(map: &mut Map<String, Value>) {
    let metadata = map.get("metadata").and_then(Value::as_object);
    let of = |key| metadata.map_or("", |metadata| text_of(metadata, key));
    let named =
        CLUSTER_CONFIG_MAPS.contains(&of("name")) || of("name").starts_with("kubelet-config");
    let is_cluster = matches!(of("namespace"), "kube-system" | "kube-public") && named;
    for (key, field) in map.iter_mut() {
        match key.as_str() {
            "apiVersion" | "kind" | "immutable" => name(field),
            "metadata" => Walk::new(Trust::Foreign, true).metadata(field),
            "data" => config_map_data(field, is_cluster),
            "binaryData" => erase(field),
            _ => Walk::new(Trust::Foreign, false).any(Secrecy::No, field),
        }
    }
}

fn config_map_data(data: &mut Value, is_cluster: bool) {
    let Value::Object(data) = data else {
        return Walk::new(Trust::Foreign, false).any(Secrecy::Is, data);
    };
    for (key, field) in data.iter_mut() {
        match field {
            Value::String(held) if is_cluster => *held = text(key, held),
            Value::String(held) => *held = value(key, held, Trust::Foreign),
            other => Walk::new(Trust::Foreign, false).any(secrecy(key), other),
        }
    }
}

/// Text that is a name stays; anything else below it is foreign.
fn name(field: &mut Value) {
    match field {
        Value::String(held) => {
            if let Some(marked) = structural(held) {
                *held = marked;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(name),
        Value::Object(map) => map.values_mut().for_each(name),
        _ => {}
    }
}

/// One walk through a document.
#[derive(Clone, Copy)]
struct Walk {
    trust: Trust,
    /// Whether the document is of a kind whose fields are known.
    known: bool,
}

impl Walk {
    fn new(trust: Trust, known: bool) -> Self {
        Self { trust, known }
    }

    fn document(self, map: &mut Map<String, Value>) {
        for (key, field) in map.iter_mut() {
            match (key.as_str(), &mut *field) {
                ("apiVersion" | "kind", Value::String(_)) => name(field),
                ("metadata", Value::Object(_)) => self.metadata(field),
                _ => self.field(key, Secrecy::No, field),
            }
        }
        self.odd_keys(map);
    }

    /// A field below a parent of secrecy `above`.
    fn field(self, key: &str, above: Secrecy, field: &mut Value) {
        let is_text = matches!(field, Value::String(_) | Value::Array(_));
        if self.known && is_text && NAMES.contains(&key) && !has_objects(field) {
            return name(field);
        }
        if self.known && NAME_MAPS.contains(&key) && key != "selector" {
            return name(field);
        }
        match (key, &field) {
            ("selector", Value::Object(_)) if self.known => name(field),
            ("metadata", Value::Object(_)) if self.known => self.metadata(field),
            ("annotations", Value::Object(_)) => annotations(field),
            _ => {
                let own = secrecy(key);
                // Numbers below a credential's section are its lifetime, those of its own field it.
                let inherited = if above == Secrecy::Is { Secrecy::Is } else { own };
                if self.known && own != Secrecy::Is && matches!(field, Value::Number(_)) {
                    return;
                }
                self.any(inherited.max(own), field);
            }
        }
    }

    fn any(self, secrecy: Secrecy, field: &mut Value) {
        match field {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => {
                let written = number.to_string();
                if secrecy == Secrecy::Is || written.len() > 20 {
                    *field = mark(&written).into();
                }
            }
            Value::String(held) => *held = self.text(secrecy, held),
            Value::Array(items) => {
                for item in items {
                    match item {
                        Value::Object(_) | Value::Array(_) => self.any(below(secrecy), item),
                        leaf => self.any(secrecy, leaf),
                    }
                }
            }
            Value::Object(map) => self.object(below(secrecy), map),
        }
    }

    fn text(self, secrecy: Secrecy, held: &str) -> String {
        match self.trust {
            Trust::Component if held.contains(char::is_whitespace) && secrecy == Secrecy::No => {
                super::words::script(held, Trust::Foreign)
            }
            trust => judged(secrecy, held, trust),
        }
    }

    fn object(self, above: Secrecy, map: &mut Map<String, Value>) {
        let is_credential = above == Secrecy::Is;
        if !is_credential {
            self.command_line(map);
        }
        let named = self.named_value(above, map);
        for (key, field) in map.iter_mut() {
            let is_line = matches!(key.as_str(), "command" | "args") && is_words(field);
            let is_done = (is_line && !is_credential) || (named && key == "value");
            if !is_done {
                self.field(key, above, field);
            }
        }
        self.odd_keys(map);
        if is_credential && !self.known {
            rename(map, |key| !key.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-'));
        }
    }

    /// `name` and `value` side by side: a variable, a header, an argument.
    fn named_value(self, above: Secrecy, map: &mut Map<String, Value>) -> bool {
        let Some(Value::String(name)) = map.get("name") else { return false };
        let name = name.clone();
        match map.get_mut("value") {
            Some(Value::String(held)) => {
                *held = match (above, self.trust) {
                    (Secrecy::Is, _) => judged(above, held, self.trust),
                    (_, Trust::Component) => value(&name, held, Trust::Component),
                    (_, Trust::Foreign) => environment(&name, held),
                };
                true
            }
            Some(other @ Value::Number(_)) if secrecy(&name) == Secrecy::Is => {
                *other = mark(&other.to_string()).into();
                true
            }
            _ => false,
        }
    }

    /// `command` and `args` are one command line.
    fn command_line(self, map: &mut Map<String, Value>) {
        let words_of = |key: &str| -> Vec<String> {
            let field = map.get(key).filter(|field| is_words(field));
            let words = field.and_then(Value::as_array).into_iter().flatten();
            words.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let (mut command, args) = (words_of("command"), words_of("args"));
        if command.is_empty() && args.is_empty() {
            return;
        }
        let count = command.len();
        // Without a command the first argument is no program, and may be a credential.
        if count == 0 {
            command.push(String::new());
        }
        let mut redacted =
            arguments(&[command, args].concat()).into_iter().skip(usize::from(count == 0));
        for (key, count) in [("command", count), ("args", usize::MAX)] {
            if let Some(field) = map.get_mut(key).filter(|field| is_words(field)) {
                *field = redacted.by_ref().take(count).map(Value::String).collect();
            }
        }
    }

    /// Keys can be credentials too, where anybody may choose them.
    fn odd_keys(self, map: &mut Map<String, Value>) {
        if self.known {
            return;
        }
        rename(map, is_odd_key);
    }

    fn metadata(self, metadata: &mut Value) {
        let Value::Object(map) = metadata else {
            return self.any(Secrecy::No, metadata);
        };
        // They repeat the names of all fields for nobody here, and may quote values.
        map.remove("managedFields");
        for (key, field) in map.iter_mut() {
            match key.as_str() {
                "annotations" => annotations(field),
                "name" | "generateName" | "namespace" | "uid" | "resourceVersion" | "labels"
                | "ownerReferences" | "finalizers" | "creationTimestamp" | "deletionTimestamp"
                | "selfLink" | "generation" => name(field),
                _ => Self::new(Trust::Foreign, false).any(secrecy(key), field),
            }
        }
    }
}

/// A section about credentials (`tokenRequests`) does not make all below it one.
fn below(secrecy: Secrecy) -> Secrecy {
    if secrecy == Secrecy::Is { Secrecy::Is } else { Secrecy::No }
}

/// Puts marks in place of keys.
fn rename(map: &mut Map<String, Value>, is_odd: impl Fn(&str) -> bool) {
    let odd: Vec<String> = map.keys().filter(|key| !is_mark(key) && is_odd(key)).cloned().collect();
    for key in odd {
        if let Some(field) = map.remove(&key) {
            map.insert(mark(&key), field);
        }
    }
}

fn is_odd_key(key: &str) -> bool {
    !is_mark(key) && (key.len() > 253 || is_random(key) || key.contains(['@', '\n']))
}

/// A key as it may be shown.
pub(crate) fn key(key: &str) -> String {
    if is_odd_key(key) { mark(key) } else { key.to_owned() }
}

fn has_objects(field: &Value) -> bool {
    field.as_array().is_some_and(|items| items.iter().any(|i| i.is_object() || i.is_array()))
}

fn is_words(field: &Value) -> bool {
    field.as_array().is_some_and(|words| !words.is_empty() && words.iter().all(Value::is_string))
}

fn annotations(field: &mut Value) {
    let Value::Object(map) = field else {
        return Walk::new(Trust::Foreign, false).any(Secrecy::Is, field);
    };
    for (key, field) in map.iter_mut() {
        match field {
            Value::String(held) if ANNOTATIONS.iter().any(|own| key.starts_with(own)) => {
                if let Some(marked) = structural(held) {
                    *held = marked;
                }
            }
            Value::String(held) if NETWORK_ANNOTATIONS.contains(&key.as_str()) => {
                *held = networks(held);
            }
            Value::String(held) if key.ends_with("last-applied-configuration") => {
                *held = mark(held);
            }
            other => Walk::new(Trust::Foreign, false).any(secrecy(key), other),
        }
    }
    Walk::new(Trust::Foreign, false).odd_keys(map);
}

/// Names of networks: `a, other/b@eth1`, or of the JSON form what names them; anything else is marked
/// whole.
fn networks(text: &str) -> String {
    let is_name = |name: &str| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-./@".contains(&b);
        name.bytes().all(plain) && structural(name).is_none()
    };
    if is_mark(text) || text.split(',').all(|name| is_name(name.trim())) {
        return text.to_owned();
    }
    let Ok(Value::Array(mut items)) = serde_json::from_str(text) else { return mark(text) };
    for map in items.iter_mut().filter_map(Value::as_object_mut) {
        map.retain(|key, _| ["name", "namespace", "interface"].contains(&key.as_str()));
    }
    let is_named = |item: &Value| {
        let fields = item.as_object().map(|map| map.values());
        fields.is_some_and(|mut all| all.all(|value| value.as_str().is_some_and(is_name)))
    };
    if items.iter().all(is_named) { Value::Array(items).to_string() } else { mark(text) }
}
