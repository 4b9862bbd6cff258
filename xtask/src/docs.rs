//! Documents that are generated: one page a check, and their list.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use kuberlock_benchmark::benchmark::items_of;
use kuberlock_benchmark::{Registered, registry};

use crate::{root, say};

fn folder() -> PathBuf {
    root().join("docs/checks")
}

/// Writes every page, and removes those of checks that are no more.
pub(crate) fn write() -> Result<()> {
    let pages = pages();
    fs::create_dir_all(folder())?;
    for entry in fs::read_dir(folder())? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        if !pages.contains_key(name) {
            fs::remove_file(&path)?;
        }
    }
    for (name, text) in &pages {
        fs::write(folder().join(name), text).with_context(|| name.clone())?;
    }
    say(&format!("docs/checks: {} pages", pages.len()));
    Ok(())
}

/// Fails where a page is not what it would be if written now.
pub(crate) fn check() -> Result<()> {
    for (name, text) in pages() {
        let written = fs::read_to_string(folder().join(&name)).unwrap_or_default();
        if written != text {
            bail!("docs/checks/{name} is not what the source says: run `make docs`");
        }
    }
    Ok(())
}

fn pages() -> BTreeMap<String, String> {
    let mut pages: BTreeMap<String, String> =
        registry().iter().map(|check| (format!("{}.md", check.id), page(check))).collect();
    let mut list =
        String::from("# Checks\n\nGenerated from the checks' own source by `make docs`.\n\n");
    list.push_str("| check | severity | what should be | items |\n|---|---|---|---|\n");
    for check in registry() {
        let _ = writeln!(
            list,
            "| [{0}]({0}.md) | {1} | {2} | {3} |",
            check.id,
            check.check.severity,
            check.manual.title,
            items_of(check.id).join(", ")
        );
    }
    pages.insert("README.md".to_owned(), list);
    pages
}

fn page(check: &Registered) -> String {
    let manual = &check.manual;
    let mut page = format!("# {}\n\n{}. Severity {}", check.id, manual.title, check.check.severity);
    let items = items_of(check.id);
    if items.is_empty() {
        page.push_str(".\n");
    } else {
        let _ = writeln!(page, "; answers {}.", items.join(", "));
    }
    for (heading, text) in [
        ("What", manual.what),
        ("Why", manual.why),
        ("Remedy", manual.remedy),
        ("What the remedy may break", manual.may_break),
    ] {
        let _ = write!(page, "\n## {heading}\n\n{text}\n");
    }
    page.push_str("\n## References\n\n");
    for reference in manual.references {
        let _ = writeln!(page, "- {reference}");
    }
    page
}
