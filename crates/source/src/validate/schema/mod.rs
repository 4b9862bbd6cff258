//! Schemas of custom resources, and what the API server makes of them.
//!
//! It drops what the schema does not know and nulls that it does not allow, fills in defaults,
//! looks at the form of all that is left, and asks the rules last.

mod form;
mod rules;
mod seen;

use serde_json::{Map, Value};

use super::text::Why;

pub(super) use self::form::check;
pub(super) use self::rules::check_rules;
pub(super) use self::seen::seen;

/// The form of a value.
pub(super) enum Shape {
    Text(&'static Text),
    /// A whole number, from and to; a point with nothing behind it does no harm.
    Number(i64, i64),
    /// A mapping of texts.
    Texts,
    List(&'static List),
    Object(&'static Fields),
}

/// The form of a text.
pub(super) struct Text {
    /// In characters.
    pub(super) longest: usize,
    /// All that it may be, where that is fixed.
    pub(super) one_of: &'static [&'static str],
    /// A pattern.
    pub(super) pattern: fn(&str) -> Why,
    /// A rule.
    pub(super) rule: fn(&str) -> Why,
    /// What it is where it is missing.
    pub(super) default: Option<&'static str>,
}

/// Any text.
pub(super) const ANY: Text =
    Text { longest: usize::MAX, one_of: &[], pattern: |_| None, rule: |_| None, default: None };

/// The form of a list.
pub(super) struct List {
    pub(super) of: Shape,
    pub(super) least: usize,
    pub(super) most: usize,
    /// Whether no item may be there twice.
    pub(super) is_set: bool,
}

/// The form of a mapping of fields.
pub(super) struct Fields {
    pub(super) fields: &'static [(&'static str, Shape)],
    pub(super) required: &'static [&'static str],
    /// How many fields there may be, from and to.
    pub(super) count: (usize, usize),
    pub(super) rule: fn(&Map<String, Value>) -> Why,
}

/// A mapping that may have any of its fields.
pub(super) const FREE: Fields =
    Fields { fields: &[], required: &[], count: (0, usize::MAX), rule: |_| None };
