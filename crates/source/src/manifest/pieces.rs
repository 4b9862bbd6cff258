//! Where the objects of a text are, found without parsing more than must be.
//!
//! Enters: a text of YAML or JSON. Leaves: byte ranges that each hold one document, or one item of
//! a large list. Always holds: a list of 100 MB is never one value in memory.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::MAX_DOCUMENTS;
use crate::yaml;

/// From how many bytes on a YAML list is cut into items by its lines.
const LARGE: usize = 1024 * 1024;

/// A part of a text.
#[derive(Debug)]
pub(super) enum Piece {
    /// One document, or one item of a list.
    Document {
        range: Range<usize>,
        /// What the item takes from its list where it says nothing itself.
        list: Option<Arc<List>>,
    },
    /// A part that cannot be read, and why.
    Unreadable { range: Range<usize>, line: u64, column: u64, reason: String },
}

/// `apiVersion` and `kind` of a list's items.
#[derive(Clone, Debug, Default)]
pub(super) struct List {
    pub(super) version: Option<String>,
    pub(super) kind: Option<String>,
}

impl List {
    /// What the items of a list of this kind are: of a `PodList` pods.
    pub(super) fn of(version: Option<&str>, kind: &str) -> Option<Self> {
        let item = kind.strip_suffix("List")?;
        let named = !item.is_empty();
        Some(Self {
            version: version.filter(|_| named).map(str::to_owned),
            kind: named.then(|| item.to_owned()),
        })
    }
}

/// Finds the pieces of `text` in their order.
pub(super) fn each(text: &str, is_json: bool, found: &mut dyn FnMut(Piece)) {
    let body = text.trim_start_matches('\u{FEFF}').trim_start();
    // A text that begins as JSON may still be YAML in flow style.
    if body.starts_with(['{', '[']) && (json(text, found) || is_json) {
        return;
    }
    for (count, (range, document)) in yaml::documents(text).enumerate() {
        let start = usize::try_from(range.start).unwrap_or(usize::MAX);
        let range = start..start + document.len();
        if count == MAX_DOCUMENTS {
            let reason = format!("passes the bound of {MAX_DOCUMENTS} documents a file");
            return found(Piece::Unreadable { range, line: 1, column: 1, reason });
        }
        match (document.len() > LARGE).then(|| lines_of_list(document)).flatten() {
            Some((list, items)) => {
                let list = Arc::new(list);
                for item in items {
                    let range = start + item.start..start + item.end;
                    found(Piece::Document { range, list: Some(Arc::clone(&list)) });
                }
            }
            None => found(Piece::Document { range, list: None }),
        }
    }
}

/// Finds JSON values that follow one another. `false` where the first is none: then nothing was
/// found.
fn json(text: &str, found: &mut dyn FnMut(Piece)) -> bool {
    let mut at = text.len() - text.trim_start_matches('\u{FEFF}').len();
    let mut count = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
        let error = loop {
            match values.next() {
                None => return true,
                Some(Ok(_)) if count == MAX_DOCUMENTS => {
                    let reason = format!("passes the bound of {MAX_DOCUMENTS} documents a file");
                    found(Piece::Unreadable { range: at..text.len(), line: 1, column: 1, reason });
                    return true;
                }
                Some(Ok(value)) => json_value(text, value.get(), found),
                Some(Err(error)) => break error,
            }
            count += 1;
        };
        if count == 0 {
            return false;
        }
        let start = at + values.byte_offset();
        // Of JSON lines, the next may be whole again.
        let next = text.get(start..).and_then(|rest| rest.find("\n{")).map(|line| start + line + 1);
        let before = rest.get(..values.byte_offset()).unwrap_or_default();
        let line = error.line().saturating_sub(before.matches('\n').count()).max(1) as u64;
        let column = error.column().max(1) as u64;
        let reason = "is no JSON, or ends too early".to_owned();
        let range = start..next.unwrap_or(text.len());
        found(Piece::Unreadable { range, line, column, reason });
        count += 1;
        match next {
            Some(next) => at = next,
            None => return true,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonList<'a> {
    #[serde(borrow)]
    api_version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    items: Option<Vec<&'a RawValue>>,
}

fn json_value(text: &str, value: &str, found: &mut dyn FnMut(Piece)) {
    let list = if value.starts_with('{') { serde_json::from_str(value).ok() } else { None };
    if let Some(JsonList { api_version, kind: Some(kind), items: Some(items) }) = list
        && let Some(list) = List::of(api_version.as_deref(), &kind)
    {
        let list = Arc::new(list);
        for item in items {
            let range = within(text, item.get());
            found(Piece::Document { range, list: Some(Arc::clone(&list)) });
        }
        return;
    }
    found(Piece::Document { range: within(text, value), list: None });
}

/// The range of `part`, which is a slice of `text`.
fn within(text: &str, part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    start..start + part.len()
}

/// The items of a list in block style, by its lines alone: what is indented less than an item's
/// dash ends the list, and nothing inside an item can be.
fn lines_of_list(document: &str) -> Option<(List, Vec<Range<usize>>)> {
    let (mut version, mut kind) = (None, None);
    let mut items: Vec<Range<usize>> = Vec::new();
    let mut indent = None;
    let mut at = 0;
    let mut inside = false;
    for line in document.split_inclusive('\n') {
        let (start, end) = (at, at + line.len());
        at = end;
        let body = line.trim_end();
        let spaces = body.len() - body.trim_start_matches(' ').len();
        let rest = body.get(spaces..).unwrap_or_default();
        if rest.is_empty() || rest.starts_with('#') {
            continue;
        }
        let is_dash = rest == "-" || rest.starts_with("- ");
        if inside && is_dash && spaces == *indent.get_or_insert(spaces) {
            if let Some(last) = items.last_mut() {
                last.end = start;
            }
            items.push(start..end);
            continue;
        }
        if inside && (spaces > indent.unwrap_or(0)) {
            items.last()?;
            continue;
        }
        if spaces > 0 {
            continue;
        }
        if let Some(last) = items.last_mut().filter(|_| inside) {
            last.end = start;
        }
        inside = body == "items:";
        if inside && !items.is_empty() {
            return None;
        }
        version = scalar(body, "apiVersion:").or(version);
        kind = scalar(body, "kind:").or(kind);
    }
    if let Some(last) = items.last_mut().filter(|_| inside) {
        last.end = document.len();
    }
    let list = List::of(version.as_deref(), &kind?)?;
    (!items.is_empty()).then_some((list, items))
}

fn scalar(line: &str, key: &str) -> Option<String> {
    let value = line.strip_prefix(key)?.trim().trim_matches(['"', '\'']);
    (!value.is_empty()).then(|| value.to_owned())
}
