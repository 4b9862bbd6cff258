//! Other projects' files, read in place: every document is read, and none is lost; defects are told
//! with their lines.
//!
//! The folder is `../shared/corpora` beside the tree, or what `KUBERLOCK_CORPORA` names; where it is
//! missing the test is ignored, with the reason.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use kuberlock_conformance::Outcome;
use kuberlock_kube_bench::benchmark::File;
use kuberlock_kube_bench::{Config, lint};
use kuberlock_model::Cluster;
use kuberlock_model::finding::From;
use kuberlock_source::convert::Converter;
use kuberlock_source::manifest::Refused;
use kuberlock_source::{locate, manifest};
use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let named = std::env::var_os("KUBERLOCK_CORPORA").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let corpora = named.unwrap_or(beside);
    let trials = vec![
        trial("np_guards_manifests_are_read_whole", corpora.join("np-guard"), np_guard),
        trial("defects_of_kube_bench_are_at_their_lines", corpora.join("kube-bench-cfg"), defects),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(name: &str, folder: PathBuf, run: fn(&Path) -> Outcome) -> Trial {
    if folder.is_dir() {
        return Trial::test(name, move || run(&folder));
    }
    let why = format!("{name} (`{}` is missing; KUBERLOCK_CORPORA names it)", folder.display());
    Trial::test(why, || Ok(())).with_ignored_flag(true)
}

/// Defects of kube-bench 0.15.6's files that are known from reading them.
const KNOWN: [(&str, u64, &str); 22] = [
    ("k3s-cis-1.9/node.yaml", 247, "unknown-operator"),
    ("rh-0.7/node.yaml", 231, "misplaced-key"),
    ("rh-0.7/node.yaml", 234, "misplaced-key"),
    ("rh-0.7/node.yaml", 256, "misplaced-key"),
    ("rh-0.7/node.yaml", 259, "misplaced-key"),
    ("rh-0.7/node.yaml", 281, "misplaced-key"),
    ("rh-0.7/node.yaml", 284, "misplaced-key"),
    ("rh-0.7/node.yaml", 306, "misplaced-key"),
    ("rh-0.7/node.yaml", 309, "misplaced-key"),
    ("k3s-cis-1.23/node.yaml", 193, "path-unread"),
    ("k3s-cis-1.24/node.yaml", 163, "path-unread"),
    ("k3s-cis-1.7/node.yaml", 159, "path-unread"),
    ("rke-cis-1.23/etcd.yaml", 124, "ignored-compare"),
    ("rke-cis-1.24/etcd.yaml", 124, "ignored-compare"),
    ("tkgi-1.2.53/etcd.yaml", 49, "ignored-compare"),
    ("tkgi-1.2.53/etcd.yaml", 98, "ignored-compare"),
    ("rh-0.7/master.yaml", 152, "ambiguous-id"),
    ("cis-1.24-microk8s/master.yaml", 3, "version"),
    ("cis-1.12/policies.yaml", 13, "bashism"),
    ("cis-1.11/policies.yaml", 398, "bashism"),
    ("cis-1.12/master.yaml", 118, "unknown-flag"),
    ("eks-stig-kubernetes-v1r6/controlplane.yaml", 13, "unknown-variable"),
];

fn defects(folder: &Path) -> Outcome {
    let read = |path: &Path| std::fs::read_to_string(path);
    let mut found = BTreeSet::new();
    let mut files = 0;
    for entry in std::fs::read_dir(folder)? {
        let place = entry?.path();
        if !place.is_dir() {
            continue;
        }
        let name = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut config = Config::default();
        config.merge("config.yaml", &read(&folder.join("config.yaml"))?)?;
        config.merge("its own", &read(&place.join("config.yaml")).unwrap_or_default())?;
        for file in std::fs::read_dir(&place)? {
            let path = file?.path();
            let target = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if target == "config" {
                continue;
            }
            let file = File { path: path.display().to_string(), target, text: read(&path)? };
            let benchmark = lint::Benchmark { name: &name, config: &config };
            let mut findings = lint::lint(&file, Some(benchmark));
            locate::fill(&mut findings, &|_| None);
            files += 1;
            let below = path.strip_prefix(folder)?.display().to_string();
            for finding in &findings {
                for evidence in &finding.evidence {
                    let From::Document { location: Some(at), .. } = &evidence.from else {
                        return Err(format!("{}: no line", finding.message).into());
                    };
                    found.insert((below.clone(), at.line, finding.check));
                }
            }
        }
    }
    for (file, line, rule) in KNOWN {
        let rule = format!("kube-bench-{rule}");
        if !found.iter().any(|(of, at, id)| of == file && *at == line && *id == rule) {
            return Err(format!("{file}:{line}: {rule} is not found").into());
        }
    }
    let wrong = ["kube-bench-unreadable", "kube-bench-type", "kube-bench-unknown-key"];
    if let Some(other) = found.iter().find(|(.., id)| wrong.contains(id)) {
        return Err(format!("kube-bench loads every file: {other:?}").into());
    }
    match (files, found.len()) {
        (229, 150..) => Ok(()),
        other => Err(format!("{other:?} files and defects").into()),
    }
}

fn np_guard(folder: &Path) -> Outcome {
    let (mut read, mut pods) = (0, 0);
    for entry in std::fs::read_dir(folder)? {
        let manifests = entry?.path().join("manifests");
        if !manifests.is_dir() {
            continue;
        }
        let mut cluster = Cluster::default();
        let mut converter = Converter::default();
        // Some of these policies no API server would take; np-guard never asks one.
        manifest::read_as(std::slice::from_ref(&manifests), Refused::Kept, &mut |records| {
            converter.push(records, &mut |change| cluster.apply(change));
        })?;
        converter.finish(&mut |change| cluster.apply(change));
        if let Some(unread) = cluster.coverage().unread().first() {
            return Err(format!("{}: {}", unread.origin, unread.reason).into());
        }
        pods += cluster.pod_sources().len();
        read += 1;
    }
    // Whoever reads nothing loses nothing: there is enough there.
    if read < 50 || pods < 200 {
        return Err(format!("only {read} folders with {pods} pods and workloads").into());
    }
    Ok(())
}
