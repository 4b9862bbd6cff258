//! `kuberlock checks lint`: defects of kube-bench's files.

use std::fs;
use std::path::{Path, PathBuf};

use kuberlock_kube_bench::benchmark::File;
use kuberlock_kube_bench::{Config, lint};
use kuberlock_model::coverage::Coverage;
use kuberlock_model::finding::Finding;
use kuberlock_model::release::table;
use kuberlock_model::scan::{CheckSummary, ChosenBenchmark, Scan};
use kuberlock_report::{Format, Options, render};
use kuberlock_source::locate;

use crate::command::{Common, LintArgs};
use crate::error::Error;
use crate::exit::Exit;
use crate::kube_bench::text;
use crate::output;

pub(super) fn run(args: &LintArgs, common: &Common) -> Result<Exit, Error> {
    let mut files = Vec::new();
    for path in &args.paths {
        collect(path, 0, &mut files)?;
    }
    files.sort();
    files.dedup();
    let mut findings = Vec::new();
    for path in &files {
        findings.extend(of_file(path)?);
    }
    locate::fill(&mut findings, &|_| None);
    sort(&mut findings);
    output::note(common, &format!("{} files, {} defects", files.len(), findings.len()));
    let threshold = args.fail_on.0;
    let fails = findings.iter().any(|finding| Some(finding.severity) >= threshold);
    show(args, common, findings)?;
    Ok(if threshold.is_some() && fails { Exit::Findings } else { Exit::Fine })
}

/// By file and line.
fn sort(findings: &mut [Finding]) {
    findings.sort_by_cached_key(|finding| {
        let place = finding.evidence.iter().find_map(|evidence| match &evidence.from {
            kuberlock_model::finding::From::Document { location, .. } => location.clone(),
            _ => None,
        });
        let place = place.map(|place| (place.file, place.line, place.column));
        (place, finding.check, finding.message.clone())
    });
}

fn show(args: &LintArgs, common: &Common, findings: Vec<Finding>) -> Result<(), Error> {
    let target = &args.output;
    if target.kube_bench {
        return Err(Error::Usage {
            message: "defects are not shown as kube-bench-json".into(),
            help: "use -o table, json or html".into(),
        });
    }
    if target.format == Format::Table {
        let lines = kuberlock_report::lines(&findings);
        return output::to_target(target.file.as_deref(), |out| {
            Ok(out.write_all(lines.as_bytes())?)
        });
    }
    let shown: Vec<String> = args.paths.iter().map(|path| path.display().to_string()).collect();
    let scan = Scan {
        target: format!("kube-bench's files {}", shown.join(", ")),
        cluster: None,
        cluster_uid: None,
        release: None,
        table: (table::newest().minor.clone(), false),
        benchmark: ChosenBenchmark {
            name: "lint".to_owned(),
            why: "files are linted, no cluster is scanned".to_owned(),
            sections: std::collections::BTreeMap::new(),
        },
        identity: None,
        coverage: Coverage::default(),
        findings,
        checks: lint::RULES.iter().map(|rule| summary(rule)).collect(),
    };
    let options = Options {
        color: output::colour(common),
        width: output::width(),
        all: true,
        fail_on: args.fail_on.0,
        time: output::now(),
    };
    let format = target.format;
    output::to_target(target.file.as_deref(), |out| Ok(render(&scan, format, &options, out)?))
}

fn summary(rule: &'static lint::Rule) -> CheckSummary {
    CheckSummary {
        id: rule.id,
        title: rule.title,
        severity: rule.severity,
        items: Vec::new(),
        packs: Vec::new(),
        what: rule.title,
        why: "A check that says less than it seems to hides what is open.",
        remedy: rule.remedy,
        references: &[],
        may_break: "Nothing: a file is read, and none is changed.",
    }
}

/// Folders within each other: a configuration folder, its benchmarks.
const MOST_DEEP: usize = 3;

/// The files of controls at `path`. A folder is looked through; a file is taken as it is.
fn collect(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    if !fs::metadata(path).map_err(failed)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let inner = entry.path();
        // Links are not followed: they may lead in a circle.
        let kind = entry.file_type().map_err(failed)?;
        let is_yaml = inner.extension().is_some_and(|end| end == "yaml" || end == "yml");
        let is_config = inner.file_stem().is_some_and(|stem| stem == "config");
        if kind.is_dir() && depth < MOST_DEEP {
            collect(&inner, depth + 1, files)?;
        } else if kind.is_file() && is_yaml && !is_config {
            files.push(inner);
        }
    }
    Ok(())
}

fn of_file(path: &Path) -> Result<Vec<Finding>, Error> {
    let stem = |path: &Path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let file = File {
        path: path.display().to_string(),
        target: stem(path).unwrap_or_default(),
        text: text(path)?,
    };
    let absolute =
        fs::canonicalize(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let folder = absolute.parent();
    let name = folder.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    let global = folder.and_then(Path::parent).map(|parent| parent.join("config.yaml"));
    let (Some(folder), Some(name), Some(global)) = (folder, name, global.filter(|g| g.is_file()))
    else {
        return Ok(lint::lint(&file, None));
    };
    let mut config = Config::default();
    for part in [global, folder.join("config.yaml")].iter().filter(|part| part.is_file()) {
        config.merge(&part.display().to_string(), &text(part)?)?;
    }
    Ok(lint::lint(&file, Some(lint::Benchmark { name: &name, config: &config })))
}
