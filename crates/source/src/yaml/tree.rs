//! A document as a tree of nodes that know where they stand.

use std::borrow::Cow;
use std::ops::Range;

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, Span, options};

use super::{Error, MAX_DEPTH};

/// One node of a document.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) kind: NodeKind,
    /// Its bytes, relative to the text that was parsed. Those of a block end where the next token
    /// begins.
    pub(crate) bytes: Range<usize>,
    /// Line from 1.
    pub(crate) line: u64,
    /// Column in characters, from 1.
    pub(crate) column: u64,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum NodeKind {
    /// A scalar, escapes resolved.
    Scalar(String),
    /// A sequence.
    Sequence(Vec<Node>),
    /// A mapping, repeated keys included, in the order written.
    Mapping(Vec<(Node, Node)>),
    /// An alias, and the number of the anchor it names.
    Alias(usize),
}

/// A document's nodes, and those that have an anchor.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) root: Node,
    anchors: Vec<(usize, Node)>,
}

impl Tree {
    /// The node an alias names; any other node is itself.
    pub(crate) fn resolved<'a>(&'a self, node: &'a Node) -> &'a Node {
        let NodeKind::Alias(id) = node.kind else { return node };
        self.anchors.iter().rev().find(|(anchor, _)| *anchor == id).map_or(node, |(_, node)| node)
    }
}

/// The tree of one document.
pub(crate) fn tree(text: &str) -> Result<Tree, Error> {
    let mut anchors = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    for event in parser(text) {
        let (event, span) = event.map_err(|error| Error {
            line: error.marker().line() as u64,
            column: error.marker().col() as u64 + 1,
            reason: "is no YAML".to_owned(),
        })?;
        let (node, anchor) = match event {
            Event::Scalar(scalar, style, anchor, _) => {
                let mut node = Node::new(NodeKind::Scalar(Cow::into_owned(scalar)), span);
                if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
                    node.start_at_header(text);
                }
                (node, anchor)
            }
            Event::Alias(id) => (Node::new(NodeKind::Alias(id), span), 0),
            Event::SequenceStart(_, anchor, _) | Event::MappingStart(_, anchor, _) => {
                let is_mapping = matches!(event, Event::MappingStart(..));
                open.push(Open { start: span, anchor, is_mapping, children: Vec::new() });
                if open.len() > MAX_DEPTH {
                    return Err(too_deep(span));
                }
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(closed) = open.pop() else { continue };
                let anchor = closed.anchor;
                (closed.node(span), anchor)
            }
            _ => continue,
        };
        if anchor != 0 {
            anchors.push((anchor, node.clone()));
        }
        match open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => return Ok(Tree { root: node, anchors }),
        }
    }
    Err(Error { line: 1, column: 1, reason: "holds no document".to_owned() })
}

/// The byte ranges of all comments of a stream; `None` where it is no YAML.
pub(crate) fn comments(text: &str) -> Option<Vec<Range<usize>>> {
    let mut ranges = Vec::new();
    for event in parser(text) {
        let (event, span) = event.ok()?;
        if matches!(event, Event::Comment(..)) {
            ranges.push(span.byte_range()?);
        }
    }
    Some(ranges)
}

fn parser(text: &str) -> Parser<'_, serde_saphyr::granit_parser::StrInput<'_>> {
    let options = options! {
        strict_indentation: false,
        flow_nesting_limit: MAX_DEPTH,
        max_buffered_comment_events: 100_000,
    };
    Parser::new_from_str_with_options(text, options)
}

fn too_deep(span: Span) -> Error {
    Error {
        line: span.start.line() as u64,
        column: span.start.col() as u64 + 1,
        reason: format!("is nested deeper than the bound of {MAX_DEPTH}"),
    }
}

/// A collection whose end has not come.
struct Open {
    start: Span,
    anchor: usize,
    is_mapping: bool,
    children: Vec<Node>,
}

impl Open {
    fn node(self, end: Span) -> Node {
        let mut node = Node::new(NodeKind::Sequence(Vec::new()), self.start);
        let last = self.children.last().map_or(0, |child| child.bytes.end);
        node.bytes.end = end.byte_range().map_or(last, |range| range.end).max(last);
        if self.is_mapping {
            let mut entries = Vec::with_capacity(self.children.len() / 2);
            let mut children = self.children.into_iter();
            while let (Some(key), Some(value)) = (children.next(), children.next()) {
                entries.push((key, value));
            }
            node.kind = NodeKind::Mapping(entries);
        } else {
            node.kind = NodeKind::Sequence(self.children);
        }
        node
    }
}

/// The offset of the `|` or `>` that ends a line, with its indicators and comment.
fn header(line: &str) -> Option<usize> {
    line.match_indices(['|', '>']).map(|(at, _)| at).find(|at| {
        let before = line.get(..*at).unwrap_or_default();
        let rest = line.get(at + 1..).unwrap_or_default();
        let rest = rest.trim_start_matches(|c: char| "+-".contains(c) || c.is_ascii_digit());
        let bare = rest.trim_start();
        (before.is_empty() || before.ends_with([' ', '\t', ':', '-']))
            && (bare.is_empty() || (bare.starts_with('#') && bare.len() < rest.len()))
    })
}

impl Node {
    /// Lets a block scalar begin at its `|` rather than at its text.
    fn start_at_header(&mut self, text: &str) {
        let before = text.get(..self.bytes.start).unwrap_or_default();
        let mut end = before.len();
        for line in before.split('\n').rev() {
            let start = end.saturating_sub(line.len());
            if let Some(at) = header(line) {
                self.bytes.start = start + at;
                let above = text.get(..start).unwrap_or_default();
                self.line = above.matches('\n').count() as u64 + 1;
                let left = line.get(..at).unwrap_or_default();
                self.column = left.chars().count() as u64 + 1;
                return;
            }
            if !line.trim().is_empty() {
                return;
            }
            end = start.saturating_sub(1);
        }
    }

    /// Whether the node is this text.
    pub(crate) fn is_text(&self, text: &str) -> bool {
        matches!(&self.kind, NodeKind::Scalar(held) if held == text)
    }

    fn new(kind: NodeKind, span: Span) -> Self {
        Self {
            kind,
            bytes: span.byte_range().unwrap_or_default(),
            line: span.start.line() as u64,
            column: span.start.col() as u64 + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_know_their_bytes() {
        let text = "a: 'x'\nb:\n- |\n  two\n  lines\n- {c: ä, d: \"e\"}\n";
        let tree = tree(text).unwrap();
        let NodeKind::Mapping(entries) = &tree.root.kind else { panic!() };
        let source = |node: &Node| text.get(node.bytes.clone()).unwrap().trim_end();
        assert_eq!(source(&entries[0].1), "'x'");
        assert_eq!((entries[0].1.line, entries[0].1.column), (1, 4));
        let NodeKind::Sequence(items) = &entries[1].1.kind else { panic!() };
        assert_eq!(source(&items[0]), "|\n  two\n  lines");
        assert_eq!(source(&items[1]), "{c: ä, d: \"e\"}");
        assert_eq!((items[1].line, items[1].column), (6, 3));
    }
}
