//! The names of a snapshot's entries.

use kuberlock_model::Kind;

use crate::node::is_node_name;

/// What an entry of a snapshot is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// `manifest.json`
    Manifest,
    /// `objects/<resource>[.<group>].jsonl`
    Objects(Kind),
    /// `nodes/<NAME>/…`
    Node(String, NodePart),
}

/// A file of a node's folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NodePart {
    Files,
    Processes,
    Sysctls,
    Versions,
    System,
    Certificates,
    Configz,
}

impl NodePart {
    const ALL: [Self; 7] = [
        Self::Files,
        Self::Processes,
        Self::Sysctls,
        Self::Versions,
        Self::System,
        Self::Certificates,
        Self::Configz,
    ];

    fn file_name(self) -> &'static str {
        match self {
            Self::Files => "files.jsonl",
            Self::Processes => "processes.jsonl",
            Self::Sysctls => "sysctls.jsonl",
            Self::Versions => "versions.jsonl",
            Self::System => "system.jsonl",
            Self::Certificates => "certificates.jsonl",
            Self::Configz => "configz.json",
        }
    }
}

impl Entry {
    /// The entry at `path` within a snapshot, where it is one.
    pub(super) fn of(path: &str) -> Option<Self> {
        let mut steps = path.split('/');
        let entry = match (steps.next()?, steps.next(), steps.next()) {
            ("manifest.json", None, None) => Self::Manifest,
            ("objects", Some(file), None) => Self::Objects(kind(file)?),
            ("nodes", Some(node), Some(file)) => {
                let part = NodePart::ALL.into_iter().find(|part| part.file_name() == file)?;
                is_node_name(node).then(|| Self::Node(node.to_owned(), part))?
            }
            _ => return None,
        };
        steps.next().is_none().then_some(entry)
    }

    /// The entry's path within a snapshot.
    pub(super) fn path(&self) -> String {
        match self {
            Self::Manifest => "manifest.json".to_owned(),
            Self::Objects(kind) => {
                let names = kind.names();
                match names.group {
                    "" => format!("objects/{}.jsonl", names.resource),
                    group => format!("objects/{}.{group}.jsonl", names.resource),
                }
            }
            Self::Node(node, part) => format!("nodes/{node}/{}", part.file_name()),
        }
    }
}

fn kind(file: &str) -> Option<Kind> {
    let stem = file.strip_suffix(".jsonl")?;
    let (resource, group) = stem.split_once('.').unwrap_or((stem, ""));
    Kind::all().iter().find(|k| k.resource == resource && k.group == group).map(|k| k.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_found_by_its_path() {
        let mut entries = vec![Entry::Manifest];
        entries.extend(Kind::all().iter().map(|names| Entry::Objects(names.kind)));
        entries.extend(NodePart::ALL.map(|part| Entry::Node("n-1.example".into(), part)));
        for entry in entries {
            assert_eq!(Entry::of(&entry.path()), Some(entry));
        }
    }

    #[test]
    fn other_paths_are_none() {
        for path in [
            "",
            "objects",
            "objects/widgets.jsonl",
            "objects/pods.apps.jsonl",
            "nodes/n/files.jsonl/x",
            "nodes/../files.jsonl",
            "nodes/N/files.jsonl",
            "nodes//files.jsonl",
            "x/manifest.json",
            "objects/a/pods.jsonl",
        ] {
            assert_eq!(Entry::of(path), None, "{path}");
        }
    }
}
