//! A benchmark's folder, run against a node.

use std::collections::BTreeSet;

use rayon::prelude::*;

pub use crate::evaluate::{Fallback, NoFallback, Outcome, State};

use crate::config::Config;
use crate::controls::{Check, Controls, Group};
use crate::evaluate::Audits;
use crate::node::{Commands, Node};
use crate::substitute::Substitution;
use crate::{Error, go};

/// A file of a benchmark's folder.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path, as errors name it.
    pub path: String,
    /// Its target, which is its name.
    pub target: String,
    /// Its text.
    pub text: String,
}

/// What is run, and what is left out.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Ids of checks and groups that are skipped.
    pub skipped: BTreeSet<String>,
}

/// A file of controls with its verdicts.
#[derive(Clone, Debug)]
pub struct Result {
    /// The file without its groups, its variables replaced.
    pub controls: Controls,
    /// The groups by their ids, each once.
    pub groups: Vec<GroupResult>,
    /// Components that should run on such a node and do not.
    pub missing: Vec<String>,
}

/// A group with its verdicts.
#[derive(Clone, Debug)]
pub struct GroupResult {
    /// Its number.
    pub id: String,
    /// Its title.
    pub text: String,
    /// Its checks.
    pub checks: Vec<(Check, Outcome)>,
}

/// Loads files for a node: each is given with its variables replaced.
///
/// # Errors
/// Where a file cannot be read, or is of another type than its name says.
pub fn load(
    config: &Config,
    file: &File,
    node: &dyn Node,
) -> std::result::Result<(Controls, Vec<String>), Error> {
    let no_target = || Error::NoTarget { target: file.target.clone() };
    let components = config.components(&file.target).ok_or_else(no_target)?;
    let substitution = Substitution::of(&components, node);
    let (text, bins) = substitution.apply(&file.text);
    let mut controls = Controls::of_target(&file.path, &text, &file.target)?;
    default_environment(&mut controls, &bins);
    Ok((controls, substitution.missing))
}

/// Where a test looks into the environment and nothing says how to get it, it is read of the one
/// process that the file is about.
fn default_environment(controls: &mut Controls, bins: &[String]) {
    let bin = match bins {
        [one] => one.as_str(),
        _ => "",
    };
    for check in controls.groups.iter_mut().flat_map(|group| &mut group.checks) {
        let items = check.tests.iter().flat_map(|tests| &tests.test_items);
        let asked = items.into_iter().any(|item| !item.env.is_empty());
        if asked && !check.disable_env_testing && check.audit_env.is_empty() {
            check.audit_env = format!(
                "cat \"/proc/$(/bin/ps -C {bin} -o pid= | tr -d ' ')/environ\" | tr '\\0' '\\n'"
            );
        }
    }
}

/// Loads files and runs them, several at a time; results come by the files' ids.
///
/// # Errors
/// Where a file cannot be read, or is of another type than its name says.
pub fn run(
    config: &Config,
    files: &[File],
    node: &dyn Node,
    commands: &dyn Commands,
    fallback: &dyn Fallback,
    options: &Options,
) -> std::result::Result<Vec<Result>, Error> {
    let each = files.par_iter().map(|file| {
        let (mut controls, missing) = load(config, file, node)?;
        let groups = std::mem::take(&mut controls.groups);
        let run = |group| {
            // The audits of one group are much alike; those of two are not.
            let mut audits = Audits::new(node, commands, fallback);
            run_group(group, &mut audits, options)
        };
        let groups = merged(groups.into_par_iter().map(run).collect());
        Ok(Result { controls, groups, missing })
    });
    let mut results = each.collect::<std::result::Result<Vec<_>, Error>>()?;
    results.sort_by_key(|result| result.controls.id.parse::<i64>().unwrap_or(0));
    Ok(results)
}

fn run_group(group: Group, audits: &mut Audits<'_>, options: &Options) -> GroupResult {
    let Group { id, text, kind, checks } = group;
    let evaluate = |mut check: Check| {
        let named = [&id, &check.id].into_iter().any(|id| options.skipped.contains(id));
        if kind == "skip" || named {
            check.kind = "skip".to_owned();
        }
        let outcome = audits.evaluate(&check);
        (check, outcome)
    };
    let checks = checks.into_iter().map(evaluate).collect();
    GroupResult { id, text, checks }
}

/// Groups by their ids, each once, in the order in which they first come; one without checks is none.
fn merged(groups: Vec<GroupResult>) -> Vec<GroupResult> {
    let mut merged: Vec<GroupResult> = Vec::new();
    for group in groups.into_iter().filter(|group| !group.checks.is_empty()) {
        match merged.iter_mut().find(|known| known.id == group.id) {
            Some(known) => known.checks.extend(group.checks),
            None => merged.push(group),
        }
    }
    merged
}

/// The release's benchmark, and why it is that.
pub fn choose(config: &Config, release: (u32, u32)) -> Option<(String, String)> {
    let (major, minor) = release;
    let mut at = minor;
    loop {
        if let Some(benchmark) = config.benchmark_of(&format!("{major}.{at}")) {
            let why = match at == minor {
                true => format!("version_mapping names it for {major}.{minor}"),
                false => format!(
                    "version_mapping names none for {major}.{minor}, and this for {major}.{at}"
                ),
            };
            return Some((benchmark, why));
        }
        at = at.checked_sub(1)?;
    }
}

/// So that what is printed elsewhere is quoted alike.
pub(crate) fn json_text(text: &str, out: &mut String) {
    go::json_text(text, out);
}
