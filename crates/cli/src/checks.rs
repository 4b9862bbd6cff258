//! `kuberlock checks`: the checks of this build.

mod lint;

use std::fmt::Write as _;

use kuberlock_benchmark::benchmark::{self, Item, items_of};
use kuberlock_benchmark::{Benchmark, registry};

use crate::command::{ChecksArgs, ChecksCommand, Common, TextOrJson};
use crate::error::Error;
use crate::exit::Exit;
use crate::{explain, output};

pub(crate) fn run(args: &ChecksArgs, common: &Common) -> Result<Exit, Error> {
    let (benchmark, output) = match &args.command {
        ChecksCommand::Lint(args) => return lint::run(args, common),
        ChecksCommand::List { benchmark, output } => (benchmark, output),
    };
    let benchmark = benchmark.as_deref().map(named).transpose()?;
    match (output, benchmark) {
        (TextOrJson::Text, Some(benchmark)) => output::text(&items(benchmark))?,
        (TextOrJson::Text, None) => output::text(&table())?,
        (TextOrJson::Json, Some(benchmark)) => json(&items_as_json(benchmark))?,
        (TextOrJson::Json, None) => {
            json(&serde_json::Value::Array(registry().iter().map(explain::json).collect()))?;
        }
    }
    Ok(Exit::Fine)
}

fn json(value: &serde_json::Value) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(value).map_err(std::io::Error::from)?;
    output::text(&format!("{text}\n"))
}

fn named(name: &str) -> Result<&'static Benchmark, Error> {
    benchmark::find(name).ok_or_else(|| {
        let names: Vec<&str> = benchmark::all().iter().map(|b| b.benchmark.as_str()).collect();
        let help = format!("there are {}", names.join(", "));
        Error::NoSuch { what: "benchmark", name: name.to_owned(), help }
    })
}

/// Every item and what answers it, and how many are decided.
fn items(benchmark: &Benchmark) -> String {
    let mut text = format!("{}\n", benchmark.title);
    for item in &benchmark.items {
        let answer = match &item.undecided {
            Some(why) => format!("undecided: {why}"),
            None => item.checks.join(", "),
        };
        let _ = writeln!(text, "{:7} level {}  {answer}", item.id, item.level);
    }
    let (decided, all) = (benchmark.decided(), benchmark.items.len());
    let _ = writeln!(text, "{decided} of {all} items are decided");
    text
}

fn items_as_json(benchmark: &Benchmark) -> serde_json::Value {
    let item = |item: &Item| {
        serde_json::json!({
            "id": item.id,
            "level": item.level,
            "checks": item.checks,
            "undecided": item.undecided,
        })
    };
    serde_json::json!({
        "benchmark": benchmark.benchmark,
        "title": benchmark.title,
        "releases": benchmark.releases,
        "items": benchmark.items.iter().map(item).collect::<Vec<_>>(),
    })
}

fn table() -> String {
    let widest = registry().iter().map(|check| check.id.len()).max().unwrap_or(0);
    let mut text = String::new();
    for check in registry() {
        let items = items_of(check.id).join(", ");
        let items = if items.is_empty() { "no benchmark item".to_owned() } else { items };
        let severity = check.check.severity.word();
        let _ =
            writeln!(text, "{severity:8}  {:widest$}  {}  ({items})", check.id, check.manual.title);
    }
    text
}
