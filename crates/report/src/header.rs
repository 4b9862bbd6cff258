//! What has to be known before the findings: target, release, benchmark, identity, and what was
//! not seen.
//!
//! Leaves: pieces of text, the foreign ones not yet escaped. Always holds: whatever could not be
//! read is counted, even where only the first few are named.

use std::collections::BTreeMap;

use kuberlock_model::coverage::{Coverage, Reach};
use kuberlock_model::object::{Kind, KindName};
use kuberlock_model::scan::Scan;

use crate::words::{count, list};

/// How many nodes, documents or notices are named before the rest is only counted.
const NAMED: usize = 3;
/// How many where everything is wanted; the coverage of the other formats names all.
const NAMED_OF_ALL: usize = 20;
/// What kinds of custom resources are called together.
const CUSTOM: &str = "custom resources";
/// How much of the uid tells clusters apart by eye.
const UID: usize = 8;

/// One line of the header: a label and the pieces after it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// What the line tells.
    pub(crate) label: &'static str,
    /// The pieces.
    pub(crate) pieces: Vec<String>,
    /// From which piece on something is missing or not as one would expect.
    pub(crate) warns_from: Option<usize>,
}

impl Row {
    /// The pieces, each with whether it warns.
    pub(crate) fn told(&self) -> impl Iterator<Item = (&str, bool)> {
        let warns = |at| self.warns_from.is_some_and(|from| at >= from);
        self.pieces.iter().enumerate().map(move |(at, piece)| (piece.as_str(), warns(at)))
    }
}

/// The lines of the header, in order; `all` names more of what was not seen.
pub(crate) fn rows(scan: &Scan, all: bool) -> Vec<Row> {
    let named = if all { NAMED_OF_ALL } else { NAMED };
    let mut rows = vec![target(scan), release(scan), identity(scan), seen(&scan.coverage, named)];
    rows.extend(unread(&scan.coverage, named));
    rows.extend(notices(&scan.coverage, named));
    rows
}

fn target(scan: &Scan) -> Row {
    let uid = scan.cluster_uid.as_deref().map(short);
    let cluster = match (scan.cluster.as_deref(), uid) {
        (Some(name), Some(uid)) => format!("cluster {name} (uid {uid})"),
        (Some(name), None) => format!("cluster {name}"),
        (None, Some(uid)) => format!("cluster of uid {uid}"),
        (None, None) => "cluster not named".to_owned(),
    };
    Row { label: "scan", pieces: vec![scan.target.clone(), cluster], warns_from: None }
}

fn short(uid: &str) -> String {
    let mut short: String = uid.chars().take(UID).collect();
    if short.len() < uid.len() {
        short.push('…');
    }
    short
}

fn release(scan: &Scan) -> Row {
    let (table, own) = &scan.table;
    let release = scan.release.as_ref().map_or_else(|| "unknown".to_owned(), ToString::to_string);
    let defaults = match (&scan.release, own) {
        (Some(_), true) => format!("defaults held against the {table} table"),
        (Some(release), false) => {
            format!("there is no table of {}: defaults are those of {table}", release.minor())
        }
        (None, _) => format!("which release runs is not known: defaults are those of {table}"),
    };
    let benchmark = format!("benchmark {}, {}", scan.benchmark.name, scan.benchmark.why);
    let warns_from = (scan.release.is_none() || !own).then_some(2);
    Row { label: "release", pieces: vec![release, benchmark, defaults], warns_from }
}

fn identity(scan: &Scan) -> Row {
    let text = scan.identity.as_deref().unwrap_or("nobody: no API server was asked");
    Row { label: "as", pieces: vec![text.to_owned()], warns_from: None }
}

fn seen(coverage: &Coverage, named: usize) -> Row {
    let kinds = Kind::all().iter().filter(|k| coverage.kind(k.kind).is_whole()).count();
    let hosts = coverage.hosts().filter(|(_, reach)| reach.is_whole()).count();
    let mut pieces = vec![format!("{}, {}", count(hosts, "node"), count(kinds, "kind"))];
    let mut missing = missing(coverage, named);
    if let Some(first) = missing.first_mut() {
        first.insert_str(0, "not seen: ");
    }
    pieces.extend(missing);
    pieces.extend(never_asked(coverage));
    let warns_from = (pieces.len() > 1).then_some(1);
    Row { label: "seen", pieces, warns_from }
}

/// What is missing by name, one piece a way of missing: gaps, then kinds not asked for.
fn missing(coverage: &Coverage, named: usize) -> Vec<String> {
    let kinds = Kind::all().iter().map(|k| (told(k), coverage.kind(k.kind)));
    let hosts = coverage.hosts().map(|(node, reach)| (node.to_owned(), reach));
    let mut pieces = gaps(kinds, "", usize::MAX);
    pieces.extend(gaps(hosts, "files of ", named));
    let not_asked = kinds_not_asked(coverage);
    if !not_asked.is_empty() && !asks_no_kind(coverage) {
        pieces.push(format!("{} not asked for", list(&not_asked, usize::MAX)));
    }
    pieces
}

/// A kind's name; custom resources are told together, since few clusters have them.
fn told(kind: &KindName) -> String {
    if kind.custom { CUSTOM.to_owned() } else { kind.name.to_owned() }
}

fn kinds_not_asked(coverage: &Coverage) -> Vec<String> {
    let not_asked = Kind::all().iter().filter(|k| *coverage.kind(k.kind) == Reach::NotAsked);
    let mut names: Vec<String> = Vec::new();
    for name in not_asked.map(told) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn asks_no_kind(coverage: &Coverage) -> bool {
    Kind::all().iter().all(|k| *coverage.kind(k.kind) == Reach::NotAsked)
}

/// What no source was asked for at all.
fn never_asked(coverage: &Coverage) -> Option<String> {
    let no_kind = asks_no_kind(coverage);
    let no_host = coverage.hosts().next().is_none();
    let what = match (no_kind, no_host) {
        (true, true) => "neither objects nor files of nodes were asked for",
        (true, false) => "no objects were asked for",
        (false, true) => "no files of nodes were asked for",
        (false, false) => return None,
    };
    Some(what.to_owned())
}

/// Gaps of one sort folded: `ConfigMap, Secret forbidden (why)`.
fn gaps<'a>(
    reaches: impl Iterator<Item = (String, &'a Reach)>,
    of: &str,
    named: usize,
) -> Vec<String> {
    let mut folded: BTreeMap<&str, (Vec<String>, Vec<&str>)> = BTreeMap::new();
    for (name, reach) in reaches {
        let (word, why) = match reach {
            Reach::Forbidden(why) => ("forbidden", why),
            Reach::Partial(why) => ("partial", why),
            _ => continue,
        };
        let (names, reasons) = folded.entry(word).or_default();
        // Nodes, of which there may be thousands, have names of their own.
        if name != CUSTOM || !names.contains(&name) {
            names.push(name);
        }
        if !reasons.contains(&why.as_str()) {
            reasons.push(why);
        }
    }
    let text = |(word, (names, reasons)): (&str, (Vec<String>, Vec<&str>))| {
        format!("{of}{} {word} ({})", list(&names, named), first_reason(&reasons))
    };
    folded.into_iter().map(text).collect()
}

fn first_reason(reasons: &[&str]) -> String {
    match reasons {
        [] => "no reason given".to_owned(),
        [only] => (*only).to_owned(),
        [first, rest @ ..] => format!("{first}; and {}", count(rest.len(), "other reason")),
    }
}

fn unread(coverage: &Coverage, named: usize) -> Option<Row> {
    let unread = coverage.unread();
    let mut pieces = vec![count(coverage.unread_documents(), "document")];
    pieces.extend(unread.iter().take(named).map(|u| format!("{}: {}", u.place(), u.reason)));
    pieces.extend(rest(unread.len(), named));
    (!unread.is_empty()).then_some(Row { label: "unread", pieces, warns_from: Some(0) })
}

fn notices(coverage: &Coverage, named: usize) -> Option<Row> {
    let all = coverage.notices().count();
    let told = coverage.notices().take(named).map(|(notice, of)| match of.count {
        1 => format!("{notice}, in {}", of.place()),
        times => format!("{notice}, {times} times, first in {}", of.place()),
    });
    let mut pieces: Vec<String> = told.collect();
    pieces.extend(rest(all, named));
    (all > 0).then_some(Row { label: "notices", pieces, warns_from: None })
}

fn rest(all: usize, named: usize) -> Option<String> {
    (all > named).then(|| format!("… and {} more", all - named))
}
