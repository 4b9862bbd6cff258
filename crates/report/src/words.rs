//! Typed values in words: remedies, evidence, counts.
//!
//! Leaves: text that still holds foreign pieces as they are; the format that shows it escapes it.
//! A remedy is told as a sentence, never as a shell command: names of the cluster would be in it.

use kuberlock_model::Remedy;
use kuberlock_model::finding::{Evidence, From};

/// A remedy in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RemedyWords {
    /// What to do, without the place: the same for every node or object with the same fault.
    pub(crate) what: String,
    /// `on` or `into`.
    pub(crate) preposition: &'static str,
    /// Where to do it.
    pub(crate) place: Option<String>,
}

impl RemedyWords {
    /// The remedy for these places, the first `shown` of them named.
    pub(crate) fn at(&self, places: &[String], shown: usize) -> String {
        match places {
            [] => self.what.clone(),
            _ => format!("{} {} {}", self.what, self.preposition, list(places, shown)),
        }
    }

    /// The remedy for its own place.
    pub(crate) fn sentence(&self) -> String {
        self.at(self.place.as_slice(), 1)
    }
}

/// `remedy` in words.
pub(crate) fn remedy(remedy: &Remedy) -> RemedyWords {
    RemedyWords { what: what(remedy), preposition: preposition(remedy), place: place_of(remedy) }
}

fn what(remedy: &Remedy) -> String {
    match remedy {
        Remedy::SetFlag { component, flag, value, merge: false, .. } => {
            format!("set --{flag}={value} for {component}")
        }
        Remedy::SetFlag { component, flag, value, merge: true, .. } => {
            format!("add {value} to the list --{flag} of {component}")
        }
        Remedy::SetKubeletField { file, field, value, .. } => {
            format!("set {field}: {value} in {file} and restart the kubelet")
        }
        Remedy::SetFileMode { path, mode, .. } => format!("set the mode of {path} to {mode}"),
        Remedy::SetFileOwner { path, user, group, .. } => {
            format!("make {user}:{group} the owner of {path}")
        }
        Remedy::SetSysctl { name, value, .. } => {
            format!("set the kernel's {name} to {value}, at once and at boot")
        }
        Remedy::PatchObject { patch, .. } => format!("merge the patch {patch}"),
        Remedy::Decision { question } => format!("decide: {question}"),
        Remedy::None { why } => format!("nothing to change: {why}"),
    }
}

fn preposition(remedy: &Remedy) -> &'static str {
    if matches!(remedy, Remedy::PatchObject { .. }) { "into" } else { "on" }
}

fn place_of(remedy: &Remedy) -> Option<String> {
    match remedy {
        Remedy::SetFlag { node, .. }
        | Remedy::SetKubeletField { node, .. }
        | Remedy::SetFileMode { node, .. }
        | Remedy::SetFileOwner { node, .. }
        | Remedy::SetSysctl { node, .. } => (!node.is_empty()).then(|| node.clone()),
        Remedy::PatchObject { object, .. } => Some(object.to_string()),
        Remedy::Decision { .. } | Remedy::None { .. } => None,
    }
}

/// Where a fact comes from, in words that follow it: `at pod.yaml:17`.
pub(crate) fn place(evidence: &Evidence) -> String {
    match &evidence.from {
        From::Document { location: Some(location), .. } => {
            format!("at {}:{}", location.file, location.line)
        }
        From::Document { origin, field, location: None } if field.as_str().is_empty() => {
            format!("at {}", origin.source)
        }
        From::Document { origin, field, location: None } => {
            format!("at {}, {field}", origin.source)
        }
        From::File { node, path } => format!("of {node}:{path}"),
        From::Default { release } => format!("by default in {release}"),
    }
}

/// `1 node`, `3 nodes`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// The first `shown` of `items`, and how many more there are.
pub(crate) fn list(items: &[String], shown: usize) -> String {
    let mut text = items.iter().take(shown).cloned().collect::<Vec<_>>().join(", ");
    if items.len() > shown {
        text.push_str(&format!(" and {} more", items.len() - shown));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_folded() {
        let items = ["a", "b", "c"].map(String::from);
        assert_eq!(list(&items, 3), "a, b, c");
        assert_eq!(list(&items, 1), "a and 2 more");
    }
}
