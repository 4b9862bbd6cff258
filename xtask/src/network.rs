//! What a big network costs: loading it, knowing who reaches whom, one change, one explanation. Each
//! is measured in a process of its own, on one processor.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use kuberlock_model::network::{PortMatch, Ports, Protocol, Rule};
use kuberlock_model::{Change, Cluster, Object};
use kuberlock_network::{Cni, Connection, Party, Reachability};
use kuberlock_source::convert::Converter;
use kuberlock_source::snapshot;
use kuberlock_testbed::generate::{NetworkSize, network_snapshot};
use serde_json::{Value, json};

use crate::bench::{size_of, text};
use crate::say;

/// A network, and what it may cost.
struct Question {
    size: NetworkSize,
    /// For all that every endpoint reaches.
    wall: Duration,
    /// With the loaded cluster.
    peak: Option<u64>,
}

const fn size(pods: usize, namespaces: usize, policies: usize) -> NetworkSize {
    NetworkSize { pods, namespaces, policies, seed: 1, is_adversarial: false }
}

const QUESTIONS: [Question; 4] = [
    Question { size: size(500, 50, 100), wall: Duration::from_millis(10), peak: None },
    Question {
        size: size(2_000, 200, 500),
        wall: Duration::from_millis(50),
        peak: Some(60_000_000),
    },
    Question {
        size: size(10_000, 1_000, 5_000),
        wall: Duration::from_secs(1),
        peak: Some(300_000_000),
    },
    Question {
        size: NetworkSize { is_adversarial: true, ..size(10_000, 1_000, 5_000) },
        wall: Duration::from_secs(3),
        peak: None,
    },
];
/// For one policy that changed, and for one pair explained.
const CHANGE: Duration = Duration::from_millis(10);
const EXPLANATION: Duration = Duration::from_millis(5);
/// Of so many runs the best counts.
const RUNS: usize = 5;

/// Measures, says and judges.
pub(crate) fn run() -> Result<()> {
    let mut late = Vec::new();
    for question in &QUESTIONS {
        let folder = tempfile::tempdir()?;
        let snapshot = folder.path().join("snapshot");
        network_snapshot(question.size, &snapshot)?;
        let own = std::env::current_exe()?;
        let words = ["-c", "0", text(&own)?, "network", "measure", text(&snapshot)?];
        let output = Command::new("taskset").args(words).output().context("taskset")?;
        if !output.status.success() {
            bail!("the measurement failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        let told: Value = serde_json::from_slice(&output.stdout)?;
        let number = |key: &str| told.get(key).and_then(Value::as_u64).unwrap_or(u64::MAX);
        let took = |key: &str| Duration::from_nanos(number(key));
        let peak = number("peak");
        say(&line(question, &told, size_of(&snapshot)?));
        let limits = [
            ("all", took("all"), question.wall),
            ("change", took("change"), CHANGE),
            ("explanation", took("explanation"), EXPLANATION),
        ];
        late.extend(
            limits
                .iter()
                .filter(|(_, took, most)| took > most)
                .map(|(what, ..)| format!("{what} of {} pods", question.size.pods)),
        );
        if question.peak.is_some_and(|most| peak > most) {
            late.push(format!("memory of {} pods", question.size.pods));
        }
    }
    if !late.is_empty() {
        bail!("more than it may: {}", late.join(", "));
    }
    Ok(())
}

fn line(question: &Question, told: &Value, bytes: u64) -> String {
    let NetworkSize { pods, namespaces, policies, is_adversarial, .. } = question.size;
    let ms = |key: &str| told[key].as_f64().unwrap_or(f64::NAN) / 1e6;
    let most = |limit: Duration| limit.as_secs_f64() * 1e3;
    let peak =
        question.peak.map_or(String::new(), |most| format!(" (at most {})", most / 1_000_000));
    format!(
        "{pods} pods, {namespaces} namespaces, {policies} policies{}: {} endpoints, {} pairs connect; \
         loading {} MB {:.0} ms, made {:.2} ms, all rows {:.2} ms (at most {:.0}), CPU {:.2} ms, one \
         policy changed {:.2} ms (at most {:.0}), one pair explained {:.3} ms (at most {:.0}), peak \
         {} MB{peak}, loaded {} MB",
        if is_adversarial { ", every pod apart" } else { "" },
        told["endpoints"],
        told["pairs"],
        bytes / 1_000_000,
        ms("loading"),
        ms("made"),
        ms("all"),
        most(question.wall),
        ms("processor"),
        ms("change"),
        most(CHANGE),
        ms("explanation"),
        most(EXPLANATION),
        told["peak"].as_u64().unwrap_or_default() / 1_000_000,
        told["loaded"].as_u64().unwrap_or_default() / 1_000_000,
    )
}

/// Loads a snapshot and tells what the network cost, as JSON.
pub(crate) fn measure(folder: &Path) -> Result<()> {
    let start = Instant::now();
    let cluster = load(folder)?;
    let loading = start.elapsed();
    let loaded = peak()?;
    let (mut made, mut all, mut processor) = (Duration::MAX, Duration::MAX, u64::MAX);
    let mut counts = (0, 0);
    let mut at_peak = 0;
    for _ in 0..RUNS {
        let (start, on_processor) = (Instant::now(), on_processor()?);
        let reachability = Reachability::new(&cluster, Cni::Calico);
        made = made.min(start.elapsed());
        counts = black_box(pairs(&reachability));
        all = all.min(start.elapsed());
        processor = processor.min(crate::network::on_processor()? - on_processor);
        if at_peak == 0 {
            at_peak = peak()?;
        }
    }
    let reachability = Reachability::new(&cluster, Cni::Calico);
    let told = json!({
        "loading": nanos(loading), "made": nanos(made), "all": nanos(all), "processor": processor,
        "endpoints": counts.0, "pairs": counts.1, "loaded": loaded, "peak": at_peak,
        "change": nanos(changed(&cluster, &reachability)?),
        "explanation": nanos(explained(&cluster, &reachability)?),
    });
    say(&told.to_string());
    Ok(())
}

fn load(folder: &Path) -> Result<Cluster> {
    let mut cluster = Cluster::default();
    let mut converter = Converter::default();
    snapshot::read(folder, &mut |records| {
        converter.push(records, &mut |change| cluster.apply(change));
    })?;
    converter.finish(&mut |change| cluster.apply(change));
    Ok(cluster)
}

/// Endpoints, and pairs of them between which anything gets through.
fn pairs(reachability: &Reachability) -> (usize, usize) {
    let mut rows = reachability.rows();
    let endpoints: Vec<usize> = reachability.endpoints().map(|(at, _)| at).collect();
    let connect = endpoints.iter().map(|from| {
        let row = rows.row(*from);
        row.parts.iter().map(|(_, to)| to.count_ones(..)).sum::<usize>()
    });
    (endpoints.len(), connect.sum())
}

/// The best of some changes of one policy each, verified for the pods of one endpoint.
fn changed(cluster: &Cluster, reachability: &Reachability) -> Result<Duration> {
    let mut best = Duration::MAX;
    for policy in cluster.network_policies().take(RUNS) {
        let mut policy = policy.clone();
        let port = PortMatch { protocol: Some(Protocol::Tcp), ports: Ports::Range(4_711, 4_711) };
        let rule = Rule { ports: [port].into(), ..Rule::default() };
        policy.ingress = true;
        policy.ingress_rules = [&policy.ingress_rules[..], &[rule]].concat().into();
        let change = [Change::upsert(Object::NetworkPolicy(policy))];
        let start = Instant::now();
        let next = reachability.with(&change);
        let (first, _) = next.endpoints().next().context("a cluster without endpoints")?;
        black_box(next.rows().row(first));
        best = best.min(start.elapsed());
    }
    Ok(best)
}

/// The longest of some explanations.
fn explained(cluster: &Cluster, reachability: &Reachability) -> Result<Duration> {
    let pods: Vec<Party> = cluster
        .pods()
        .map(|pod| &pod.metadata)
        .map(|of| Party::pod(of.namespace.as_deref().unwrap_or_default(), &of.name))
        .collect();
    let mut longest = Duration::ZERO;
    for number in 0..RUNS {
        let party = |at: usize| pods.get(at % pods.len().max(1)).cloned().context("no pod");
        let (from, to) = (party(number * 17)?, party(number * 31 + 1)?);
        let connection = Connection { from, to, protocol: Protocol::Tcp, port: 8_000 };
        let start = Instant::now();
        black_box(reachability.explain(&connection)?);
        longest = longest.max(start.elapsed());
    }
    Ok(longest)
}

fn nanos(of: Duration) -> u64 {
    u64::try_from(of.as_nanos()).unwrap_or(u64::MAX)
}

/// The most memory that this process held, as the kernel keeps it.
fn peak() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let mark = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: u64 = mark.and_then(|m| m.split_whitespace().next()).context("no VmHWM")?.parse()?;
    Ok(kib * 1024)
}

/// How long this thread was on a processor.
fn on_processor() -> Result<u64> {
    let told = fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(told.split_whitespace().next().context("no schedstat")?.parse()?)
}
