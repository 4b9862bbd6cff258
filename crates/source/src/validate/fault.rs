//! A fault, and where it is.

use std::fmt;

use kuberlock_model::FieldPath;

/// How much of a value a reason quotes.
const QUOTED: usize = 80;

/// Why the API server refuses an object: one field of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The path of the field as the API server prints it; empty for the object itself.
    pub path: String,
    /// The same, to find the field in the document.
    pub field: FieldPath,
    /// The kind of fault.
    pub kind: FaultKind,
    /// What is wrong; one sentence, lower-case.
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{}: {}", self.kind, self.reason)
    }
}

/// The kinds of fault that the API server tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// The value has another type than the field of a built-in kind: the object cannot be decoded.
    Undecodable,
    /// The value has another type than the schema says.
    Type,
    /// A field that must be there is not.
    Required,
    /// The value is none that the field may have.
    Invalid,
    /// The value is none of a fixed set.
    NotSupported,
    /// The field may not be there.
    Forbidden,
    /// The list or mapping has too many items.
    TooMany,
    /// The text is too long.
    TooLong,
    /// The list has a value twice.
    Duplicate,
}

impl FaultKind {
    /// Whether the server leaves a schema's rules unasked for such a fault.
    pub(super) fn hides_rules(self) -> bool {
        matches!(
            self,
            Self::NotSupported | Self::Required | Self::TooLong | Self::TooMany | Self::Type
        )
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Undecodable => "Undecodable value",
            Self::Type | Self::Invalid => "Invalid value",
            Self::Required => "Required value",
            Self::NotSupported => "Unsupported value",
            Self::Forbidden => "Forbidden",
            Self::TooMany => "Too many",
            Self::TooLong => "Too long",
            Self::Duplicate => "Duplicate value",
        })
    }
}

/// The place of a value in an object: made on the way down, written out only for a fault.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    parent: Option<&'a At<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl<'a> At<'a> {
    pub(super) const ROOT: &'static At<'static> = &At { parent: None, step: Step::Root };

    pub(super) fn key(&'a self, key: &'a str) -> At<'a> {
        At { parent: Some(self), step: Step::Key(key) }
    }

    pub(super) fn index(&'a self, index: usize) -> At<'a> {
        At { parent: Some(self), step: Step::Index(index) }
    }

    /// As the API server prints it: keys are not quoted.
    fn path(&self) -> String {
        let parent = self.parent.map(At::path).unwrap_or_default();
        match self.step {
            Step::Root => parent,
            Step::Key(key) if parent.is_empty() => key.to_owned(),
            Step::Key(key) => format!("{parent}.{key}"),
            Step::Index(index) => format!("{parent}[{index}]"),
        }
    }

    fn field(&self) -> FieldPath {
        let parent = self.parent.map(At::field).unwrap_or_default();
        match self.step {
            Step::Root => parent,
            Step::Key(key) => parent.key(key),
            Step::Index(index) => parent.index(index),
        }
    }
}

/// The faults of an object, in the order found.
#[derive(Default)]
pub(super) struct Faults {
    pub(super) all: Vec<Fault>,
}

impl Faults {
    pub(super) fn push(&mut self, at: &At<'_>, kind: FaultKind, reason: impl Into<String>) {
        let reason = reason.into();
        self.all.push(Fault { path: at.path(), field: at.field(), kind, reason });
    }

    pub(super) fn invalid(&mut self, at: &At<'_>, reason: impl Into<String>) {
        self.push(at, FaultKind::Invalid, reason);
    }
}

/// A value of the user's as a reason quotes it.
pub(super) fn quoted(text: &str) -> String {
    let cut: String = text.chars().filter(|c| !c.is_control()).take(QUOTED).collect();
    let more = if text.chars().nth(QUOTED).is_some() { "…" } else { "" };
    format!("`{cut}{more}`")
}
