//! `kuberlock explain`: a check's manual page.

use std::fmt::Write as _;

use kuberlock_benchmark::benchmark::{all, items_of};
use kuberlock_benchmark::{Registered, find, registry};

use crate::command::{Common, ExplainArgs, TextOrJson};
use crate::error::Error;
use crate::exit::Exit;
use crate::output;

pub(crate) fn run(args: &ExplainArgs, _common: &Common) -> Result<Exit, Error> {
    let checks = named(&args.what);
    if checks.is_empty() {
        return Err(Error::NoSuch {
            what: "check or benchmark item",
            name: args.what.clone(),
            help: similar(&args.what),
        });
    }
    match args.output {
        TextOrJson::Text => {
            let pages: Vec<String> = checks.iter().map(|check| page(check)).collect();
            output::text(&pages.join("\n"))?;
        }
        TextOrJson::Json => {
            let pages: Vec<_> = checks.iter().map(|check| json(check)).collect();
            let text = serde_json::to_string_pretty(&pages).map_err(std::io::Error::from)?;
            output::text(&format!("{text}\n"))?;
        }
    }
    Ok(Exit::Fine)
}

/// The check of this id, or the checks that answer this item of the newest benchmark that has it.
fn named(what: &str) -> Vec<&'static Registered> {
    if let Some(check) = find(what) {
        return vec![check];
    }
    let items = all().iter().rev().flat_map(|benchmark| &benchmark.items);
    match items.into_iter().find(|item| item.id == what) {
        Some(item) => item.checks.iter().filter_map(|id| find(id)).collect(),
        None => Vec::new(),
    }
}

fn similar(what: &str) -> String {
    let words: Vec<&str> = what.split('-').filter(|word| word.len() > 2).collect();
    let shared = |id: &str| words.iter().filter(|word| id.contains(**word)).count();
    match registry().iter().max_by_key(|check| shared(check.id)) {
        Some(check) if shared(check.id) > 0 => format!("did you mean `{}`?", check.id),
        _ => "`kuberlock checks list` shows them all".to_owned(),
    }
}

fn page(check: &Registered) -> String {
    let manual = &check.manual;
    let mut page = format!("{} · {}\n{}\n", check.id, check.check.severity, manual.title);
    let items = items_of(check.id);
    if !items.is_empty() {
        let _ = writeln!(page, "answers {}", items.join(", "));
    }
    let sections = [
        ("What", manual.what),
        ("Why", manual.why),
        ("Remedy", manual.remedy),
        ("What the remedy may break", manual.may_break),
    ];
    for (heading, text) in sections {
        let _ = write!(page, "\n{heading}\n");
        for line in text.lines() {
            let _ = writeln!(page, "  {line}");
        }
    }
    let _ = write!(page, "\nReferences\n");
    for reference in manual.references {
        let _ = writeln!(page, "  {reference}");
    }
    page
}

/// A check's manual page as JSON.
pub(crate) fn json(check: &Registered) -> serde_json::Value {
    let manual = &check.manual;
    serde_json::json!({
        "id": check.id,
        "title": manual.title,
        "severity": check.check.severity,
        "items": items_of(check.id),
        "what": manual.what,
        "why": manual.why,
        "remedy": manual.remedy,
        "mayBreak": manual.may_break,
        "references": manual.references,
    })
}
