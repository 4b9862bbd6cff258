//! Clusters of a few objects, written down.

use std::collections::BTreeMap;

use kuberlock_model::network::{
    Action, IpBlock, NetworkPolicy, Peer, PodSelection, PortMatch, Ports, Protocol, Rule, Tier,
    TierPeer, TierRule, TieredPolicy,
};
use kuberlock_model::object::{Controller, Node};
use kuberlock_model::selector::{LabelSelector, Requirement};
use kuberlock_model::workload::{Container, ContainerList, ContainerPort, Pod, PodSpec};
use kuberlock_model::{Change, Cluster, Kind, Metadata, Object, Origin};
use kuberlock_network::{Cni, Connection, Party, Reachability, Verdict};

fn metadata(namespace: Option<&str>, name: &str) -> Metadata {
    Metadata {
        name: name.to_owned(),
        namespace: namespace.map(str::to_owned),
        uid: None,
        labels: BTreeMap::new(),
        annotations: BTreeMap::new(),
        controller: None,
        origin: Origin::whole("test"),
    }
}

/// A pod of namespace `n` with the label `app: NAME`, on `node`.
pub fn pod(name: &str, node: &str) -> Pod {
    let mut metadata = metadata(Some("n"), name);
    metadata.labels.insert("app".to_owned(), name.to_owned());
    let spec = PodSpec { node_name: Some(node.into()), ..PodSpec::default() };
    Pod { metadata, spec, finished: false, addresses: Box::default() }
}

/// The same pod on its node's network.
pub fn on_host_network(mut pod: Pod) -> Pod {
    pod.spec.host_network = true;
    pod
}

/// A replica of the ReplicaSet `set`, with its label.
pub fn replica(set: &str, name: &str, node: &str) -> Pod {
    let mut pod = pod(name, node);
    pod.metadata.labels.insert("app".to_owned(), set.to_owned());
    let (group, kind, name) = ("apps".to_owned(), "ReplicaSet".to_owned(), set.to_owned());
    pod.metadata.controller = Some(Controller { group, kind, name });
    pod
}

/// The same pod with a container that calls a port so.
pub fn with_port(mut pod: Pod, list: ContainerList, name: &str, of: Protocol, port: u16) -> Pod {
    let name = Some(name.into());
    pod.spec.containers.push(Container {
        name: "c".to_owned(),
        list,
        index: 0,
        image: "image".to_owned(),
        pull_policy: None,
        command: Vec::new(),
        args: Vec::new(),
        environment: Vec::new(),
        variables: Box::default(),
        security: None,
        resources: Default::default(),
        probes: Default::default(),
        is_sidecar: list == ContainerList::Init,
        ports: [ContainerPort { name, protocol: of, port }].into(),
        host_ports: Box::default(),
        host_mounts: Box::default(),
        handler_hosts: Box::default(),
    });
    pod
}

pub fn node(name: &str, address: &str) -> Node {
    Node {
        metadata: metadata(None, name),
        kubelet_version: None,
        container_runtime: None,
        os_image: None,
        addresses: [address.parse().unwrap()].into(),
    }
}

pub fn app(name: &str) -> LabelSelector {
    let requirements = vec![Requirement::In("app".to_owned(), vec![name.to_owned()])];
    LabelSelector { requirements, labels: 1 }
}

pub fn pods(app_name: &str) -> Peer {
    Peer::Pods { namespaces: None, pods: Some(app(app_name)) }
}

pub fn block(cidr: &str) -> Peer {
    Peer::Block(IpBlock { cidr: cidr.parse().unwrap(), except: Box::default() })
}

pub fn named(name: &str, protocol: Option<Protocol>) -> PortMatch {
    PortMatch { protocol, ports: Ports::Named(name.into()) }
}

pub fn port(number: u16) -> PortMatch {
    PortMatch { protocol: Some(Protocol::Tcp), ports: Ports::Range(number, number) }
}

/// A policy of namespace `n` that isolates `app: NAME` against ingress but for these.
pub fn ingress(of: &str, peers: &[Peer], ports: &[PortMatch]) -> NetworkPolicy {
    NetworkPolicy {
        kind: Kind::NetworkPolicy,
        metadata: metadata(Some("n"), &format!("ingress-of-{of}")),
        pods: app(of),
        ingress: true,
        egress: false,
        ingress_rules: [Rule { peers: peers.into(), ports: ports.into() }].into(),
        egress_rules: Box::default(),
        networks: Box::default(),
    }
}

/// The same against egress.
pub fn egress(of: &str, peers: &[Peer], ports: &[PortMatch]) -> NetworkPolicy {
    let ingress = ingress(of, peers, ports);
    NetworkPolicy {
        metadata: metadata(Some("n"), &format!("egress-of-{of}")),
        ingress: false,
        egress: true,
        egress_rules: ingress.ingress_rules,
        ingress_rules: Box::default(),
        ..ingress
    }
}

/// One that lets nothing in.
pub fn closed(of: &str) -> NetworkPolicy {
    NetworkPolicy { ingress_rules: Box::default(), ..ingress(of, &[], &[]) }
}

pub fn rule(action: Action, peer: TierPeer, ports: &[PortMatch]) -> TierRule {
    TierRule { name: None, action, peers: [peer].into(), ports: ports.into() }
}

/// Every pod of every namespace.
pub fn everybody() -> TierPeer {
    TierPeer::Pods(PodSelection::default())
}

/// A ClusterNetworkPolicy of the Admin tier for every pod, with these rules of ingress.
pub fn admin(name: &str, priority: u16, rules: &[TierRule]) -> TieredPolicy {
    TieredPolicy {
        kind: Kind::ClusterNetworkPolicy,
        metadata: metadata(None, name),
        tier: Tier::Admin,
        priority,
        subject: PodSelection::default(),
        ingress: rules.into(),
        egress: Box::default(),
    }
}

pub fn cluster(objects: impl IntoIterator<Item = Object>) -> Cluster {
    let mut cluster = Cluster::default();
    objects.into_iter().for_each(|object| cluster.apply(Change::upsert(object)));
    cluster
}

/// Whether `from` reaches `to`, both as a user writes them: `name` for a pod of `n`, `node/NAME`, or
/// an address.
pub fn verdict(cluster: &Cluster, cni: Cni, from: &str, to: &str, on: (Protocol, u16)) -> Verdict {
    let party = |text: &str| match (text.parse(), text.strip_prefix("node/")) {
        (Ok(address), _) => Party::Address(address),
        (_, Some(node)) => Party::Node(node.to_owned()),
        _ => Party::pod("n", text),
    };
    let connection = Connection { from: party(from), to: party(to), protocol: on.0, port: on.1 };
    Reachability::new(cluster, cni).verdict(&connection).unwrap()
}

/// The same by TCP on port 80.
pub fn web(cluster: &Cluster, cni: Cni, from: &str, to: &str) -> Verdict {
    verdict(cluster, cni, from, to, (Protocol::Tcp, 80))
}
