//! Flows placed in a cluster: by name, by address, behind services; sides; what is nobody's.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what serves the tests panics with what is wrong, as they do"
)]

#[expect(dead_code, reason = "only their clusters are needed here")]
mod applications;

use kuberlock_model::flow::{Entity, FlowEnd, FlowKey, FlowSet, Observation, Place, Tally};
use kuberlock_model::network::{Direction, Protocol};
use kuberlock_network::traffic::{Directory, ObservedEdge, Side, Traffic};

use applications::Application;

fn app() -> Application {
    applications::all().into_iter().next().unwrap()
}

fn end(text: &str) -> FlowEnd {
    text.parse().unwrap()
}

fn resolved(keys: &[FlowKey]) -> Traffic {
    let app = app();
    let mut flows = FlowSet::default();
    for (line, key) in (1..).zip(keys) {
        let place = Place { source: "f".into(), line };
        flows.push(key.clone(), Tally::once(place, None));
    }
    Traffic::resolve(&Directory::new(&app.cluster), &flows)
}

/// The address of a pod of the first application.
fn address(name: &str) -> FlowEnd {
    let app = app();
    let pod = app.cluster.pods().find(|pod| pod.metadata.name.starts_with(name)).unwrap();
    FlowEnd::at(pod.addresses[0])
}

fn shown(edge: &ObservedEdge) -> String {
    format!("{} > {} {} {}", edge.from, edge.to, edge.protocol, edge.port)
}

#[test]
fn ends_are_placed_by_name_by_address_and_behind_services() {
    let app = app();
    let service = app.cluster.services().find(|s| s.metadata.name == "web").unwrap();
    let behind = FlowEnd::at(service.cluster_ips[0]);
    let to_db = |from| FlowKey::to_server([from, address("db-0")], Protocol::Tcp, 5432);
    let gone = FlowEnd::pod("shop", "api-5d4cd4b7f8-bbbbb");
    let cut = FlowEnd {
        namespace: Some("shop".into()),
        workload: Some("api-6f9c-*".into()),
        ..FlowEnd::default()
    };
    let labelled = FlowEnd {
        namespace: Some("shop".into()),
        pod: Some("renamed".into()),
        labels: [("app".into(), "api".into()), ("pod-template-hash".into(), "x".into())].into(),
        ..FlowEnd::default()
    };
    let api = "shop/api[Deployment] > shop/db[StatefulSet] TCP 5432";
    for from in [address("api"), gone, cut, labelled, end("shop/api")] {
        let traffic = resolved(&[to_db(from.clone())]);
        assert_eq!(traffic.edges.iter().map(shown).collect::<Vec<_>>(), [api], "{from}");
    }
    // The service's port is 80; its pods listen on 8080.
    let traffic = resolved(&[FlowKey::to_server([address("api"), behind], Protocol::Tcp, 80)]);
    assert_eq!(shown(&traffic.edges[0]), "shop/api[Deployment] > shop/web[Deployment] TCP 8080");
    let api_server = FlowEnd { entity: Some(Entity::ApiServer), ..end("192.168.0.1") };
    let host = FlowEnd { entity: Some(Entity::Host), ..FlowEnd::default() };
    let traffic = resolved(&[
        to_db(api_server),
        to_db(end("192.168.0.2")),
        to_db(host),
        to_db(end("203.0.113.1")),
    ]);
    let from: Vec<_> = traffic.edges.iter().map(|edge| edge.from.to_string()).collect();
    assert_eq!(from, ["node/node-2", "a node", "kube-apiserver", "203.0.113.1"]);
}

#[test]
fn what_is_nobody_s_is_told_and_never_outside() {
    let keys = ["10.244.0.250", "shop/gone-x2x4z", "10.96.0.251"]
        .map(|from| FlowKey::to_server([end(from), address("db-0")], Protocol::Tcp, 5432));
    let traffic = resolved(&keys);
    assert_eq!(traffic.edges, []);
    let told: Vec<_> = traffic.unresolved.iter().map(|one| one.end.as_str()).collect();
    assert_eq!(told, ["10.244.0.250", "10.96.0.251", "shop/gone-x2x4z"]);
}

#[test]
fn the_server_is_found_from_either_tuple() {
    let of = |ends: [&str; 2], ports| FlowKey::of(ends.map(address), Protocol::Tcp, ports);
    for (key, side) in [
        (of(["api", "db-0"], [40_000, 5432]), Side::Listens),
        (of(["db-0", "api"], [5432, 40_000]), Side::Listens),
        (of(["db-0", "api"], [5432, 7000]), Side::Listens),
        (of(["api", "db-0"], [7000, 5432]), Side::Listens),
        (FlowKey { reply: Some(true), ..of(["db-0", "api"], [5432, 40_000]) }, Side::Told),
    ] {
        let traffic = resolved(&[key]);
        let expected = "shop/api[Deployment] > shop/db[StatefulSet] TCP 5432";
        assert_eq!((shown(&traffic.edges[0]).as_str(), traffic.edges[0].side), (expected, side));
    }
    let unknown = resolved(&[of(["api", "db-0"], [40_000, 6000])]);
    assert_eq!((unknown.edges[0].port, unknown.edges[0].side), (6000, Side::Ephemeral));
    let guessed = resolved(&[of(["api", "db-0"], [6001, 6000])]);
    assert_eq!((guessed.edges[0].port, guessed.edges[0].side), (6000, Side::LowerPort));
}

#[test]
fn a_connection_that_both_ends_report_is_one() {
    let key = |direction| FlowKey {
        direction: Some(direction),
        observation: Observation::Forwarded,
        ..FlowKey::to_server([address("api"), address("db-0")], Protocol::Tcp, 5432)
    };
    let reply = FlowKey {
        reply: Some(true),
        observation: Observation::Forwarded,
        ..FlowKey::of([address("db-0"), address("api")], Protocol::Tcp, [5432, 40_000])
    };
    let traffic = resolved(&[key(Direction::Egress), key(Direction::Ingress), reply]);
    assert_eq!(traffic.edges.len(), 1);
    assert_eq!(traffic.edges[0].counts.forwarded, 1);
}
