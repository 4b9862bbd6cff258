//! `kuberlock scan`: sources → cluster → findings → report.

use std::path::Path;

use kuberlock_benchmark::namespace::Declared;
use kuberlock_benchmark::{Benchmark, Context, Registered, Tailoring, evaluate, pack, registry};
use kuberlock_model::scan::{CheckSummary, ChosenBenchmark, Scan};
use kuberlock_model::{Cluster, Timestamp, Verdict};
use kuberlock_report::{Options, render};
use kuberlock_source::locate::{self, Content};

use crate::acceptance::{self, Acceptance};
use crate::command::{Common, ScanArgs, What};
use crate::error::Error;
use crate::exit::Exit;
use crate::output::{self, Target};
use crate::scope;
use crate::sources::{self, Read};

pub(crate) fn run(args: &ScanArgs, common: &Common) -> Result<Exit, Error> {
    one_standard_output(&args.output)?;
    if args.what == Some(What::Diff) {
        return acceptance::diff(args, common);
    }
    if let Some(path) = args.scans.first() {
        return Err(Error::Usage {
            message: format!("`{}` is no word of this command", path.display()),
            help: "name what to scan with -f, --snapshot or --root; `scan diff` compares two scans"
                .into(),
        });
    }
    if args.kube_bench.compare_kube_bench.is_some() {
        return crate::kube_bench::compare(args, common);
    }
    if let Some(folder) = &args.kube_bench.kube_bench_cfg {
        return crate::kube_bench::run(folder, args, common);
    }
    if args.output.iter().any(|target| target.kube_bench) {
        return Err(Error::Usage {
            message: "`kube-bench-json` is what kube-bench's own files give".into(),
            help: "name their folder with --kube-bench-cfg DIR".into(),
        });
    }
    let acceptance = Acceptance::read(&args.borne)?;
    let mut named = args.sources.clone();
    if args.what == Some(What::Node) && named.roots.is_empty() {
        named.roots.push("/".to_owned());
    }
    let (cluster, read) = sources::cluster(&named, args.namespace.as_deref(), common)?;
    let (scan, told) = scan(&cluster, read, args, &acceptance, Declared::default())?;
    told.iter().for_each(|line| output::note(common, line));
    let options = Options {
        color: output::colour(common),
        width: output::width(),
        all: args.all,
        fail_on: args.threshold(),
        time: output::now(),
    };
    for Target { format, file, .. } in &args.output {
        output::to_target(file.as_deref(), |out| Ok(render(&scan, *format, &options, out)?))?;
        if let Some(file) = file {
            output::note(common, &format!("{format} written to {}", file.display()));
        }
    }
    Ok(exit(&scan, args))
}

/// The exit code of a scan: the first that applies.
pub(crate) fn exit(scan: &Scan, args: &ScanArgs) -> Exit {
    if args.require_complete && !scan.coverage.is_complete() {
        return Exit::Incomplete;
    }
    match args.threshold() {
        Some(threshold) if scan.fails_at(threshold) => Exit::Findings,
        _ => Exit::Fine,
    }
}

pub(crate) fn one_standard_output(targets: &[Target]) -> Result<(), Error> {
    if targets.iter().filter(|target| target.file.is_none()).count() > 1 {
        return Err(Error::Usage {
            message: "only one output can go to standard output".into(),
            help: "give the others a file: -o html=report.html".into(),
        });
    }
    Ok(())
}

/// Puts the checks that `args` choose to the cluster; `declared` is what its owner calls sensitive.
pub(crate) fn scan(
    cluster: &Cluster,
    read: Read,
    args: &ScanArgs,
    acceptance: &Acceptance,
    declared: Declared,
) -> Result<(Scan, Vec<String>), Error> {
    let (benchmark, chosen) = benchmark(cluster, args.benchmark.as_deref())?;
    let tailoring = &acceptance.tailoring;
    let mut checks = chosen_checks(args, benchmark)?;
    checks.retain(|check| tailoring.asks(check, benchmark));
    let context = Context::new(cluster).declaring(declared);
    let context = context.with(benchmark.parameters(&tailoring.parameters)).at(now(cluster, args));
    let table = context.table;
    let mut findings = evaluate(&context, checks.iter().copied());
    scope::narrow(&mut findings, args, cluster);
    let mut own = false;
    for finding in &mut findings {
        if let Some(check) = kuberlock_benchmark::find(finding.check) {
            let severity = tailoring.severity(check);
            own |= severity != finding.severity;
            finding.severity = severity;
        }
    }
    // What is graver comes first, also after the severities were the user's own.
    if own {
        findings.sort_by_key(|f| (f.verdict != Verdict::Fail, std::cmp::Reverse(f.severity)));
    }
    let told = acceptance.apply(&mut findings, cluster, benchmark);
    let mut coverage = cluster.coverage().clone();
    locate::fill(&mut findings, &|source| content(cluster, source));
    locate::fill_archived(&mut findings, &args.sources.snapshots);
    locate::fill_coverage(&mut coverage, &|source| content(cluster, source));
    let summaries = checks.iter().map(|check| summary(check, benchmark, tailoring));
    let scan = Scan {
        target: read.target,
        cluster: cluster.name().map(str::to_owned),
        cluster_uid: cluster.uid().map(str::to_owned),
        release: cluster.release(),
        table: (table.table.minor.clone(), table.exact),
        benchmark: chosen,
        identity: read.identity,
        coverage,
        findings,
        checks: summaries.collect(),
    };
    Ok((scan, told))
}

/// What is held by that which is no file of its own: a file of a node (`NODE:/path`), or an entry of
/// a snapshot's folder (`FOLDER!objects/pods.jsonl`).
pub(crate) fn content(cluster: &Cluster, source: &str) -> Option<Content> {
    if let Some((snapshot, entry)) = source.rsplit_once('!') {
        let folder = Path::new(snapshot);
        return folder.is_dir().then(|| Content::Lines(folder.join(entry)));
    }
    let (node, path) = source.split_once(':')?;
    cluster.host(node)?.file(path)?.content.clone().map(Content::Text)
}

/// What time it is for the checks: when a snapshot was collected, where it tells; else the clock's,
/// unless a snapshot without a time is judged.
pub(crate) fn now(cluster: &Cluster, args: &ScanArgs) -> Option<Timestamp> {
    match args.sources.snapshots.is_empty() {
        true => Timestamp::from_millisecond(output::now()?.try_into().ok()?).ok(),
        false => cluster.collected(),
    }
}

fn summary(
    check: &'static Registered,
    benchmark: &Benchmark,
    tailoring: &Tailoring,
) -> CheckSummary {
    CheckSummary {
        id: check.id,
        title: check.manual.title,
        severity: tailoring.severity(check),
        items: benchmark.items_of(check.id),
        packs: pack::packs_of(check.id),
        what: check.manual.what,
        why: check.manual.why,
        remedy: check.manual.remedy,
        may_break: check.manual.may_break,
        references: check.manual.references,
    }
}

/// The checks that are asked: those named, those of the packs named, or those of the benchmark and of
/// every pack that does not want to be named.
fn chosen_checks(
    args: &ScanArgs,
    benchmark: &Benchmark,
) -> Result<Vec<&'static Registered>, Error> {
    let no_such = |what, name: &str| Error::NoSuch {
        what,
        name: name.to_owned(),
        help: "`kuberlock checks list` shows them all".into(),
    };
    if !args.checks.is_empty() {
        let find = |id: &String| kuberlock_benchmark::find(id).ok_or_else(|| no_such("check", id));
        return args.checks.iter().map(find).collect();
    }
    for name in &args.packs {
        pack::find(name).ok_or_else(|| no_such("pack", name))?;
    }
    let of_packs = |check: &&Registered| {
        let packs = pack::packs_of(check.id);
        match args.packs.as_slice() {
            [] => pack::is_asked(check.id) || !benchmark.items_of(check.id).is_empty(),
            named => packs.iter().any(|pack| named.iter().any(|name| name == pack)),
        }
    };
    Ok(registry().iter().filter(of_packs).collect())
}

fn benchmark(
    cluster: &Cluster,
    named: Option<&str>,
) -> Result<(&'static Benchmark, ChosenBenchmark), Error> {
    let no_such = |name: &str| Error::NoSuch {
        what: "benchmark",
        name: name.to_owned(),
        help: "`kuberlock checks list` shows the benchmarks of this build".into(),
    };
    match named {
        Some(name) => {
            let benchmark =
                kuberlock_benchmark::benchmark::find(name).ok_or_else(|| no_such(name))?;
            Ok((benchmark, benchmark.chosen("named by --benchmark".to_owned())))
        }
        None => kuberlock_benchmark::choose(&cluster.layouts(), cluster.release().as_ref())
            .ok_or_else(|| no_such("")),
    }
}
