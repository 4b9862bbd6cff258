//! `kuberlock k8s`: what releases of Kubernetes know, and what changed between them.

mod diff;
mod part;

use kuberlock_model::Release;
use kuberlock_model::release::table::{ReleaseTable, for_release, minors};

use crate::command::{Common, K8sArgs, K8sCommand, TextOrJson};
use crate::error::Error;
use crate::exit::Exit;
use crate::output;

pub(crate) fn run(args: &K8sArgs, _common: &Common) -> Result<Exit, Error> {
    match &args.command {
        K8sCommand::Show { release, only, output } => {
            let table = table(release)?;
            show(table, only.as_deref(), *output)
        }
        K8sCommand::Diff { before, after, only, output } => {
            let (before, after) = (table(before)?, table(after)?);
            diff::run(before, after, only.as_deref(), *output)
        }
    }
}

/// The table of exactly this minor; another one would be a wrong answer here.
fn table(text: &str) -> Result<&'static ReleaseTable, Error> {
    let no_such = || Error::NoSuch {
        what: "release table",
        name: text.to_owned(),
        help: format!("there are {}", minors().join(", ")),
    };
    let release: Release = text.parse().map_err(|_| no_such())?;
    let chosen = for_release(&release);
    if chosen.exact { Ok(chosen.table) } else { Err(no_such()) }
}

fn show(table: &ReleaseTable, only: Option<&str>, format: TextOrJson) -> Result<Exit, Error> {
    let parts = part::chosen(table, only)?;
    match format {
        TextOrJson::Text => {
            let head = format!("Kubernetes {}, with etcd {}\n", table.release, table.etcd);
            let body: Vec<String> = parts.iter().map(part::Part::text).collect();
            output::text(&format!("{head}\n{}", body.join("\n")))?;
        }
        TextOrJson::Json => {
            let value = part::json(table, &parts);
            let text = serde_json::to_string_pretty(&value).map_err(std::io::Error::from)?;
            output::text(&format!("{text}\n"))?;
        }
    }
    Ok(Exit::Fine)
}
