//! The engine over made-up networks: who reaches whom, one policy changed, one pair explained.

#![expect(clippy::expect_used, reason = "a benchmark fails hard")]

use divan::{Bencher, black_box};
use kuberlock_model::network::{PortMatch, Ports, Protocol, Rule};
use kuberlock_model::{Change, Cluster, Object, Origin};
use kuberlock_network::{Cni, Connection, Party, Reachability};
use kuberlock_source::Record;
use kuberlock_source::convert::Converter;
use kuberlock_testbed::generate::{NetworkSize, network_objects};

fn main() {
    divan::main();
}

const fn size(pods: usize, namespaces: usize, policies: usize) -> NetworkSize {
    NetworkSize { pods, namespaces, policies, seed: 1, is_adversarial: false }
}

const SIZES: [(&str, NetworkSize); 4] = [
    ("500 pods", size(500, 50, 100)),
    ("2,000 pods", size(2_000, 200, 500)),
    ("10,000 pods", size(10_000, 1_000, 5_000)),
    (
        "10,000 pods, every one apart",
        NetworkSize { is_adversarial: true, ..size(10_000, 1_000, 5_000) },
    ),
];

fn names() -> impl Iterator<Item = &'static str> {
    SIZES.into_iter().map(|(name, _)| name)
}

fn cluster(name: &str) -> Cluster {
    let (_, size) = SIZES.into_iter().find(|(known, _)| *known == name).expect("a size");
    let mut records = Vec::new();
    network_objects(size, &mut |_, object| {
        let origin = Origin::whole("generated");
        records.push(Record::Object { object: object.clone(), origin });
    });
    let (mut cluster, mut converter) = (Cluster::default(), Converter::default());
    converter.push(records, &mut |change| cluster.apply(change));
    converter.finish(&mut |change| cluster.apply(change));
    cluster
}

#[divan::bench(args = names(), sample_count = 10)]
fn made(bencher: Bencher, name: &str) {
    let cluster = cluster(name);
    bencher.bench_local(|| Reachability::new(black_box(&cluster), Cni::Calico));
}

#[divan::bench(args = names(), sample_count = 10)]
fn every_row(bencher: Bencher, name: &str) {
    let reachability = Reachability::new(&cluster(name), Cni::Calico);
    bencher.bench_local(|| {
        let mut rows = reachability.rows();
        let rows = reachability.endpoints().map(|(at, _)| rows.row(at).parts.len());
        black_box(rows.sum::<usize>())
    });
}

#[divan::bench(args = names(), sample_count = 20)]
fn one_policy_changed(bencher: Bencher, name: &str) {
    let cluster = cluster(name);
    let reachability = Reachability::new(&cluster, Cni::Calico);
    let mut policy = cluster.network_policies().next().expect("a policy").clone();
    let port = PortMatch { protocol: Some(Protocol::Tcp), ports: Ports::Range(4_711, 4_711) };
    policy.ingress_rules = [Rule { ports: [port].into(), ..Rule::default() }].into();
    let change = [Change::upsert(Object::NetworkPolicy(policy))];
    bencher.bench_local(|| reachability.with(black_box(&change)));
}

#[divan::bench(args = names(), sample_count = 20)]
fn one_pair_explained(bencher: Bencher, name: &str) {
    let cluster = cluster(name);
    let reachability = Reachability::new(&cluster, Cni::Calico);
    let pods: Vec<Party> = cluster
        .pods()
        .map(|pod| &pod.metadata)
        .map(|of| Party::pod(of.namespace.as_deref().unwrap_or_default(), &of.name))
        .collect();
    let (from, to) = (pods.first().expect("a pod").clone(), pods.last().expect("a pod").clone());
    let connection = Connection { from, to, protocol: Protocol::Tcp, port: 8_000 };
    bencher.bench_local(|| reachability.explain(black_box(&connection)));
}
