//! kube-bench 0.15.6 and kuberlock on the same node, with the same files: every check gets the same
//! verdict and the same value, once the columns of `ps` that tell of time are cut.
//!
//! kube-bench is built by `testbed/kube-bench/build.sh`; its configuration is read in place from
//! `../shared/corpora`, or what `KUBERLOCK_CORPORA` names. Where either is missing the cases are
//! ignored, with the reason.

mod compare;
mod folders;
mod nodes;
mod pairs;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use kuberlock_conformance::{Outcome, prove};
use kuberlock_kube_bench::{Config, Controls};
use libtest_mimic::{Arguments, Trial};

use self::nodes::Run;

/// The generic benchmarks.
const GENERIC: [&str; 11] = [
    "cis-1.5", "cis-1.6", "cis-1.20", "cis-1.23", "cis-1.24", "cis-1.7", "cis-1.8", "cis-1.9",
    "cis-1.10", "cis-1.11", "cis-1.12",
];

/// What is run of a benchmark.
const TARGETS: &str = "master,etcd,controlplane,node";

/// The nodes of `node.sh`.
const NODES: [&str; 8] = ["kubeadm", "hard", "bare", "flags", "two", "worker", "env", "k3s"];

/// Scripts of the shell, between lines of `%%`.
const SCRIPTS: &str = include_str!("scripts.txt");

fn main() -> ExitCode {
    let named = std::env::var_os("KUBERLOCK_CORPORA").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let cfg = named.unwrap_or(beside).join("kube-bench-cfg");
    let no_cfg = (!cfg.is_dir()).then(|| format!("`{}` is missing", cfg.display()));
    let no_bench = no_kube_bench();
    let trial = |name: &str,
                 missing: &[&Option<String>],
                 case: Box<dyn FnOnce() -> Outcome + Send>| {
        match missing.iter().find_map(|missing| missing.as_ref()) {
            Some(why) => Trial::test(format!("{name} ({why})"), || Ok(())).with_ignored_flag(true),
            None => Trial::test(name, case),
        }
    };
    let folder = cfg.clone();
    let mut trials = vec![
        trial(
            "every_check_of_every_folder_is_loaded",
            &[&no_cfg],
            Box::new(move || loaded(&folder)),
        ),
        trial("scripts_print_what_dash_prints", &[&no_bench], Box::new(scripts)),
    ];
    let (nodes, benchmarks) = match prove() {
        true => (&NODES[..], &GENERIC[..]),
        false => (&NODES[..4], &["cis-1.12", "cis-1.5"][..]),
    };
    for node in nodes {
        let (cfg, name) = (cfg.clone(), format!("node_{node}_gets_kube_benchs_verdicts"));
        let case = move || verdicts(node, &cfg, benchmarks);
        trials.push(trial(&name, &[&no_cfg, &no_bench], Box::new(case)));
    }
    for platform in folders::PLATFORMS.iter().filter(|platform| platform.often || prove()) {
        let (cfg, node) = (cfg.clone(), platform.node);
        let case = move || folders::tried(platform, &cfg);
        let name = format!("node_{node}_is_judged_alike_by_the_folders_of_platforms");
        trials.push(trial(&name, &[&no_cfg, &no_bench], Box::new(case)));
    }
    if prove() {
        let case = move || pairs::timed(&cfg);
        let name = "fifty_times_as_fast_without_starting_anything";
        trials.push(trial(name, &[&no_cfg, &no_bench], Box::new(case)));
    }
    // In one thread: two nodes at once would share the host's processors, not its namespaces.
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Why kube-bench cannot be run here, or None.
fn no_kube_bench() -> Option<String> {
    if !nodes::kube_bench().is_file() {
        return Some("kube-bench is not built: testbed/kube-bench/build.sh".to_owned());
    }
    let tried =
        Command::new("unshare").args(["-m", "-p", "--fork", "--mount-proc", "true"]).output();
    let works = tried.is_ok_and(|output| output.status.success());
    (!works).then(|| "no namespaces can be made here".to_owned())
}

fn loaded(cfg: &Path) -> Outcome {
    let (mut folders, mut checks) = (0, 0);
    for folder in std::fs::read_dir(cfg)? {
        let folder = folder?.path();
        if !folder.is_dir() {
            continue;
        }
        folders += 1;
        for file in std::fs::read_dir(&folder)? {
            let file = file?.path();
            let (name, text) = (file.display().to_string(), std::fs::read_to_string(&file)?);
            if file.ends_with("config.yaml") {
                Config::default().merge(&name, &text)?;
                continue;
            }
            let target = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            checks += Controls::of_target(&name, &text, target)?.checks().count();
        }
    }
    match (folders, checks) {
        (46, 4860) => Ok(()),
        _ => Err(format!("{checks} checks in {folders} folders, not 4860 in 46").into()),
    }
}

fn verdicts(node: &str, cfg: &Path, benchmarks: &[&str]) -> Outcome {
    let out = tempfile::tempdir()?;
    let run = Run { node, cfg, out: out.path(), targets: TARGETS, pairs: None };
    run.both(benchmarks)?;
    let mut compared = 0;
    for benchmark in benchmarks {
        compared += compare::equal(out.path(), benchmark)?;
    }
    // Whoever compares nothing finds no difference: the files have more than 90 checks each.
    match compared >= 90 * benchmarks.len() {
        true => Ok(()),
        false => Err(format!("only {compared} checks were compared").into()),
    }
}

/// A benchmark whose audits are the scripts: what they print is the value of each check.
fn scripts() -> Outcome {
    let (cfg, out) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let folder = cfg.path().join("scripts");
    std::fs::create_dir(&folder)?;
    let config = "master: {components: []}\ntarget_mapping: {scripts: [master]}\n";
    std::fs::write(cfg.path().join("config.yaml"), config)?;
    std::fs::write(folder.join("config.yaml"), "---\n")?;
    let scripts: Vec<&str> = SCRIPTS.split("\n%%\n").collect();
    let checks: Vec<serde_json::Value> = scripts
        .iter()
        .enumerate()
        .map(|(at, script)| {
            serde_json::json!({
                "id": format!("1.{at}"), "text": "a script", "audit": script, "scored": true,
                "tests": {"test_items": [{"flag": "never printed", "set": false}]},
            })
        })
        .collect();
    let groups = serde_json::json!([{"id": "1", "text": "scripts", "checks": checks}]);
    let file = serde_json::json!({"id": "1", "type": "master", "text": "t", "groups": groups});
    std::fs::write(folder.join("master.yaml"), file.to_string())?;
    Run { node: "kubeadm", cfg: cfg.path(), out: out.path(), targets: "", pairs: None }
        .both(&["scripts"])?;
    match compare::equal(out.path(), "scripts")? {
        compared if compared == scripts.len() => Ok(()),
        compared => Err(format!("{compared} of {} scripts were compared", scripts.len()).into()),
    }
}
