//! `--config FILE`: what holds where the command line says nothing.
//!
//! Enters: the text of a file (`docs/schemas/config.json`). Leaves: arguments that are complete.
//! Always holds: keys are the flags' own names; what the command line says counts over the file; the
//! file says how is judged and shown, never what is looked at, so that no scan is of something else
//! than its command line names; an unknown key refuses it.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::acceptance::{is_item_list, refused, text};
use crate::command::{self, Cli, Command, ScanArgs};
use crate::error::Error;
use crate::output::Target;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Configuration {
    quiet: bool,
    no_color: bool,
    scan: ScanDefaults,
    collect: CollectDefaults,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct ScanDefaults {
    benchmark: Option<String>,
    check: Vec<String>,
    pack: Vec<String>,
    waivers: Vec<PathBuf>,
    skip: Option<String>,
    baseline: Option<PathBuf>,
    tailoring: Option<PathBuf>,
    output: Vec<String>,
    all: bool,
    fail_on: Option<String>,
    require_complete: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct CollectDefaults {
    require_complete: bool,
}

/// Completes the command line from the file that it names, and from what holds without any.
pub(crate) fn complete(cli: &mut Cli) -> Result<(), Error> {
    if let Some(path) = cli.common.config.clone() {
        let file: Configuration = serde_saphyr::from_str(&text(&path)?)
            .map_err(|error| refused(&path)(Fault::of(&error)))?;
        cli.common.quiet |= file.quiet;
        cli.common.no_color |= file.no_color;
        match &mut cli.command {
            Command::Scan(args) => scan(args, file.scan, &path)?,
            Command::Collect(args) => args.require_complete |= file.collect.require_complete,
            _ => {}
        }
    }
    if let Command::Scan(args) = &mut cli.command
        && args.output.is_empty()
    {
        args.output.push(Target::TABLE);
    }
    Ok(())
}

fn scan(args: &mut ScanArgs, file: ScanDefaults, path: &Path) -> Result<(), Error> {
    let fault = |message: String| refused(path)(Fault(message));
    if !file.check.is_empty() && !file.pack.is_empty() {
        return Err(fault("`check` and `pack` are not given together".to_owned()));
    }
    // Files that are read lie where the file that names them lies.
    let beside = |named: PathBuf| path.parent().map_or(named.clone(), |of| of.join(&named));
    if args.checks.is_empty() && args.packs.is_empty() {
        (args.checks, args.packs) = (file.check, file.pack);
    }
    if args.borne.waivers.is_empty() {
        args.borne.waivers = file.waivers.into_iter().map(beside).collect();
    }
    if args.output.is_empty() {
        let targets = file.output.iter().map(|text| text.parse::<Target>().map_err(fault));
        args.output = targets.collect::<Result<_, Error>>()?;
    }
    if let (None, Some(word)) = (args.fail_on, &file.fail_on) {
        args.fail_on = Some(command::fail_on(word).map_err(fault)?);
    }
    let skip = file.skip.map(|named| match is_item_list(&named) {
        true => named,
        false => beside(named.into()).to_string_lossy().into_owned(),
    });
    args.borne.skip = args.borne.skip.take().or(skip);
    args.borne.baseline = args.borne.baseline.take().or(file.baseline.map(beside));
    args.borne.tailoring = args.borne.tailoring.take().or(file.tailoring.map(beside));
    args.benchmark = args.benchmark.take().or(file.benchmark);
    args.all |= file.all;
    args.require_complete |= file.require_complete;
    Ok(())
}

/// What is wrong with the file.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Fault(String);

impl Fault {
    fn of(error: &serde_saphyr::Error) -> Self {
        Self(error.to_string().lines().next().unwrap_or_default().to_owned())
    }
}
