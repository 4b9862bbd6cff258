//! Fields that observers write as text or number, as they like.

use serde::Deserialize;

/// A text, or a number read as one. Whatever else it may be is read past.
#[derive(Clone, Debug, Default)]
pub(super) struct Loose(pub(super) Option<String>);

impl Loose {
    /// The text, where it says something: neither empty nor `-`.
    pub(super) fn said(&self) -> Option<&str> {
        self.0.as_deref().filter(|text| !text.is_empty() && *text != "-")
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(match serde_json::Value::deserialize(from)? {
            serde_json::Value::String(text) => Some(text),
            serde_json::Value::Number(number) => Some(number.to_string()),
            _ => None,
        }))
    }
}

/// `key=value` of each part; parts of another form are left out.
pub(super) fn labels<'a>(
    parts: impl Iterator<Item = &'a str>,
) -> std::collections::BTreeMap<String, String> {
    let pair = |part: &str| {
        let (key, value) = part.trim().split_once('=')?;
        (!key.is_empty()).then(|| (key.to_owned(), value.to_owned()))
    };
    parts.filter_map(pair).collect()
}

/// A name, cut to what a name may be long.
pub(super) fn name(text: &str) -> Option<Box<str>> {
    let fits = (1..=253).contains(&text.len()) && !text.chars().any(char::is_control);
    (fits && text != "-").then(|| text.into())
}
