//! What changed between two releases: gone, new, changed; what is gone first, since a flag that is
//! gone stops its component.

use std::fmt::Write as _;

use kuberlock_model::release::table::ReleaseTable;
use serde_json::json;

use super::part::{self, Entry, Part};
use crate::command::TextOrJson;
use crate::error::Error;
use crate::exit::Exit;
use crate::output;

/// What changed in one part.
struct Changes<'a> {
    name: &'static str,
    gone: Vec<(&'a str, &'a Entry)>,
    new: Vec<(&'a str, &'a Entry)>,
    changed: Vec<(&'a str, &'a Entry, &'a Entry)>,
}

impl Changes<'_> {
    fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.new.is_empty() && self.changed.is_empty()
    }
}

pub(crate) fn run(
    before: &ReleaseTable,
    after: &ReleaseTable,
    only: Option<&str>,
    format: TextOrJson,
) -> Result<Exit, Error> {
    let (old, new) = (part::chosen(before, only)?, part::chosen(after, only)?);
    let changes: Vec<Changes<'_>> = old
        .iter()
        .zip(&new)
        .map(|(old, new)| compare(old, new))
        .filter(|c| !c.is_empty())
        .collect();
    match format {
        TextOrJson::Text => {
            let head = format!("Kubernetes {} → {}\n", before.release, after.release);
            let body: Vec<String> = changes.iter().map(text).collect();
            output::text(&format!("{head}\n{}", body.join("\n")))?;
        }
        TextOrJson::Json => {
            let value = json!({
                "schema": "kuberlock.dev/release-diff/v1",
                "before": before.release,
                "after": after.release,
                "parts": changes.iter().map(as_json).collect::<serde_json::Map<_, _>>(),
            });
            let text = serde_json::to_string_pretty(&value).map_err(std::io::Error::from)?;
            output::text(&format!("{text}\n"))?;
        }
    }
    Ok(if changes.is_empty() { Exit::Fine } else { Exit::Findings })
}

fn compare<'a>(old: &'a Part, new: &'a Part) -> Changes<'a> {
    let missing = |from: &'a Part, other: &'a Part| {
        let entries = from.entries.iter().filter(|(name, _)| !other.entries.contains_key(*name));
        entries.map(|(name, entry)| (name.as_str(), entry)).collect::<Vec<_>>()
    };
    let changed = old.entries.iter().filter_map(|(name, before)| {
        let after = new.entries.get(name)?;
        (before != after).then_some((name.as_str(), before, after))
    });
    Changes {
        name: old.name,
        gone: missing(old, new),
        new: missing(new, old),
        changed: changed.collect(),
    }
}

fn text(changes: &Changes<'_>) -> String {
    let mut text = format!("{}\n", changes.name);
    for (name, entry) in &changes.gone {
        let _ = writeln!(text, "  - {name}: {}", entry.line());
    }
    for (name, entry) in &changes.new {
        let _ = writeln!(text, "  + {name}: {}", entry.line());
    }
    for (name, before, after) in &changes.changed {
        let _ = writeln!(text, "  ~ {name}: {} → {}", before.line(), after.line());
    }
    text
}

fn as_json(changes: &Changes<'_>) -> (String, serde_json::Value) {
    let entries = |list: &[(&str, &Entry)]| {
        list.iter().map(|(name, entry)| json!({ "name": name, "entry": entry })).collect::<Vec<_>>()
    };
    let changed: Vec<_> = changes
        .changed
        .iter()
        .map(|(name, before, after)| json!({ "name": name, "before": before, "after": after }))
        .collect();
    let value =
        json!({ "gone": entries(&changes.gone), "new": entries(&changes.new), "changed": changed });
    (changes.name.to_owned(), value)
}
