//! The engine against the reference: small clusters by chance, every pair of parties, every port at
//! which something may change, all three protocols. `KUBERLOCK_PROVE=1` tries 100,000 clusters;
//! `KUBERLOCK_SEED` starts elsewhere, `KUBERLOCK_CASES` tries as many as told.

#![expect(clippy::disallowed_methods, reason = "the environment says how much is tried")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "what serves the tests panics with what is wrong, as they do"
)]

mod clusters;
mod engine;
mod reference;
mod shrink;

use std::sync::atomic::{AtomicU64, Ordering};

use kuberlock_model::{Change, Object};
use kuberlock_network::{Cni, Connection, Verdict};

use clusters::Random;
use engine::Engine;
use reference::Reference;

const SEED: u64 = 5;
/// Ports that are asked of one cluster.
const PORTS: usize = 6;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// How many clusters are tried.
fn cases(quick: u64, long: u64) -> u64 {
    let proving = std::env::var_os("KUBERLOCK_PROVE").is_some();
    number("KUBERLOCK_CASES").unwrap_or(if proving { long } else { quick })
}

/// Tries every case on every processor, and panics with the first that fails.
fn try_all(cases: u64, case: impl Fn(u64) -> Result<u64, String> + Sync) {
    let first = number("KUBERLOCK_SEED").unwrap_or(SEED) << 32;
    let (next, asked) = (AtomicU64::new(0), AtomicU64::new(0));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= cases {
                return;
            }
            match case(first + number) {
                Ok(count) => asked.fetch_add(count, Ordering::Relaxed),
                Err(told) => {
                    next.store(cases, Ordering::Relaxed);
                    panic!("case {number} of seed {}:\n{told}", first >> 32);
                }
            };
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let failed = workers.into_iter().find_map(|worker| worker.join().err());
        if let Some(failure) = failed {
            std::panic::resume_unwind(failure);
        }
    });
    println!("{cases} clusters, {} connections", asked.into_inner());
}

/// The first connection of which two evaluators think differently.
fn difference(
    connections: impl Iterator<Item = Connection>,
    one: impl Fn(&Connection) -> Option<Verdict>,
    other: impl Fn(&Connection) -> Option<Verdict>,
) -> Result<u64, (Connection, Option<Verdict>, Option<Verdict>)> {
    let mut asked = 0;
    for connection in connections {
        let (one, other) = (one(&connection), other(&connection));
        if one != other {
            return Err((connection, one, other));
        }
        asked += 1;
    }
    Ok(asked)
}

fn told(
    cni: Cni,
    objects: &[Object],
    found: &(Connection, Option<Verdict>, Option<Verdict>),
    names: (&str, &str),
) -> String {
    let (Connection { from, to, protocol, port }, one, other) = found;
    format!(
        "{from} -> {to} {protocol} {port} under {cni}: {} says {one:?}, {} {other:?}\n{}",
        names.0,
        names.1,
        shrink::told(objects)
    )
}

#[test]
fn the_engine_says_what_the_reference_says() {
    try_all(cases(300, 100_000), |seed| {
        let mut random = Random::new(seed);
        let objects = clusters::objects(&mut random);
        let cni = clusters::cni(&mut random);
        let compare = |objects: &[Object]| {
            let mut random = random.clone();
            let parties = clusters::parties(&mut random, objects);
            let ports = clusters::ports(&mut random, objects, PORTS);
            let cluster = clusters::cluster(objects);
            let (engine, reference) = (Engine::new(&cluster, cni), Reference::new(&cluster, cni));
            difference(
                clusters::connections(&parties, &ports),
                |connection| engine.verdict(connection),
                |connection| reference.verdict(connection),
            )
        };
        compare(&objects).map_err(|found| {
            // The case that was found stays the question while the cluster gets smaller.
            let differs = |objects: &[Object]| {
                let cluster = clusters::cluster(objects);
                Engine::new(&cluster, cni).verdict(&found.0)
                    != Reference::new(&cluster, cni).verdict(&found.0)
            };
            let objects = shrink::shrink(objects.clone(), differs);
            let cluster = clusters::cluster(&objects);
            let one = Engine::new(&cluster, cni).verdict(&found.0);
            let other = Reference::new(&cluster, cni).verdict(&found.0);
            told(cni, &objects, &(found.0, one, other), ("the engine", "the reference"))
        })
    });
}

#[test]
fn a_changed_cluster_is_as_one_made_anew() {
    try_all(cases(300, 20_000), |seed| {
        let mut random = Random::new(!seed);
        let objects = clusters::objects(&mut random);
        let cni = clusters::cni(&mut random);
        let changes = clusters::changes(&mut random, &objects);
        let compare = |objects: &[Object], changes: &[Change]| {
            let mut random = random.clone();
            let changed = changed(objects, changes);
            let everybody = [objects, &changed].concat();
            let parties = clusters::parties(&mut random, &everybody);
            let ports = clusters::ports(&mut random, &everybody, PORTS);
            let before = Engine::new(&clusters::cluster(objects), cni);
            let (with, anew) =
                (before.with(changes), Engine::new(&clusters::cluster(&changed), cni));
            difference(
                clusters::connections(&parties, &ports),
                |connection| with.verdict(connection),
                |connection| anew.verdict(connection),
            )
        };
        compare(&objects, &changes).map_err(|_| {
            let mut changes = changes.clone();
            while let Some(at) = (0..changes.len()).find(|at| {
                let without = [&changes[..*at], &changes[at + 1..]].concat();
                compare(&objects, &without).is_err()
            }) {
                changes.remove(at);
            }
            let objects =
                shrink::shrink(objects.clone(), |objects| compare(objects, &changes).is_err());
            let found = compare(&objects, &changes).expect_err("what is left is a case");
            let told = told(cni, &objects, &found, ("the changed engine", "the new one"));
            format!("{told}then\n{}", changes.iter().map(change).collect::<String>())
        })
    });
}

fn changed(objects: &[Object], changes: &[Change]) -> Vec<Object> {
    let mut objects = objects.to_vec();
    changes.iter().for_each(|change| clusters::apply(&mut objects, change));
    objects
}

fn change(change: &Change) -> String {
    match change {
        Change::Upsert(object) => shrink::told(std::slice::from_ref(object)),
        Change::Delete(key) => format!("  {key} goes\n"),
        other => format!("  {other:?}\n"),
    }
}
