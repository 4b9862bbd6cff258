//! The text of a node's configuration file.
//!
//! Enters: a path, for what it tells of the format, and the text. Leaves: the text with credentials
//! replaced. Always holds: as many lines as before, so that a finding's line is the file's.

use std::ops::Range;

use serde_json::Value;

use super::lines;
use super::mark::{is_mark, mark};
use crate::yaml::{self, Node, NodeKind};

/// How a text was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// As documents, whose values were looked at until nothing more went.
    Documents,
    /// Line by line.
    Lines,
}

/// Redacts a configuration file.
pub(super) fn text(path: &str, text: &str) -> (String, Reading) {
    let text = lines::without_pem(text);
    let is_lines =
        [".toml", ".service", ".env", ".csv", ".ini", ".cfg"].iter().any(|end| path.ends_with(end));
    let (redacted, reading) = match if is_lines { None } else { documents(&text) } {
        Some(redacted) => (redacted, Reading::Documents),
        None => (lines::redact(&text), Reading::Lines),
    };
    if redacted.matches('\n').count() == text.matches('\n').count() {
        (redacted, reading)
    } else {
        // INVARIANT: never reached by the rules above; if one errs, nothing of the file is told.
        (text.chars().filter(|c| *c == '\n').collect(), reading)
    }
}

/// A file of YAML or JSON documents; `None` where it is none, or uses what cannot be replaced in
/// place.
fn documents(text: &str) -> Option<String> {
    let mut edits = Edits { of: text, list: Vec::new(), offset: 0 };
    let mut any = false;
    for (range, document) in yaml::documents(text) {
        // The spans first: they cost a third of the values, and tell what is no document at all.
        let tree = yaml::tree(document).ok()?;
        if !matches!(tree.root.kind, NodeKind::Mapping(_) | NodeKind::Sequence(_)) {
            return None;
        }
        // Here marks are quoted: a bare one comes from the reading by lines, and reads as a list.
        if document.contains("[redacted ") && has_bare_mark(document, &tree.root) {
            return None;
        }
        let read = yaml::document(document).ok()?;
        // The value has only the last of repeated keys, the text all of them.
        read.duplicates.is_empty().then_some(())?;
        let before = read.value;
        let mut after = before.clone();
        super::object(&mut after);
        edits.offset = usize::try_from(range.start).ok()?;
        edits.compare(&tree.root, &before, &after)?;
        any = true;
    }
    any.then_some(())?;
    if text.contains('#') {
        edits.comments()?;
    }
    edits.apply()
}

fn has_bare_mark(text: &str, node: &Node) -> bool {
    match &node.kind {
        NodeKind::Sequence(items) => {
            let source = text.get(node.bytes.clone()).unwrap_or_default();
            is_mark(source.trim_end()) || items.iter().any(|item| has_bare_mark(text, item))
        }
        NodeKind::Mapping(entries) => entries
            .iter()
            .any(|(key, value)| has_bare_mark(text, key) || has_bare_mark(text, value)),
        NodeKind::Scalar(_) | NodeKind::Alias(_) => false,
    }
}

/// Replacements of byte ranges.
struct Edits<'a> {
    of: &'a str,
    list: Vec<(usize, usize, String)>,
    offset: usize,
}

impl Edits<'_> {
    /// Replaces every scalar whose value was redacted.
    fn compare(&mut self, node: &Node, before: &Value, after: &Value) -> Option<()> {
        if before == after {
            return Some(());
        }
        match (&node.kind, before, after) {
            (NodeKind::Mapping(entries), Value::Object(before), Value::Object(after)) => {
                for (key, value) in entries {
                    let NodeKind::Scalar(name) = &key.kind else { return None };
                    match (before.get(name), after.get(name)) {
                        (Some(before), Some(after)) => {
                            self.compare(value, before, after)?;
                        }
                        // A merge key puts values where the text has none.
                        _ if name == "<<" => return None,
                        (Some(_), None) => {
                            let renamed = after.contains_key(&mark(name));
                            let is_absent = self.source(value)?.trim().is_empty();
                            match (renamed, is_absent) {
                                (false, true) => {}
                                (false, false) => self.replace(value, "null")?,
                                (true, false) => {
                                    self.replace(value, "null")?;
                                    self.replace(key, &quoted(&mark(name)))?;
                                }
                                // `{key}` has no place for a value.
                                (true, true) => return None,
                            }
                        }
                        _ => self.replace(value, &quoted(&mark(self.source(value)?)))?,
                    }
                }
                Some(())
            }
            (NodeKind::Sequence(nodes), Value::Array(before), Value::Array(after)) => {
                if nodes.len() != before.len() || nodes.len() != after.len() {
                    return None;
                }
                for ((node, before), after) in nodes.iter().zip(before).zip(after) {
                    self.compare(node, before, after)?;
                }
                Some(())
            }
            (NodeKind::Scalar(_), _, Value::String(after)) => self.replace(node, &quoted(after)),
            // What an alias repeats is written elsewhere, perhaps where it was thought harmless.
            _ => None,
        }
    }

    fn range(&self, node: &Node) -> (usize, usize) {
        (node.bytes.start + self.offset, node.bytes.end + self.offset)
    }

    fn source(&self, node: &Node) -> Option<&str> {
        let (start, end) = self.range(node);
        self.of.get(start..end)
    }

    fn replace(&mut self, node: &Node, by: &str) -> Option<()> {
        let source = self.source(node)?;
        let trimmed = source.trim_end();
        let lines = "\n".repeat(trimmed.matches('\n').count());
        let (start, _) = self.range(node);
        self.list.push((start, start + trimmed.len(), format!("{by}{lines}")));
        Some(())
    }

    /// Comments may hold what was commented out.
    fn comments(&mut self) -> Option<()> {
        self.list.sort_unstable_by_key(|(start, ..)| *start);
        let mut comments = Vec::new();
        for Range { start, end } in yaml::comments(self.of)? {
            let before = self.list.partition_point(|(from, ..)| *from <= start);
            let inside = before
                .checked_sub(1)
                .and_then(|at| self.list.get(at))
                .is_some_and(|(_, to, _)| end <= *to);
            if !inside {
                comments.push((start, end, lines::comment(self.of.get(start..end)?)));
            }
        }
        self.list.append(&mut comments);
        Some(())
    }

    fn apply(mut self) -> Option<String> {
        self.list.sort_unstable_by_key(|(start, ..)| *start);
        let mut whole = String::with_capacity(self.of.len());
        let mut at = 0;
        for (start, end, by) in &self.list {
            whole.push_str(self.of.get(at..*start)?);
            whole.push_str(by);
            at = *end;
        }
        whole.push_str(self.of.get(at..)?);
        Some(whole)
    }
}

fn quoted(text: &str) -> String {
    // JSON's quoting is YAML's too, in block and in flow style.
    Value::String(text.to_owned()).to_string()
}
