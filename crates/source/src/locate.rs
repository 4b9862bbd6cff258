//! The line and column of a field, found when a finding is rendered.
//!
//! Enters: findings whose evidence names a document and a field in it, and what could not be read
//! for a field of it. Leaves: the same with file, line and column, counted from the start of the file. Always holds: where the exact field is
//! absent, the nearest field around it is named; a document is parsed once, and one at a time is in
//! memory; of a file with a document a line no more than that line is.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kuberlock_model::coverage::Notice;
use kuberlock_model::finding::From;
use kuberlock_model::origin::{Location, Step};
use kuberlock_model::{Coverage, FieldPath, Finding, Origin};

use crate::yaml::{self, Node, NodeKind, Places, Tree};
use crate::{manifest, snapshot};

/// What a source that is no local file of its own holds.
#[derive(Debug)]
pub enum Content {
    /// Its text.
    Text(String),
    /// A file with a document a line, too large perhaps to be held whole.
    Lines(PathBuf),
}

/// Finds the location of all evidence that has none. `content` gives what sources hold that are
/// no local files: `NODE:/path`, entries of a snapshot's folder.
pub fn fill(findings: &mut [Finding], content: &dyn Fn(&str) -> Option<Content>) {
    fill_all(open(findings), content);
}

/// Finds the location of every field that a document was not read for, and of the first of every
/// field that is not known.
pub fn fill_coverage(coverage: &mut Coverage, content: &dyn Fn(&str) -> Option<Content>) {
    let unread = coverage.unread_mut().iter_mut().filter_map(|unread| {
        let field = unread.field.as_ref().filter(|_| unread.location.is_none())?;
        Some(Open { origin: &unread.origin, field, location: &mut unread.location })
    });
    fill_all(sorted(unread), content);
    let unknown = |notice: &Notice| match notice {
        Notice::UnknownField { field, .. } => Some(FieldPath::of(field)),
        _ => None,
    };
    let fields: Vec<Option<FieldPath>> =
        coverage.notices().map(|(notice, _)| unknown(notice)).collect();
    let noticed = coverage.notices_mut().zip(&fields).filter_map(|((_, noticed), field)| {
        let field = field.as_ref()?;
        Some(Open { origin: &noticed.first, field, location: &mut noticed.location })
    });
    fill_all(sorted(noticed), content);
}

fn fill_all(open: Vec<Open<'_>>, content: &dyn Fn(&str) -> Option<Content>) {
    let mut source: Option<Source> = None;
    let mut document: Option<Document> = None;
    for Open { origin, field, location } in open {
        if source.as_ref().is_none_or(|held| held.name != origin.source) {
            let name = Arc::clone(&origin.source);
            source = Some(Source { held: Held::of(&name, content), name });
            document = None;
        }
        let Some(Source { held, .. }) = &mut source else { continue };
        if document.as_ref().is_none_or(|known| known.range != origin.range) {
            document = match held {
                Held::Nothing => None,
                Held::Text(places, text) => Some(Document::new(text, places, origin.range)),
                Held::Lines(lines) => origin.range.and_then(|range| lines.document(range).ok()),
            };
        }
        if let Some(document) = &document {
            *location = Some(document.location(origin, field));
        }
    }
}

/// Finds the location of evidence from the snapshots at `paths` that are no folders: each is gone
/// through once more, and only if something is to be found in it.
pub fn fill_archived(findings: &mut [Finding], paths: &[PathBuf]) {
    let mut open = open(findings);
    for path in paths {
        let name = path.to_string_lossy();
        let within = |source: &str| source.strip_prefix(&*name).is_some_and(|r| r.contains('!'));
        if !open.iter().any(|open| within(&open.origin.source)) {
            continue;
        }
        // What cannot be read twice has its entry and field to be found by.
        let _ = snapshot::entries(path, &mut |source, content| {
            let from = open.partition_point(|open| &*open.origin.source < source);
            let to = open.partition_point(|open| &*open.origin.source <= source);
            fill_lines(open.get_mut(from..to).unwrap_or_default(), Lines::new(content));
        });
    }
}

fn fill_lines<R: BufRead>(open: &mut [Open<'_>], mut lines: Lines<R>) {
    let mut document: Option<Document> = None;
    for Open { origin, field, location } in open {
        if document.as_ref().is_none_or(|known| known.range != origin.range) {
            document = origin.range.and_then(|range| lines.document(range).ok());
        }
        if let Some(document) = &document {
            **location = Some(document.location(origin, field));
        }
    }
}

/// A field whose location is wanted.
struct Open<'f> {
    origin: &'f Origin,
    field: &'f FieldPath,
    location: &'f mut Option<Location>,
}

/// What is open in the findings.
fn open(findings: &mut [Finding]) -> Vec<Open<'_>> {
    let evidence = findings.iter_mut().flat_map(|finding| &mut finding.evidence);
    sorted(evidence.filter_map(|evidence| match &mut evidence.from {
        From::Document { origin, field, location } if location.is_none() => {
            Some(Open { origin, field, location })
        }
        _ => None,
    }))
}

/// What is of one document comes together, so that each is read once.
fn sorted<'f>(open: impl Iterator<Item = Open<'f>>) -> Vec<Open<'f>> {
    let mut open: Vec<Open<'_>> = open.collect();
    open.sort_by_key(|open| open.origin);
    open
}

struct Source {
    name: Arc<str>,
    held: Held,
}

/// What is open of a source.
enum Held {
    Nothing,
    Text(Places, String),
    Lines(Lines<BufReader<File>>),
}

impl Held {
    fn of(name: &str, content: &dyn Fn(&str) -> Option<Content>) -> Self {
        let text = match content(name) {
            Some(Content::Lines(path)) => {
                return Lines::open(&path).map_or(Self::Nothing, Self::Lines);
            }
            Some(Content::Text(text)) => Some(text),
            None if name == "-" => manifest::standard_input_text().map(str::to_owned),
            None => {
                let real = std::fs::canonicalize(Path::new(name)).ok();
                real.and_then(|real| manifest::file::text(&real).ok())
            }
        };
        text.map_or(Self::Nothing, |text| Self::Text(Places::new(&text), text))
    }
}

/// A file with a document a line, read once from its beginning to its end.
struct Lines<R> {
    file: R,
    /// Bytes that were read.
    at: u64,
    /// Lines among them.
    lines: u64,
}

impl Lines<BufReader<File>> {
    fn open(path: &Path) -> io::Result<Self> {
        Ok(Self::new(BufReader::with_capacity(1 << 20, File::open(path)?)))
    }
}

impl<R: BufRead> Lines<R> {
    fn new(file: R) -> Self {
        Self { file, at: 0, lines: 0 }
    }

    /// The document at `range`, which begins a line behind those that were asked for before.
    fn document(&mut self, range: (u64, u64)) -> io::Result<Document> {
        let (start, end) = range;
        while self.at < start {
            let buffer = self.file.fill_buf()?;
            let wanted = usize::try_from(start - self.at).unwrap_or(usize::MAX);
            let Some(passed) = buffer.get(..wanted.min(buffer.len())).filter(|b| !b.is_empty())
            else {
                return Err(io::ErrorKind::UnexpectedEof.into());
            };
            self.lines += newlines(passed);
            let count = passed.len();
            self.at += count as u64;
            self.file.consume(count);
        }
        let lines = self.lines;
        let mut bytes = Vec::new();
        self.file.by_ref().take(end.saturating_sub(start)).read_to_end(&mut bytes)?;
        self.at += bytes.len() as u64;
        self.lines += newlines(&bytes);
        let tree = String::from_utf8(bytes).ok().and_then(|text| yaml::tree(&text).ok());
        Ok(Document { range: Some(range), tree, lines, columns: 0 })
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// A document and where it begins in its file.
struct Document {
    range: Option<(u64, u64)>,
    tree: Option<Tree>,
    /// Lines before the one in which the document begins.
    lines: u64,
    /// Characters before it in that line.
    columns: u64,
}

impl Document {
    fn new(text: &str, places: &Places, range: Option<(u64, u64)>) -> Self {
        let (start, end) = range.map_or((0, text.len()), |(start, end)| {
            let of = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
            (of(start), of(end).min(text.len()))
        });
        let (lines, columns) = places.before(text, start);
        Self {
            range,
            tree: text.get(start..end).and_then(|document| yaml::tree(document).ok()),
            lines,
            columns,
        }
    }

    fn location(&self, origin: &Origin, field: &FieldPath) -> Location {
        let (line, column) = self.place(field);
        Location { file: Arc::clone(&origin.source), line, column }
    }

    /// Line and column of `field`, or of what is nearest around it.
    fn place(&self, field: &FieldPath) -> (u64, u64) {
        let Some(tree) = &self.tree else { return (self.lines + 1, self.columns + 1) };
        let node = find(tree, &field.steps());
        let columns = if node.line == 1 { self.columns } else { 0 };
        (self.lines + node.line, columns + node.column)
    }
}

/// The node to show for a path: the key of a field, the item of a list.
fn find<'a>(tree: &'a Tree, steps: &[Step]) -> &'a Node {
    let mut at = &tree.root;
    // An item of a list was cut out with its dash.
    if let NodeKind::Sequence(items) = &at.kind
        && let ([item], false) = (items.as_slice(), matches!(steps.first(), Some(Step::Index(_))))
    {
        at = item;
    }
    if let Some(exact) = whole(tree, at, at, steps) {
        return exact;
    }
    let mut shown = at;
    for step in steps {
        let Some((place, inner)) = step_into(tree, tree.resolved(at), step, 0) else { break };
        shown = place;
        at = inner;
    }
    shown
}

/// The node at the very end of a path. A path that leaves the indexes of lists out leads to the
/// first item that has the rest of it.
fn whole<'a>(tree: &'a Tree, shown: &'a Node, at: &'a Node, steps: &[Step]) -> Option<&'a Node> {
    let Some((step, rest)) = steps.split_first() else { return Some(shown) };
    let node = tree.resolved(at);
    if let (NodeKind::Sequence(items), Step::Key(_)) = (&node.kind, step) {
        return items.iter().find_map(|item| whole(tree, item, item, steps));
    }
    let (place, inner) = step_into(tree, node, step, 0)?;
    whole(tree, place, inner, rest)
}

fn step_into<'a>(
    tree: &'a Tree,
    node: &'a Node,
    step: &Step,
    merges: usize,
) -> Option<(&'a Node, &'a Node)> {
    match (&node.kind, step) {
        (NodeKind::Sequence(items), Step::Index(index)) => {
            items.get(*index).map(|item| (item, item))
        }
        (NodeKind::Mapping(entries), Step::Key(name)) => {
            let own = entries.iter().rev().find(|(key, _)| key.is_text(name));
            own.map(|(key, value)| (key, value)).or_else(|| {
                let merged = entries.iter().filter(|(key, _)| key.is_text("<<"));
                let mut sources = merged.flat_map(|(_, value)| match &value.kind {
                    NodeKind::Sequence(several) => several.as_slice(),
                    _ => std::slice::from_ref(value),
                });
                // Merges of merges end somewhere; a bound says where.
                (merges < 16).then_some(())?;
                sources.find_map(|of| step_into(tree, tree.resolved(of), step, merges + 1))
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
