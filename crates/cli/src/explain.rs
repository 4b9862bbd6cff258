//! `kuberlock explain`: a check's manual page.

use std::fmt::Write as _;

use kuberlock_benchmark::benchmark::{Item, all, items_of};
use kuberlock_benchmark::{Registered, find, registry};

use crate::command::{Common, ExplainArgs, TextOrJson};
use crate::error::Error;
use crate::exit::Exit;
use crate::output;

pub(crate) fn run(args: &ExplainArgs, _common: &Common) -> Result<Exit, Error> {
    let answers = answers(&args.what);
    if answers.is_empty() {
        return Err(Error::NoSuch {
            what: "check or benchmark item",
            name: args.what.clone(),
            help: similar(&args.what),
        });
    }
    match args.output {
        TextOrJson::Text => {
            let texts: Vec<String> = answers.iter().map(Answer::text).collect();
            output::text(&texts.join("\n"))?;
        }
        TextOrJson::Json => {
            let pages: Vec<_> = answers.iter().flat_map(Answer::json).collect();
            let text = serde_json::to_string_pretty(&pages).map_err(std::io::Error::from)?;
            output::text(&format!("{text}\n"))?;
        }
    }
    Ok(Exit::Fine)
}

/// What answers a question of the user: a check itself, or an item of benchmarks that agree on it.
struct Answer {
    /// `cis-2.0.1 5.4.2`; none where a check was asked for.
    items: Vec<String>,
    checks: Vec<&'static Registered>,
    /// Why no check answers the item.
    undecided: Option<&'static str>,
}

impl Answer {
    fn text(&self) -> String {
        let pages: Vec<String> = self.checks.iter().map(|check| page(check)).collect();
        match self.undecided {
            Some(why) => format!("{} · no check decides it: {why}\n", self.items.join(", ")),
            None => pages.join("\n"),
        }
    }

    fn json(&self) -> Vec<serde_json::Value> {
        match self.undecided {
            Some(why) => vec![serde_json::json!({ "items": self.items, "undecided": why })],
            None => self.checks.iter().map(|check| json(check)).collect(),
        }
    }
}

/// The check of this id, or what answers this item in each benchmark that has it; `5.1.2`, or
/// `cis-2.0.1 5.1.2` for one benchmark.
fn answers(what: &str) -> Vec<Answer> {
    if let Some(check) = find(what) {
        return vec![Answer { items: Vec::new(), checks: vec![check], undecided: None }];
    }
    let (wanted, id) = match what.split_once([' ', '/', ':']) {
        Some((benchmark, id)) => (Some(benchmark), id),
        None => (None, what),
    };
    let mut answers: Vec<(&Item, Answer)> = Vec::new();
    for benchmark in all().iter().filter(|b| wanted.is_none_or(|name| name == b.benchmark)) {
        let Some(item) = benchmark.items.iter().find(|item| item.id == id) else { continue };
        let name = format!("{} {id}", benchmark.benchmark);
        let same = |of: &Item| of.checks == item.checks && of.undecided == item.undecided;
        match answers.iter_mut().find(|(of, _)| same(of)) {
            Some((_, answer)) => answer.items.push(name),
            None => {
                let checks = item.checks.iter().filter_map(|id| find(id)).collect();
                let undecided = item.undecided.as_deref();
                answers.push((item, Answer { items: vec![name], checks, undecided }));
            }
        }
    }
    answers.into_iter().map(|(_, answer)| answer).collect()
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
