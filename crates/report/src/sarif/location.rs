//! Where a result is: the lines that its evidence quotes.
//!
//! A file of this machine is given as it can be opened from the folder that the scan ran in. What
//! lies on a node, within an archive or behind an API is no such file: it has a logical location,
//! and a path that tells node and file apart, so that a viewer can group by it. A result without
//! any path would have GitHub refuse the whole log: what is written nowhere gets its subject's.

use std::collections::BTreeSet;

use kuberlock_model::finding::From;
use kuberlock_model::{Evidence, Finding, Subject};
use serde_json::{Value, json};

use crate::neutral::visible;

/// GitHub shows 100 locations of a result; as many as help a reader are given.
const LOCATIONS: usize = 20;
/// Characters of a path.
const PATH: usize = 1_000;

/// The locations of `finding`, those with a line first.
pub(super) fn of(finding: &Finding) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let mut places: Vec<Place> = finding.evidence.iter().filter_map(place).collect();
    places.sort_by_key(|place| place.line.is_none());
    places.retain(|place| seen.insert(place.clone()));
    if places.is_empty() {
        places.push(Place { path: of_subject(&finding.subject), line: None });
    }
    places.truncate(LOCATIONS);
    let logical = json!([{ "fullyQualifiedName": visible(&finding.subject.to_string(), PATH) }]);
    let location = |place: &Place| {
        let mut physical = json!({ "artifactLocation": { "uri": uri(&place.path) } });
        if let (Some((line, column)), Some(fields)) = (place.line, physical.as_object_mut()) {
            fields.insert("region".to_owned(), json!({ "startLine": line, "startColumn": column }));
        }
        json!({ "physicalLocation": physical, "logicalLocations": logical })
    };
    places.iter().map(location).collect()
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    path: String,
    line: Option<(u64, u64)>,
}

fn place(evidence: &Evidence) -> Option<Place> {
    match &evidence.from {
        From::Document { location: Some(at), .. } => {
            Some(Place { path: path(&at.file)?, line: Some((at.line, at.column)) })
        }
        From::Document { origin, .. } => Some(Place { path: path(&origin.source)?, line: None }),
        From::File { node, path } => Some(Place { path: on_node(node, path), line: None }),
        From::Default { .. } => None,
    }
}

fn of_subject(subject: &Subject) -> String {
    match subject {
        Subject::File { node: Some(node), path } => on_node(node, path),
        Subject::Component { component, node: Some(node) } => on_node(node, component.program()),
        Subject::Node { node } => format!("nodes/{node}"),
        Subject::Cluster => "cluster".to_owned(),
        other => format!("cluster/{}", other.to_string().replace(' ', "/")),
    }
}

fn on_node(node: &str, path: &str) -> String {
    format!("nodes/{node}/{}", path.trim_start_matches('/'))
}

/// The path of a source: an entry of a snapshot's folder is a file of it, an archive is one file,
/// `NODE:/path` is a file of a node; standard input and an API server have none.
fn path(source: &str) -> Option<String> {
    if source == "-" || source.starts_with("api:") {
        return None;
    }
    if let Some((snapshot, entry)) = source.rsplit_once('!') {
        let folder = !snapshot.ends_with(".tar.zst");
        return Some(if folder { format!("{snapshot}/{entry}") } else { snapshot.to_owned() });
    }
    match source.split_once(":/") {
        Some((node, rest)) if !node.contains('/') => Some(on_node(node, rest)),
        _ => Some(source.to_owned()),
    }
}

/// A path as a relative reference of RFC 3986, an absolute one as a file's URI.
fn uri(path: &str) -> String {
    let mut text = String::new();
    let path = path.strip_prefix("./").unwrap_or(path);
    if path.starts_with('/') {
        text.push_str("file://");
    }
    for byte in path.bytes().take(PATH) {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                text.push(char::from(byte));
            }
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_nowhere_has_a_path_too() {
        let node = Some("cp-1".to_owned());
        let component = kuberlock_model::component::ComponentKind::ApiServer;
        assert_eq!(
            of_subject(&Subject::Component { component, node }),
            "nodes/cp-1/kube-apiserver"
        );
        assert_eq!(of_subject(&Subject::Cluster), "cluster");
    }

    #[test]
    fn a_source_is_a_path_that_can_be_opened() {
        let uri = |source| path(source).map(|path| uri(&path));
        assert_eq!(uri("apps/a b.yaml").unwrap(), "apps/a%20b.yaml");
        assert_eq!(uri("./x.yaml").unwrap(), "x.yaml");
        assert_eq!(uri("/srv/x.yaml").unwrap(), "file:///srv/x.yaml");
        assert_eq!(uri("snap!objects/pods.jsonl").unwrap(), "snap/objects/pods.jsonl");
        assert_eq!(uri("a.tar.zst!objects/pods.jsonl").unwrap(), "a.tar.zst");
        assert_eq!(uri("cp-1:/etc/x.yaml").unwrap(), "nodes/cp-1/etc/x.yaml");
        assert_eq!(uri("api:/api/v1/pods"), None);
        assert_eq!(uri("-"), None);
    }
}
