//! The metadata that every object has.

use serde_json::Value;

use super::fault::{At, FaultKind, Faults, quoted};
use super::selector::labels_of;
use super::text::{Why, domain, domain_prefix, label_key};

/// Bytes of all annotations together.
const MOST_ANNOTATIONS: usize = 256 << 10;
/// Finalizers of the API server itself.
const STANDARD_FINALIZERS: [&str; 3] = ["orphan", "foregroundDeletion", "kubernetes"];

/// What a finalizer's name has to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Finalizers {
    /// With a domain, or one of the server's own.
    Qualified,
    /// Any name.
    Any,
}

/// The faults of an object's metadata, whose types are right.
pub(super) fn check(object: &Value, finalizers: Finalizers, faults: &mut Faults) {
    let none = Value::Null;
    let metadata = object.get("metadata").unwrap_or(&none);
    let at = At::ROOT.key("metadata");
    names(metadata, &at, faults);
    if let Some(labels) = metadata.get("labels").and_then(Value::as_object) {
        labels_of(labels.iter(), &at.key("labels"), faults);
    }
    annotations(metadata, &at.key("annotations"), faults);
    owners(metadata, &at.key("ownerReferences"), faults);
    finalizers_of(metadata, finalizers, &at.key("finalizers"), faults);
}

fn text<'v>(of: &'v Value, key: &str) -> &'v str {
    of.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn names(metadata: &Value, at: &At<'_>, faults: &mut Faults) {
    let mut name_fault = |key: &str, name: &str, why: Why| {
        if let Some(why) = why {
            faults.invalid(&at.key(key), format!("{} {why}", quoted(name)));
        }
    };
    let (name, base) = (text(metadata, "name"), text(metadata, "generateName"));
    if !base.is_empty() {
        name_fault("generateName", base, domain_prefix(base));
    }
    if !name.is_empty() {
        name_fault("name", name, domain(name));
    } else if !base.is_empty() {
        name_fault("name", base, domain(&completed(base)));
    } else {
        let reason = "the object has neither `name` nor `generateName`";
        faults.push(&at.key("name"), FaultKind::Required, reason);
    }
}

/// A name as the server completes it: the beginning cut, and five letters or digits.
fn completed(base: &str) -> String {
    let cut = base.floor_char_boundary(58);
    format!("{}aaaaa", base.get(..cut).unwrap_or_default())
}

fn annotations(metadata: &Value, at: &At<'_>, faults: &mut Faults) {
    let Some(all) = metadata.get("annotations").and_then(Value::as_object) else { return };
    for key in all.keys() {
        if let Some(why) = label_key(&key.to_lowercase()) {
            faults.invalid(at, format!("{} {why}", quoted(key)));
        }
    }
    let size = |(key, value): (&String, &Value)| key.len() + value.as_str().map_or(0, str::len);
    if all.iter().map(size).sum::<usize>() > MOST_ANNOTATIONS {
        faults.push(at, FaultKind::TooLong, "they are larger than 256 KiB together");
    }
}

fn owners(metadata: &Value, at: &At<'_>, faults: &mut Faults) {
    let mut controllers = 0;
    for (index, owner) in distinct(metadata).into_iter().enumerate() {
        let here = at.index(index);
        let version = text(owner, "apiVersion");
        for key in ["apiVersion", "kind", "name", "uid"] {
            if text(owner, key).is_empty() {
                faults.push(&here.key(key), FaultKind::Required, "an owner's field is empty");
            }
        }
        let is_version = match version.split_once('/') {
            Some((_, name)) => !name.is_empty() && !name.contains('/'),
            None => true,
        };
        if !is_version {
            let reason = format!("{} is no group and version", quoted(version));
            faults.invalid(&here.key("apiVersion"), reason);
        }
        if version == "v1" && text(owner, "kind") == "Event" {
            faults.invalid(&here, "an event owns nothing");
        }
        if owner.get("controller") == Some(&Value::Bool(true)) {
            controllers += 1;
            if controllers > 1 {
                faults.invalid(at, "more than one owner is the controller");
            }
        }
    }
}

/// The owners, as the server counts them: one that is there before is dropped.
fn distinct(metadata: &Value) -> Vec<&Value> {
    let same = |owner: &Value, other: &Value| {
        let texts = ["uid", "apiVersion", "kind", "name"];
        let flags = ["controller", "blockOwnerDeletion"];
        let flag = |of: &Value, key: &str| of.get(key).and_then(Value::as_bool);
        texts.iter().all(|key| text(owner, key) == text(other, key))
            && flags.iter().all(|key| flag(owner, key) == flag(other, key))
    };
    let mut distinct: Vec<&Value> = Vec::new();
    let owners = metadata.get("ownerReferences").and_then(Value::as_array);
    for owner in owners.into_iter().flatten() {
        if !distinct.iter().any(|other| same(owner, other)) {
            distinct.push(owner);
        }
    }
    distinct
}

fn finalizers_of(metadata: &Value, of: Finalizers, at: &At<'_>, faults: &mut Faults) {
    let all = metadata.get("finalizers").and_then(Value::as_array);
    let all: Vec<&str> =
        all.into_iter().flatten().map(|name| name.as_str().unwrap_or_default()).collect();
    for (index, name) in all.iter().enumerate() {
        if let Some(why) = label_key(name) {
            faults.invalid(at, format!("{} {why}", quoted(name)));
        }
        let is_own = STANDARD_FINALIZERS.contains(name);
        if of == Finalizers::Qualified && !name.contains('/') && !is_own {
            let reason = format!("{} has no domain, and is none of the server's own", quoted(name));
            faults.invalid(&at.index(index), reason);
        }
    }
    if ["orphan", "foregroundDeletion"].iter().all(|name| all.contains(name)) {
        faults.invalid(at, "`orphan` and `foregroundDeletion` exclude one another");
    }
}
