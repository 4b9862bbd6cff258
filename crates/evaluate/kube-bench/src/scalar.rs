//! Scalars as kube-bench's YAML reader (go-yaml 2) takes them: a string field keeps the source's
//! text, whatever it looks like; a truth is YAML 1.1's.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

/// The text of a scalar; nothing where there is none.
pub(crate) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(from)?.unwrap_or_default())
}

/// A truth; false where there is none.
pub(crate) fn truth<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    let text = text(from)?;
    parse_truth(&text).ok_or_else(|| D::Error::custom("is neither true nor false"))
}

/// A truth; true where there is none, as for `set`.
pub(crate) fn set<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    let text = text(from)?;
    if text.is_empty() {
        return Ok(true);
    }
    parse_truth(&text).ok_or_else(|| D::Error::custom("is neither true nor false"))
}

fn parse_truth(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Some(true)
        }
        "" | "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off"
        | "OFF" => Some(false),
        _ => None,
    }
}

/// A list; nothing where there is none.
pub(crate) fn list<'de, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<Vec<T>>::deserialize(from)?.unwrap_or_default())
}
