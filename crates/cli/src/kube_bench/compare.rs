//! `--compare-kube-bench`: kube-bench's verdicts beside ours, on one node.

use std::collections::BTreeSet;

use kuberlock_benchmark::{Benchmark, Context, Parameters, benchmark, evaluate, find};
use kuberlock_kube_bench::compare::{self, Compared, Ours, Relation, Theirs};
use kuberlock_model::finding::Finding;
use kuberlock_report::comparison::{self, Comparison, Count, Item};

use super::{ran, root, text};
use crate::command::{Common, ScanArgs};
use crate::error::Error;
use crate::exit::Exit;
use crate::{output, scan, sources};

pub(crate) fn compare(args: &ScanArgs, common: &Common) -> Result<Exit, Error> {
    let written = args.kube_bench.compare_kube_bench.as_ref().and_then(Option::as_ref);
    let (name, from, theirs) = match (written, &args.kube_bench.kube_bench_cfg) {
        (Some(file), _) => {
            let (version, theirs) = compare::read(&file.display().to_string(), &text(file)?)?;
            let name = args.benchmark.clone().unwrap_or(version);
            (name, file.display().to_string(), theirs)
        }
        (None, Some(folder)) => {
            let ran = ran(folder, args, common)?;
            (ran.name, folder.display().to_string(), compare::theirs(&ran.results))
        }
        (None, None) => {
            return Err(Error::Usage {
                message: "there is nothing of kube-bench to compare with".into(),
                help: "name the folder of its files with --kube-bench-cfg DIR, or the file that \
                       `kube-bench --json` wrote with --compare-kube-bench FILE"
                    .into(),
            });
        }
    };
    let own = benchmark::find(&name).ok_or_else(|| no_map(&name))?;
    let root = root(args)?.display().to_string();
    let mut named = args.sources.clone();
    if named.roots.is_empty() {
        named.roots.push(root);
    }
    let (cluster, read) = sources::cluster(&named, args.namespace.as_deref(), common)?;
    let context = Context::new(&cluster).with(own.parameters(&Parameters::default()));
    let context = context.at(scan::now(&cluster, args));
    let ids: BTreeSet<&String> = own.items.iter().flat_map(|item| &item.checks).collect();
    let findings = evaluate(&context, ids.into_iter().filter_map(|id| find(id)));
    let ours = ours(own, &findings, &theirs, !args.kube_bench.targets.is_empty());
    let compared = compare::compare(&theirs, &ours);
    let comparison = Comparison {
        target: &read.target,
        benchmark: &name,
        from: &from,
        counts: counts(&compared),
        items: compared.iter().map(item).collect(),
    };
    for target in &args.output {
        output::to_target(target.file.as_deref(), |out| {
            Ok(comparison::render(&comparison, target.format, args.all, out)?)
        })?;
    }
    Ok(Exit::Fine)
}

fn no_map(name: &str) -> Error {
    let names: Vec<&str> = benchmark::all().iter().map(|of| of.benchmark.as_str()).collect();
    let help = format!("our own maps are {}", names.join(", "));
    Error::NoSuch { what: "benchmark of our own", name: name.to_owned(), help }
}

/// What we say of each item; only of those that kube-bench speaks of, where `only_theirs`.
fn ours<'f>(
    own: &Benchmark,
    findings: &'f [Finding],
    theirs: &[Theirs],
    only_theirs: bool,
) -> Vec<Ours<'f>> {
    let asked = |id: &str| !only_theirs || theirs.iter().any(|one| one.id == id);
    let items = own.items.iter().filter(|item| asked(&item.id));
    items
        .map(|item| Ours {
            id: item.id.clone(),
            findings: findings
                .iter()
                .filter(|finding| item.checks.iter().any(|check| check == finding.check))
                .collect(),
            undecided: item.undecided.clone(),
        })
        .collect()
}

fn counts<'c>(compared: &[Compared<'_>]) -> Vec<Count<'c>> {
    let of = |relation: Relation| compared.iter().filter(|item| item.relation == relation).count();
    let count = |relation: Relation| Count { relation: relation.word(), items: of(relation) };
    Relation::ALL.into_iter().map(count).collect()
}

fn item<'c>(compared: &'c Compared<'c>) -> Item<'c> {
    let why = compared.why.iter();
    Item {
        item: &compared.id,
        relation: compared.relation.word(),
        why: why.map(|why| comparison::Why { class: why.class, text: &why.text }).collect(),
        theirs: compared.theirs.map(|theirs| comparison::Theirs {
            status: theirs.state.word(),
            scored: theirs.scored,
            expected: &theirs.expected,
            actual: &theirs.actual,
            reason: &theirs.reason,
        }),
        kuberlock: compared.ours.map(|ours| comparison::Ours {
            verdict: ours.verdict(),
            undecided: ours.undecided.as_deref(),
            findings: ours.deciding().collect(),
        }),
    }
}
