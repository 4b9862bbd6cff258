//! `kuberlock checks`: the checks of this build.

mod lint;

use std::fmt::Write as _;

use kuberlock_benchmark::benchmark::items_of;
use kuberlock_benchmark::registry;

use crate::command::{ChecksArgs, ChecksCommand, Common, TextOrJson};
use crate::error::Error;
use crate::exit::Exit;
use crate::{explain, output};

pub(crate) fn run(args: &ChecksArgs, common: &Common) -> Result<Exit, Error> {
    let output = match &args.command {
        ChecksCommand::Lint(args) => return lint::run(args, common),
        ChecksCommand::List { output } => output,
    };
    match output {
        TextOrJson::Text => output::text(&table())?,
        TextOrJson::Json => {
            let checks: Vec<_> = registry().iter().map(explain::json).collect();
            let text = serde_json::to_string_pretty(&checks).map_err(std::io::Error::from)?;
            output::text(&format!("{text}\n"))?;
        }
    }
    Ok(Exit::Fine)
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
