//! The audits of kube-bench's files that call kubectl: through `/bin/sh`, kubectl and jq on a real
//! cluster, and through our shell on the model read from it.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use kuberlock_conformance::Outcome;
use kuberlock_kube_bench::shell::{self, Limits};
use kuberlock_kube_bench::{Controls, Entry, FromModel, Node, Process, Refusal, Status};
use kuberlock_testbed::Cluster;
use libtest_mimic::Failed;

use crate::calls;

/// Benchmarks whose audits are to be answered, and the files that have them.
const BENCHMARKS: [&str; 16] = [
    "cis-1.5",
    "cis-1.6",
    "cis-1.20",
    "cis-1.23",
    "cis-1.24",
    "cis-1.7",
    "cis-1.8",
    "cis-1.9",
    "cis-1.10",
    "cis-1.11",
    "cis-1.12",
    "rke2-cis-1.8",
    "eks-1.8.0",
    "eks-1.7.0",
    "k3s-cis-1.9",
    "aks-1.7",
];
const FILES: [&str; 3] = ["policies.yaml", "controlplane.yaml", "managedservices.yaml"];

/// A machine on which nothing is: these audits ask nothing of it.
struct Nothing;

impl Node for Nothing {
    fn stat(&self, _: &str, _: bool) -> Result<Status, Refusal> {
        Err(Refusal::Absent)
    }
    fn read(&self, _: &str) -> Result<Vec<u8>, Refusal> {
        Err(Refusal::Absent)
    }
    fn list(&self, _: &str) -> Result<Vec<Entry>, Refusal> {
        Err(Refusal::Absent)
    }
    fn link(&self, _: &str) -> Result<String, Refusal> {
        Err(Refusal::Absent)
    }
    fn processes(&self) -> &[Process] {
        &[]
    }
    fn user(&self, _: u32) -> Option<String> {
        None
    }
    fn group(&self, _: u32) -> Option<String> {
        None
    }
}

pub fn corpora() -> Option<PathBuf> {
    let named = std::env::var_os("KUBERLOCK_CORPORA").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let folder = named.unwrap_or(beside).join("kube-bench-cfg");
    folder.is_dir().then_some(folder)
}

/// Each audit that calls kubectl, with the checks that have it.
fn audits(folder: &Path) -> Result<BTreeMap<String, Vec<String>>, Failed> {
    let mut audits: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for benchmark in BENCHMARKS {
        for file in FILES {
            let Ok(text) = std::fs::read_to_string(folder.join(benchmark).join(file)) else {
                continue;
            };
            let controls = Controls::parse(file, &text, &mut |_| {})?;
            let active = controls.checks().filter(|check| check.kind.is_empty());
            for check in active.filter(|check| check.audit.contains("kubectl")) {
                let of = format!("{benchmark} {}", check.id);
                audits.entry(check.audit.trim().to_owned()).or_default().push(of);
            }
        }
    }
    Ok(audits)
}

pub fn run(cluster: &Cluster) -> Outcome {
    let folder = corpora().ok_or("there are no corpora")?;
    cluster.apply(calls::OBJECTS)?;
    std::thread::sleep(std::time::Duration::from_secs(3));
    let model = calls::model(cluster)?;
    let audits = audits(&folder)?;
    let (mut same, mut different, mut unanswered) = (0, Vec::new(), Vec::new());
    for (audit, checks) in &audits {
        let commands = FromModel::new(&model);
        let ours = match shell::run(audit, &Nothing, &commands, Limits::default()) {
            Err(why) => {
                unanswered.push(format!("{checks:?}: {why}"));
                continue;
            }
            Ok(ours) => {
                (String::from_utf8_lossy(&ours.output).into_owned(), i32::from(ours.status))
            }
        };
        let theirs = real(cluster, audit)?;
        if ours == theirs {
            same += 1;
        } else {
            different.push(format!("{checks:?}\n{audit}\n  ours {ours:#?}\n  real {theirs:#?}"));
        }
    }
    println!(
        "{} audits: {same} the same, {} not: {}; not run: {unanswered:#?}",
        audits.len(),
        different.len(),
        different.join("\n")
    );
    if different.is_empty() && unanswered.len() <= MOST_UNANSWERED {
        return Ok(());
    }
    Err("audits are answered differently".into())
}

/// Audits beyond what is answered: they ask for tables or for every kind that the server has.
const MOST_UNANSWERED: usize = 6;

fn real(cluster: &Cluster, audit: &str) -> Result<(String, i32), Failed> {
    let mut child = cluster
        .command("sh")
        .arg("-c")
        // As kube-bench does: the script on standard input, both streams as one.
        .arg("exec /bin/sh 2>&1")
        .env("KUBECONFIG", cluster.kubeconfig_path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(audit.as_bytes())?;
    }
    let out = child.wait_with_output()?;
    Ok((String::from_utf8_lossy(&out.stdout).into_owned(), out.status.code().unwrap_or(255)))
}
