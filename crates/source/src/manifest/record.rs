//! From a piece of text to records.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use kuberlock_model::Origin;
use kuberlock_model::coverage::{Notice, Reading, Unread};
use serde_json::Value;

use super::pieces::{List, Piece};
use super::{Refused, unread};
use crate::yaml::{self, Node, NodeKind, Places};
use crate::{Record, convert, redact, validate};

/// How deep lists may lie in one another.
const MAX_LISTS: usize = 4;
/// How many faults of one object are told, each with its line.
const MOST_FAULTS: usize = 20;

/// A text and where its lines begin, which is asked only when something is wrong.
pub(super) struct Lines<'a> {
    source: Arc<str>,
    text: &'a str,
    refused: Refused,
    places: OnceLock<Places>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(source: Arc<str>, text: &'a str, refused: Refused) -> Self {
        Self { source, text, refused, places: OnceLock::new() }
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    fn origin(&self, range: &Range<usize>) -> Origin {
        Origin::within(Arc::clone(&self.source), range.start as u64..range.end as u64)
    }

    /// Line and column in the file of a place in the piece that begins at `start`.
    fn place(&self, start: usize, line: u64, column: u64) -> (u64, u64) {
        let places = self.places.get_or_init(|| Places::new(self.text));
        let (before, left) = places.before(self.text, start);
        (before + line, if line == 1 { column + left } else { column })
    }

    fn unread(&self, range: &Range<usize>, line: u64, column: u64, reason: &str) -> Record {
        let (line, column) = self.place(range.start, line, column);
        unread(self.origin(range), format!("line {line}, column {column}: {reason}"))
    }
}

/// The records of one piece.
pub(super) fn records(lines: &Lines<'_>, piece: Piece) -> Vec<Record> {
    let mut records = Vec::new();
    match piece {
        Piece::Unreadable { range, line, column, reason } => {
            records.push(lines.unread(&range, line, column, &reason));
        }
        Piece::Document { range, list } => {
            document(lines, range, list.as_deref(), &mut records);
        }
    }
    records
}

fn document(
    lines: &Lines<'_>,
    range: Range<usize>,
    list: Option<&List>,
    records: &mut Vec<Record>,
) {
    let text = lines.text.get(range.clone()).unwrap_or_default();
    let document = match yaml::document(text) {
        Ok(document) => document,
        Err(error) => {
            return records.push(lines.unread(&range, error.line, error.column, &error.reason));
        }
    };
    let origin = lines.origin(&range);
    for key in document.duplicates {
        let notice = Notice::DuplicateKey { key: redact::key(&key) };
        records.push(Record::Reading(Reading::Notice(notice, origin.clone())));
    }
    let mut value = document.value;
    // An item that was cut out with its dash is a sequence of one.
    if list.is_some()
        && let Value::Array(items) = &mut value
        && items.len() == 1
    {
        value = items.remove(0);
    }
    any(lines, &range, value, list, MAX_LISTS, records);
}

/// An object, a list of them, or neither.
fn any(
    lines: &Lines<'_>,
    range: &Range<usize>,
    mut value: Value,
    list: Option<&List>,
    lists: usize,
    records: &mut Vec<Record>,
) {
    let (list, items) = match list_of(&mut value) {
        None => return object(lines, range, value, list, records),
        Some(_) if lists == 0 => {
            let reason = format!("lists lie deeper in one another than the bound of {MAX_LISTS}");
            return records.push(lines.unread(range, 1, 1, &reason));
        }
        Some(list) => list,
    };
    let ranges = item_ranges(lines.text.get(range.clone()).unwrap_or_default());
    let found = ranges.len() == items.len();
    for (at, item) in items.into_iter().enumerate() {
        let own = ranges.get(at).filter(|_| found);
        let own = own.map(|own| range.start + own.start..range.start + own.end);
        any(lines, own.as_ref().unwrap_or(range), item, Some(&list), lists - 1, records);
    }
}

/// The items of a list, and what they take from it.
fn list_of(value: &mut Value) -> Option<(List, Vec<Value>)> {
    match value {
        Value::Array(items) => Some((List::default(), std::mem::take(items))),
        Value::Object(map) => {
            let of = |key: &str| map.get(key).and_then(Value::as_str);
            let list = List::of(of("apiVersion"), of("kind")?)?;
            match map.get_mut("items") {
                Some(Value::Array(items)) => Some((list, std::mem::take(items))),
                Some(Value::Null) => Some((list, Vec::new())),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Where the items of a list stand: those of block style with their dash.
fn item_ranges(text: &str) -> Vec<Range<usize>> {
    let Ok(tree) = yaml::tree(text) else { return Vec::new() };
    let root = match &tree.root.kind {
        NodeKind::Sequence(nodes) if nodes.len() == 1 && is_list(nodes) => nodes.first(),
        _ => Some(&tree.root),
    };
    let nodes = match root.map(|root| &root.kind) {
        Some(NodeKind::Sequence(nodes)) => nodes.as_slice(),
        Some(NodeKind::Mapping(entries)) => {
            let items = entries.iter().rev().find(|(key, _)| key.is_text("items"));
            match items.map(|(_, value)| &tree.resolved(value).kind) {
                Some(NodeKind::Sequence(nodes)) => nodes.as_slice(),
                _ => &[],
            }
        }
        _ => &[],
    };
    nodes.iter().map(|node| with_dash(text, tree.resolved(node))).collect()
}

fn is_list(nodes: &[Node]) -> bool {
    nodes.first().is_some_and(|node| match &node.kind {
        NodeKind::Mapping(entries) => entries.iter().any(|(key, _)| key.is_text("items")),
        _ => false,
    })
}

fn with_dash(text: &str, node: &Node) -> Range<usize> {
    // No dash is indented further than this; a text of one line is not searched again and again.
    let from = text.floor_char_boundary(node.bytes.start.saturating_sub(4096));
    let before = text.get(from..node.bytes.start).unwrap_or_default();
    let line = before.rfind('\n').map_or(from, |at| from + at + 1);
    let left = text.get(line..node.bytes.start).unwrap_or_default();
    let is_dash = left.contains('-') && left.chars().all(|c| c == ' ' || c == '-');
    let start = if is_dash { line } else { node.bytes.start };
    let inside = text.get(start..node.bytes.end).unwrap_or_default();
    start..start + inside.trim_end().len()
}

fn object(
    lines: &Lines<'_>,
    range: &Range<usize>,
    mut value: Value,
    list: Option<&List>,
    records: &mut Vec<Record>,
) {
    let Value::Object(map) = &mut value else {
        if !value.is_null() {
            records.push(not_an_object(lines, range));
        }
        return;
    };
    if let Some(List { version, kind }) = list {
        for (key, inherited) in [("apiVersion", version), ("kind", kind)] {
            if let (None, Some(inherited)) = (map.get(key), inherited) {
                map.insert(key.to_owned(), inherited.as_str().into());
            }
        }
    }
    let has = |key: &str| map.get(key).is_some_and(|field| !field.is_null());
    match (has("apiVersion"), has("kind")) {
        (true, true) => {
            if lines.refused == Refused::LeftOut && is_refused(lines, range, &value, records) {
                return;
            }
            redact::object(&mut value);
            records.push(Record::Object { object: value, origin: lines.origin(range) });
        }
        (false, true) if has("metadata") => {
            records.push(lines.unread(range, 1, 1, "is an object without `apiVersion`"));
        }
        (true, false) if has("metadata") => {
            records.push(lines.unread(range, 1, 1, "is an object without `kind`"));
        }
        _ => records.push(not_an_object(lines, range)),
    }
}

/// Whether the API server would refuse the object: it can be in no cluster. Every fault is told.
fn is_refused(
    lines: &Lines<'_>,
    range: &Range<usize>,
    value: &Value,
    records: &mut Vec<Record>,
) -> bool {
    let faults = validate::refusal(value);
    let label = convert::label(value);
    let more = faults.len().saturating_sub(MOST_FAULTS);
    let origin = || lines.origin(range);
    let unread = |unread: Unread| Record::Reading(Reading::Unread(unread));
    for fault in faults.iter().take(MOST_FAULTS) {
        let reason = format!("{label} would be refused by the API server: {fault}");
        records.push(unread(Unread::at(origin(), fault.field.clone(), reason)));
    }
    if more > 0 {
        let reason = format!("{label} has {more} more faults");
        records.push(unread(Unread::new(origin(), reason)));
    }
    !faults.is_empty()
}

/// Values of a chart, a pipeline: told once, however many there are.
fn not_an_object(lines: &Lines<'_>, range: &Range<usize>) -> Record {
    let kind = "none: a document without `apiVersion` and `kind`".to_owned();
    Record::Reading(Reading::Notice(Notice::UnknownKind { kind }, lines.origin(range)))
}
