//! From a value to the API's own types, with an eye on what they do not know.

use std::collections::BTreeSet;

use kuberlock_model::object::KindName;
use kuberlock_model::{Kind, Origin};
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_ignored::Path;
use serde_json::{Map, Value};

/// Fields that the type of an object does not have.
#[derive(Debug, Default)]
pub(super) struct Unknown {
    pub(super) fields: BTreeSet<String>,
}

/// A field that is known, and of which nothing is asked: unlike [`serde::de::IgnoredAny`] it is not
/// told as unknown.
#[derive(Debug)]
pub(super) struct Unasked;

impl<'de> Deserialize<'de> for Unasked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|_| Self)
    }
}

/// An object about to be converted.
pub(super) struct Source {
    object: Map<String, Value>,
    pub(super) kind: &'static KindName,
    pub(super) origin: Origin,
    pub(super) unknown: Unknown,
}

impl Source {
    pub(super) fn new(object: Value, kind: Kind, origin: Origin) -> Result<Self, String> {
        let Value::Object(mut object) = object else {
            return Err("is no mapping".to_owned());
        };
        let names = kind.names();
        // An older version is read as the listed one.
        let version = match names.group {
            "" => names.version.to_owned(),
            group => format!("{group}/{}", names.version),
        };
        object.insert("apiVersion".to_owned(), version.into());
        keep_status(&mut object, kind);
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("managedFields");
            null_texts(metadata);
        }
        Ok(Self { object, kind: names, origin, unknown: Unknown::default() })
    }

    /// The object as `T`.
    pub(super) fn read<T: DeserializeOwned>(&mut self) -> Result<T, String> {
        let object = Value::Object(std::mem::take(&mut self.object));
        self.typed(object)
    }

    /// Takes the field `key` out of the object.
    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        self.object.remove(key).filter(|field| !field.is_null())
    }

    /// Puts the field `key` into the object, unless it is null.
    pub(super) fn put(&mut self, key: &str, field: Value) {
        if !field.is_null() {
            self.object.insert(key.to_owned(), field);
        }
    }

    fn typed<T: DeserializeOwned>(&mut self, value: Value) -> Result<T, String> {
        let fields = &mut self.unknown.fields;
        let mut note = |path: Path<'_>| {
            fields.insert(without_indexes(&path));
        };
        // One type of callback for all kinds: a closure of its own for each would have the compiler
        // make every nested type of the API once for each kind.
        let note: &mut dyn FnMut(Path<'_>) = &mut note;
        serde_ignored::deserialize(value, note)
            .map_err(|error| format!("is no valid {}: {error}", self.kind.name))
    }
}

/// Of a status only what the model asks for is read: the rest is the server's own writing.
fn keep_status(object: &mut Map<String, Value>, kind: Kind) {
    let kept: &[&str] = match kind {
        Kind::Pod => &["phase", "podIP", "podIPs"],
        Kind::Node => &["nodeInfo", "addresses"],
        _ => &[],
    };
    let Some(Value::Object(mut status)) = object.remove("status") else { return };
    status.retain(|field, _| kept.contains(&field.as_str()));
    if !status.is_empty() {
        object.insert("status".to_owned(), Value::Object(status));
    }
}

/// The API server reads `null` in a map of texts as empty text.
fn null_texts(metadata: &mut Map<String, Value>) {
    for key in ["labels", "annotations"] {
        if let Some(map) = metadata.get_mut(key).and_then(Value::as_object_mut) {
            map.values_mut().filter(|v| v.is_null()).for_each(|v| *v = String::new().into());
        }
    }
}

fn without_indexes(path: &Path<'_>) -> String {
    match path {
        Path::Root => String::new(),
        Path::Map { parent, key } => {
            let key: String = key.chars().filter(|c| !c.is_control()).take(100).collect();
            match without_indexes(parent) {
                parent if parent.is_empty() => key,
                parent => format!("{parent}.{key}"),
            }
        }
        Path::Seq { parent, .. }
        | Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => without_indexes(parent),
    }
}
