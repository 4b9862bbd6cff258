//! Where a fact was read.
//!
//! An object carries one small [`Origin`]; the line and column of a field are looked up only when
//! a finding that quotes it is rendered, so a cluster of 100,000 objects pays nothing for them.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// The place an object or node fact was read from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// A path as the user gave it, `-` for standard input, a snapshot's entry
    /// (`snapshot.tar.zst!objects/pods.jsonl`), `NODE:/path` for a file of a node, or
    /// `api:/apis/…` for an API server.
    pub source: Arc<str>,
    /// The byte range of the document within the source; `None` is the whole of it.
    pub range: Option<(u64, u64)>,
}

impl Origin {
    /// The whole of `source`.
    pub fn whole(source: impl Into<Arc<str>>) -> Self {
        Self { source: source.into(), range: None }
    }

    /// The bytes `range` of `source`.
    pub fn within(source: impl Into<Arc<str>>, range: Range<u64>) -> Self {
        Self { source: source.into(), range: Some((range.start, range.end)) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

/// The path of a field inside a document: `spec.containers[0].securityContext.privileged`.
///
/// Keys that are not plain words are quoted: `metadata.labels["app.kubernetes.io/name"]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct FieldPath(String);

/// One step of a [`FieldPath`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A key of a mapping.
    Key(String),
    /// An index of a sequence, from zero.
    Index(usize),
}

impl FieldPath {
    /// The document itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// This path, one mapping key further in.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        let plain = !key.is_empty()
            && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        let mut path = self.0.clone();
        if plain {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(key);
        } else {
            path.push_str(&format!("[{key:?}]"));
        }
        Self(path)
    }

    /// This path, one sequence index further in.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    /// The path of several plain keys: `FieldPath::of("spec.template.spec")`.
    pub fn of(dotted: &str) -> Self {
        Self(dotted.to_owned())
    }

    /// The text of the path; empty for the document itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The steps of the path, outermost first. Text that is no path yields the steps before the
    /// fault: a location is then the nearest enclosing field, never an error.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut rest = self.0.as_str();
        while let Some((step, tail)) = next_step(rest) {
            steps.push(step);
            rest = tail;
        }
        steps
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn next_step(text: &str) -> Option<(Step, &str)> {
    let text = text.strip_prefix('.').unwrap_or(text);
    if let Some(inner) = text.strip_prefix("[\"") {
        return quoted_step(inner);
    }
    if let Some(inner) = text.strip_prefix('[') {
        let (digits, tail) = inner.split_once(']')?;
        return Some((Step::Index(digits.parse().ok()?), tail));
    }
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (key, tail) = text.split_at_checked(end)?;
    (!key.is_empty()).then(|| (Step::Key(key.to_owned()), tail))
}

fn quoted_step(inner: &str) -> Option<(Step, &str)> {
    let mut key = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => key.push(chars.next()?.1),
            '"' => {
                let tail = inner.get(at + 1..)?.strip_prefix(']')?;
                return Some((Step::Key(key), tail));
            }
            c => key.push(c),
        }
    }
    None
}

/// A place a person can open: found when a finding is rendered, never stored with an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Location {
    /// The file, as the user would open it.
    #[serde(serialize_with = "text")]
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
}

fn text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_back_as_its_steps() {
        let path = FieldPath::of("spec").key("containers").index(2).key("a.b/c").key("x");
        assert_eq!(path.as_str(), "spec.containers[2][\"a.b/c\"].x");
        assert_eq!(
            path.steps(),
            [
                Step::Key("spec".into()),
                Step::Key("containers".into()),
                Step::Index(2),
                Step::Key("a.b/c".into()),
                Step::Key("x".into())
            ]
        );
    }
}
