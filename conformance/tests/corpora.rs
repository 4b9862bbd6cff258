//! Other projects' manifests, read in place: every document is read, and none is lost.
//!
//! The folder is `../shared/corpora` beside the tree, or what `KUBERLOCK_CORPORA` names; where it is
//! missing the test is ignored, with the reason.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use kuberlock_conformance::Outcome;
use kuberlock_model::Cluster;
use kuberlock_source::convert::Converter;
use kuberlock_source::manifest;
use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let named = std::env::var_os("KUBERLOCK_CORPORA").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let folder = named.unwrap_or(beside).join("np-guard");
    let name = "np_guards_manifests_are_read_whole";
    let trial = if folder.is_dir() {
        Trial::test(name, move || np_guard(&folder))
    } else {
        let why = format!("{name} (`{}` is missing; KUBERLOCK_CORPORA names it)", folder.display());
        Trial::test(why, || Ok(())).with_ignored_flag(true)
    };
    libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit_code()
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
        manifest::read(std::slice::from_ref(&manifests), &mut |records| {
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
