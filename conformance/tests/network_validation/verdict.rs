//! What the API server says of an object, and whether we say the same.

use std::collections::BTreeSet;

use kuberlock_source::validate::{Fault, FaultKind};
use serde_json::Value;

/// What the server says.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Accepted,
    /// With the fields to blame.
    Refused(BTreeSet<(String, FaultKind)>),
    /// It does not decode; the first field that does not, without indexes, where the server told it.
    Undecodable(Option<String>),
    Other(String),
}

impl Verdict {
    pub fn of(answer: &Value) -> Self {
        let text = |key: &str| answer.get(key).and_then(Value::as_str).unwrap_or_default();
        if text("kind") != "Status" && text("status") != "Failure" {
            return Self::Accepted;
        }
        match answer.get("code").and_then(Value::as_u64) {
            Some(422) => {
                let causes = answer.pointer("/details/causes").and_then(Value::as_array);
                Self::Refused(causes.into_iter().flatten().filter_map(cause).collect())
            }
            Some(400) if text("message").contains("cannot be handled as a") => {
                let field = text("message").split_once(" into Go struct field ");
                let field = field.and_then(|(_, rest)| rest.split_once(" of type "));
                // The name of the type, then the path within it.
                let path = field.and_then(|(field, _)| field.split_once('.'));
                Self::Undecodable(path.map(|(_, path)| path.to_owned()))
            }
            _ => Self::Other(text("message").to_owned()),
        }
    }

    /// Whether our faults are the same.
    pub fn agrees(&self, ours: &[Fault]) -> bool {
        match self {
            Self::Accepted => ours.is_empty(),
            Self::Refused(theirs) => {
                let ours = ours.iter().map(|fault| (fault.path.clone(), fault.kind));
                ours.collect::<BTreeSet<_>>() == *theirs
            }
            Self::Undecodable(field) => {
                let all = ours.iter().all(|fault| fault.kind == FaultKind::Undecodable);
                let named = |fault: &Fault| match field {
                    None => true,
                    Some(field) => is_within(&without_indexes(&fault.path), field),
                };
                all && ours.iter().any(named)
            }
            Self::Other(_) => false,
        }
    }
}

/// Metadata of custom resources is decoded apart, and its path told without `metadata`. A key of a
/// mapping is not told.
fn is_within(path: &str, field: &str) -> bool {
    let is = |path: &str| {
        path.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    is(path) || path.strip_prefix("metadata.").is_some_and(is)
}

fn cause(cause: &Value) -> Option<(String, FaultKind)> {
    let text = |key: &str| cause.get(key).and_then(Value::as_str).unwrap_or_default();
    let path = match text("field") {
        // Not faults of their own: that rules were left out, and a second word on a number that is
        // told with its path too.
        "<nil>" if text("message").contains("some validation rules were not checked") => None?,
        "<nil>" if text("message").contains("Checked value must be of type") => None?,
        "<nil>" => String::new(),
        path => path.to_owned(),
    };
    let kind = match text("reason") {
        "FieldValueRequired" => FaultKind::Required,
        "FieldValueInvalid" => FaultKind::Invalid,
        "FieldValueNotSupported" => FaultKind::NotSupported,
        "FieldValueForbidden" => FaultKind::Forbidden,
        "FieldValueTooMany" => FaultKind::TooMany,
        "FieldValueTooLong" => FaultKind::TooLong,
        "FieldValueDuplicate" => FaultKind::Duplicate,
        "FieldValueTypeInvalid" => FaultKind::Type,
        // Of no kind that we know: no fault of ours is equal to it.
        _ => FaultKind::Undecodable,
    };
    Some((path, kind))
}

/// The unknown fields that a strict server refuses, without indexes.
pub fn unknown_fields(answer: &Value) -> BTreeSet<String> {
    let message = answer.get("message").and_then(Value::as_str).unwrap_or_default();
    let named = message.split("unknown field \"").skip(1);
    let named = named.filter_map(|rest| Some(without_indexes(rest.split_once('"')?.0)));
    // A status is the server's own writing, and not read.
    named.filter(|field| field != "status").collect()
}

fn without_indexes(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        match after.split_once(']') {
            Some((digits, tail)) if digits.bytes().all(|b| b.is_ascii_digit()) => rest = tail,
            _ => {
                out.push('[');
                rest = after;
            }
        }
    }
    out + rest
}
