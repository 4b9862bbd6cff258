//! The variables of a file of controls, replaced in its text before it is read.

use regex::Regex;

use crate::config::{Component, FileKind};
use crate::node::Node;
use crate::utility::{command_line, same_name};

/// What stands for each variable: its name with the `$`, and the value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Substitution {
    bins: Vec<(String, String)>,
    files: Vec<(String, String)>,
    /// Components of which nothing runs although something should.
    pub(crate) missing: Vec<String>,
}

impl Substitution {
    /// Asks the node what runs and which files are there.
    pub(crate) fn of(components: &[Component], node: &dyn Node) -> Self {
        let mut found = Self::default();
        for component in components {
            if component.bins.is_empty() {
                continue;
            }
            let running = component.bins.iter().find(|bin| runs(bin, node));
            if running.is_none() && !component.optional {
                found.missing.push(component.name.clone());
            }
            let bin = running.unwrap_or(&component.name).clone();
            found.bins.push((format!("${}bin", component.name), bin));
        }
        // Where one has to run and does not, kube-bench replaces no program at all.
        if !found.missing.is_empty() {
            found.bins.clear();
        }
        for kind in FileKind::ALL {
            for component in components {
                let (candidates, default) = component.files(kind);
                let there = candidates.iter().find(|path| node.stat(path, true).is_ok());
                let file = there.map(String::as_str).or(default).unwrap_or(&component.name);
                let name = format!("${}{}", component.name, kind.suffix());
                found.files.push((name, file.to_owned()));
            }
        }
        found
    }

    /// The text with its variables replaced, and the programs that were put in.
    pub(crate) fn apply(&self, text: &str) -> (String, Vec<String>) {
        let mut text = text.to_owned();
        let mut used = Vec::new();
        for (at, (name, value)) in self.bins.iter().chain(&self.files).enumerate() {
            if value.is_empty() || !text.contains(name.as_str()) {
                continue;
            }
            let many = value.split_whitespace().nth(1).is_some();
            let shown = if many { format!("'{value}'") } else { value.clone() };
            text = text.replace(name.as_str(), &shown);
            if at < self.bins.len() {
                used.push(value.clone());
            }
        }
        (text, used)
    }
}

/// Whether a process runs that is `bin`: its first word by name, all of it at the line's start.
fn runs(bin: &str, node: &dyn Node) -> bool {
    let bin = bin.trim_matches(['\'', '"']);
    let Some(first) = bin.split_whitespace().next() else { return false };
    let Ok(line) = Regex::new(&format!(r"^(\S*/)*{bin}")) else { return false };
    let named = node.processes().iter().filter(|process| same_name(first, &process.comm));
    named.into_iter().any(|process| line.is_match(&command_line(process)))
}
