//! np-guard's own results, folder by folder: what `list` and `list --exposure` of netpol-analyzer say
//! of a cluster, kuberlock's compatible output says too.
//!
//! Results are compared as sets of source, destination, network, protocol and ports, after ranges of
//! addresses are cut to the same pieces. The folder is `../shared/corpora/np-guard` beside the tree, or
//! what `KUBERLOCK_CORPORA` names; where it is missing the test is ignored, with the reason.

#![expect(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "what serves the tests panics with what is wrong, as they do"
)]

#[path = "np_guard/results.rs"]
mod results;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use kuberlock_conformance::Outcome;
use kuberlock_model::Cluster;
use kuberlock_network::np_guard;
use kuberlock_source::convert::Converter;
use kuberlock_source::manifest::{self, Refused};
use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let named = std::env::var_os("KUBERLOCK_CORPORA").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let folder = named.unwrap_or(beside).join("np-guard");
    let name = "np_guards_results_are_those_of_the_compatible_output";
    let trial = match folder.is_dir() {
        true => Trial::test(name, move || run(&folder)),
        false => {
            let why =
                format!("{name} (`{}` is missing; KUBERLOCK_CORPORA names it)", folder.display());
            Trial::test(why, || Ok(())).with_ignored_flag(true)
        }
    };
    libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit_code()
}

/// One kind of result.
struct Form {
    file: &'static str,
    made: fn(&Cluster) -> String,
    read: fn(&str) -> results::Results,
    equal: usize,
    identical: usize,
    all: usize,
}

fn run(folder: &Path) -> Outcome {
    let form = |file, made, read| Form { file, made, read, equal: 0, identical: 0, all: 0 };
    let mut forms = [
        form("connlist.txt", |c| np_guard::connections(c).to_string(), results::of_text),
        form("connlist.csv", |c| np_guard::connections(c).csv(), results::of_csv),
        form("exposure.txt", |c| np_guard::exposure(c).to_string(), results::of_text),
        form("exposure.csv", |c| np_guard::exposure(c).csv(), results::of_csv),
    ];
    let mut folders: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        folders.push(entry?.path());
    }
    folders.sort();
    for place in folders.iter().filter(|place| place.join("manifests").is_dir()) {
        let cluster = read(&place.join("manifests"))?;
        for form in &mut forms {
            let file = place.join(form.file);
            if file.is_file() {
                compare(form, &file, &std::fs::read_to_string(&file)?, &cluster);
            }
        }
    }
    for Form { file, equal, identical, all, .. } in &forms {
        println!("{file}: {equal} of {all} equal as sets, {identical} to the byte");
    }
    match forms.iter().all(|form| form.equal == form.all && form.all > 0) {
        true => Ok(()),
        false => Err("some results differ".into()),
    }
}

fn compare(form: &mut Form, file: &Path, theirs: &str, cluster: &Cluster) {
    form.all += 1;
    let ours = (form.made)(cluster);
    form.identical += usize::from(ours == theirs);
    let differences = results::differences(&(form.read)(theirs), &(form.read)(&ours));
    if differences.is_empty() {
        form.equal += 1;
        return;
    }
    println!("{}: {} differences", file.display(), differences.len());
    differences.iter().take(20).for_each(|difference| println!("  {difference}"));
}

fn read(manifests: &PathBuf) -> Result<Cluster, Box<dyn std::error::Error>> {
    let mut cluster = Cluster::default();
    let mut converter = Converter::default();
    // Some of these policies no API server would take; np-guard never asks one.
    manifest::read_as(std::slice::from_ref(manifests), Refused::Kept, &mut |records| {
        converter.push(records, &mut |change| cluster.apply(change));
    })?;
    converter.finish(&mut |change| cluster.apply(change));
    if let Some(unread) = cluster.coverage().unread().first() {
        return Err(format!("{}: {}", unread.origin, unread.reason).into());
    }
    Ok(cluster)
}
