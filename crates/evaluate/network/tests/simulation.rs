//! Generated policies and simulations of them, held against the reference: twenty applications, each
//! with ten planted faults. What breaks is never written down; the reference computes it.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what serves the tests panics with what is wrong, as they do"
)]

mod applications;
mod breaks;
#[expect(dead_code, reason = "only a part of it is needed here")]
#[path = "clusters/random.rs"]
mod random;
mod reference;

use std::collections::{BTreeMap, BTreeSet};

use kuberlock_model::network::Protocol;
use kuberlock_model::{Cluster, Kind, Object, ObjectKey};
use kuberlock_network::declared::Declared;
use kuberlock_network::generate::{Generated, Input, Options, generate};
use kuberlock_network::simulate::{self, Answer, Outcome, Replace, simulate};
use kuberlock_network::traffic::{Directory, Traffic, Who};
use kuberlock_network::{Cni, Connection, Party, Verdict};

use applications::Application;
use breaks::Break;
use random::Random;
use reference::Reference;

const CNI: Cni = Cni::Calico;
const BREAKS: usize = 10;
/// How often a fault is planted until it breaks something.
const TRIES: usize = 12;

type Key = (Who, Who, Protocol, u16);

fn traffic(app: &Application) -> Traffic {
    Traffic::resolve(&Directory::new(&app.cluster), &app.flows)
}

fn generated(
    app: &Application,
    traffic: Option<&Traffic>,
    declared: Option<&Declared>,
) -> Generated {
    let options = Options { prefix_v4: 24, ..Options::default() };
    generate(&Input { cluster: &app.cluster, cni: CNI, traffic, declared, options: &options })
}

fn with(cluster: &Cluster, objects: &[Object]) -> Cluster {
    let mut cluster = cluster.clone();
    let changes = simulate::changes(&cluster, objects, Replace::All);
    changes.into_iter().for_each(|change| cluster.apply(change));
    cluster
}

fn simulated(
    app: &Application,
    objects: &[Object],
    traffic: Option<&Traffic>,
    declared: &Declared,
) -> Outcome {
    let changes = simulate::changes(&app.cluster, objects, Replace::All);
    simulate(&simulate::Input {
        cluster: &app.cluster,
        cni: CNI,
        changes: &changes,
        traffic,
        declared,
    })
}

/// The pods of a workload, found without the code under test.
fn pods(cluster: &Cluster, head: &ObjectKey) -> Vec<Party> {
    let own = cluster.pods().filter(|pod| cluster.head(Kind::Pod, &pod.metadata) == *head);
    own.map(|pod| Party::pod(pod.metadata.namespace.as_deref().unwrap(), &pod.metadata.name))
        .collect()
}

fn parties(cluster: &Cluster, who: &Who) -> Vec<Party> {
    match who {
        Who::Pod { head, name } => vec![Party::pod(head.namespace.as_deref().unwrap(), name)],
        Who::Workload(head) => match pods(cluster, head) {
            pods if pods.is_empty() => {
                vec![Party::pod(head.namespace.as_deref().unwrap(), &head.name)]
            }
            pods => pods,
        },
        Who::Node(name) => vec![Party::Node(name.clone())],
        Who::Address(address) => vec![Party::Address(*address)],
        Who::Anybody => vec![Party::Address("203.0.113.200".parse().unwrap())],
        other => panic!("`{other}` is in no application"),
    }
}

/// What the reference says breaks, of edges that are given.
fn broken<'e>(
    before: &Reference<'_>,
    after: &Reference<'_>,
    cluster: &Cluster,
    edges: impl Iterator<Item = (&'e Who, &'e Who, Protocol, u16)>,
) -> BTreeSet<Key> {
    let mut found = BTreeSet::new();
    for (from, to, protocol, port) in edges {
        for from_party in parties(cluster, from) {
            for to_party in parties(cluster, to) {
                let connection =
                    Connection { from: from_party.clone(), to: to_party, protocol, port };
                if connection.from != connection.to
                    && before.verdict(&connection) == Some(Verdict::Allowed)
                    && after.verdict(&connection) == Some(Verdict::Denied)
                {
                    found.insert((from.folded(), to.folded(), protocol, port));
                }
            }
        }
    }
    found
}

#[test]
fn every_planted_break_is_found() {
    let (mut planted, mut expected_all, mut found_all, mut right) = (0, 0, 0, 0);
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (number, app) in applications::all().iter().enumerate() {
        let traffic = traffic(app);
        let declared = Declared::of(&app.cluster);
        let policies = generated(app, Some(&traffic), Some(&declared)).objects();
        let before = Reference::new(&app.cluster, CNI);
        let mut random = Random::new(7 + number as u64);
        let (mut done, mut tried) = (0, 0);
        while done < BREAKS {
            tried += 1;
            assert!(tried < 2_000, "{}: {done} breaks are all there is place for", app.name);
            let kind = Break::ALL[(tried + number) % Break::ALL.len()];
            // A fault that breaks nothing is none: other rules say the same. It is planted again.
            let effective = (0..TRIES).find_map(|_| {
                let faulty = kind.plant(&policies, &mut random)?;
                let cluster = with(&app.cluster, &faulty);
                let after = Reference::new(&cluster, CNI);
                let edges = traffic.edges.iter().map(|e| (&e.from, &e.to, e.protocol, e.port));
                let stated = declared.edges.iter().map(|e| (&e.from, &e.to, e.protocol, e.port));
                let expected = broken(&before, &after, &app.cluster, edges.chain(stated));
                (!expected.is_empty()).then_some((faulty, expected))
            });
            let Some((faulty, expected)) = effective else { continue };
            (done, planted) = (done + 1, planted + 1);
            *kinds.entry(format!("{kind:?}")).or_default() += 1;
            let outcome = simulated(app, &faulty, Some(&traffic), &declared);
            let found: BTreeSet<Key> = outcome
                .broken
                .iter()
                .map(|a| (a.from.clone(), a.to.clone(), a.protocol, a.port))
                .collect();
            assert!(outcome.broken.iter().all(|a| !a.blame.is_empty()), "{}: {kind:?}", app.name);
            assert_eq!(outcome.answer, Answer::Breaks);
            expected_all += expected.len();
            found_all += found.len();
            right += found.intersection(&expected).count();
            if found != expected {
                let missing: Vec<_> = expected.difference(&found).collect();
                let extra: Vec<_> = found.difference(&expected).collect();
                wrong.push(format!("{} {kind:?}: missing {missing:?}, extra {extra:?}", app.name));
            }
        }
    }
    println!(
        "{planted} breaks: {expected_all} connections broken, {found_all} told, {right} rightly"
    );
    println!("kinds: {kinds:?}");
    assert_eq!(right, expected_all, "breaks are missed:\n{}", wrong.join("\n"));
    assert!(right as f64 >= 0.98 * found_all as f64, "told wrongly:\n{}", wrong.join("\n"));
    assert_eq!((planted, kinds.len()), (20 * BREAKS, Break::ALL.len()));
}

#[test]
fn a_generated_set_breaks_nothing_that_it_came_from() {
    for app in applications::all() {
        let traffic = traffic(&app);
        assert_eq!(traffic.unresolved, [], "{}", app.name);
        let declared = Declared::of(&app.cluster);
        assert_eq!(declared.dangling, [], "{}", app.name);
        let none = Declared::default();
        for (traffic, declared) in
            [(Some(&traffic), Some(&declared)), (Some(&traffic), None), (None, Some(&declared))]
        {
            let policies = generated(&app, traffic, declared).objects();
            let outcome = simulated(&app, &policies, traffic, declared.unwrap_or(&none));
            let told = |all: &[simulate::Affected]| {
                all.iter().map(|a| format!("{} > {}:{}", a.from, a.to, a.port)).collect::<Vec<_>>()
            };
            assert_eq!(told(&outcome.broken), [""; 0], "{}", app.name);
            assert_eq!(told(&outcome.uncertain), [""; 0], "{}", app.name);
            let answer = if traffic.is_some() { Answer::Nothing } else { Answer::Unknown };
            assert_eq!(outcome.answer, answer, "{}", app.name);
            assert_eq!(outcome.opened, [], "{}: nothing can open where all was open", app.name);
        }
    }
}

/// What pods may open under a generated set is what was seen or declared, by workload, and DNS.
#[test]
fn a_generated_set_allows_no_more_than_was_seen_or_declared() {
    for app in applications::all() {
        let traffic = traffic(&app);
        let declared = Declared::of(&app.cluster);
        let policies = generated(&app, Some(&traffic), Some(&declared)).objects();
        let cluster = with(&app.cluster, &policies);
        let reference = Reference::new(&cluster, CNI);
        let seen =
            traffic.edges.iter().map(|e| (e.from.folded(), e.to.folded(), e.protocol, e.port));
        let stated =
            declared.edges.iter().map(|e| (e.from.clone(), e.to.clone(), e.protocol, e.port));
        let needed: BTreeSet<Key> = seen.chain(stated).collect();
        let ports: BTreeSet<u16> =
            needed.iter().map(|key| key.3).chain([1, 53, 80, 443, 9_999]).collect();
        let own: Vec<_> = cluster.pods().filter(|pod| !pod.spec.host_network).collect();
        let mut allowed = 0;
        for from in &own {
            for to in own.iter().filter(|to| to.metadata.name != from.metadata.name) {
                let head = |pod: &kuberlock_model::workload::Pod| {
                    Who::Workload(cluster.head(Kind::Pod, &pod.metadata))
                };
                let (from_head, to_head) = (head(from), head(to));
                // Namespaces of Kubernetes' own parts are left as they are.
                if from_head.namespace() == Some("kube-system") {
                    continue;
                }
                for (protocol, port) in
                    Protocol::ALL.iter().flat_map(|p| ports.iter().map(|n| (*p, *n)))
                {
                    let party = |pod: &kuberlock_model::workload::Pod| {
                        Party::pod(pod.metadata.namespace.as_deref().unwrap(), &pod.metadata.name)
                    };
                    let connection =
                        Connection { from: party(from), to: party(to), protocol, port };
                    if reference.verdict(&connection) == Some(Verdict::Denied) {
                        continue;
                    }
                    allowed += 1;
                    let is_dns = to_head.namespace() == Some("kube-system") && port == 53;
                    let is_open = |from: &Who| {
                        needed.contains(&(from.clone(), to_head.clone(), protocol, port))
                    };
                    assert!(
                        is_dns || is_open(&from_head) || is_open(&Who::Anybody),
                        "{}: {from_head} to {to_head}, {protocol} {port}",
                        app.name
                    );
                }
            }
        }
        assert!(allowed > 0, "{}: nothing is allowed, and nothing proven", app.name);
    }
}

#[test]
fn without_flows_the_answer_is_unknown() {
    let app = &applications::all()[0];
    let outcome = simulated(app, &[], None, &Declared::of(&app.cluster));
    assert_eq!(outcome.answer, Answer::Unknown);
    assert_eq!(outcome.standing.doubts.len(), 1);
    assert!(!outcome.unobserved.is_empty());
}

#[test]
fn a_cron_job_that_was_never_seen_keeps_what_it_declares() {
    let app = applications::all().into_iter().find(|app| app.name.starts_with("nightly")).unwrap();
    // It has not run while flows were recorded: its pods, and their flows, are not there.
    let traffic = Traffic {
        edges: traffic(&app)
            .edges
            .into_iter()
            .filter(|e| e.from.head().is_none_or(|h| h.kind != Kind::CronJob))
            .collect(),
        ..traffic(&app)
    };
    let declared = Declared::of(&app.cluster);
    let flows_only = generated(&app, Some(&traffic), None);
    assert!(
        flows_only.notes.iter().any(|n| n.about == "data/backup[CronJob]"),
        "{:?}",
        flows_only.notes
    );
    let outcome = simulated(&app, &flows_only.objects(), Some(&traffic), &declared);
    assert_eq!(outcome.standing.unseen_cron_jobs, ["data/backup"]);
    let backup =
        outcome.broken.iter().find(|a| a.from.to_string() == "data/backup[CronJob]").unwrap();
    assert!(backup.seen.is_none() && backup.port == 5432);
    let both = generated(&app, Some(&traffic), Some(&declared));
    let outcome = simulated(&app, &both.objects(), Some(&traffic), &declared);
    assert_eq!(outcome.answer, Answer::Nothing);
}

#[test]
fn output_is_the_same_each_time_and_carries_its_evidence() {
    let app = &applications::all()[0];
    let (traffic, declared) = (traffic(app), Declared::of(&app.cluster));
    let yaml = |_: ()| {
        generated(app, Some(&traffic), Some(&declared))
            .yaml(&|origin, path| Some(format!("{}:{path}", origin.source)))
    };
    let text = yaml(());
    assert_eq!(text, yaml(()));
    assert!(
        text.contains(
            "# shop/api[Deployment] to shop/db[StatefulSet], TCP 5432: seen 2 times, last "
        ),
        "{text}"
    );
    assert!(text.contains("; variable of Deployment shop/api at app.yaml:spec"), "{text}");
    assert!(!text.contains("pod-template-hash") && !text.contains("pod-name"), "{text}");
    let faulty: Vec<Object> = Vec::new();
    let outcome = simulated(app, &faulty, Some(&traffic), &declared);
    let json = serde_json::to_value(&outcome).unwrap();
    assert_eq!(json["schema"], simulate::SCHEMA);
}
