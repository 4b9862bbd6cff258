//! Namespaces, nodes, pods, workloads and virtual machines.

use std::collections::BTreeMap;
use std::net::IpAddr;

use kuberlock_model::network::Protocol;
use kuberlock_model::object::{Controller, Namespace, Node};
use kuberlock_model::workload::{
    Container, ContainerList, ContainerPort, Pod, PodSpec, Probes, Resources, Workload,
};
use kuberlock_model::{Kind, Object};

use super::random::Random;
use super::selectors::{NAMESPACE, NODE, POD, labels};
use super::{NAMESPACES, metadata};

/// Names that ports may have, each of whatever number and protocol.
pub const PORT_NAMES: [&str; 3] = ["http", "dns", "admin"];

pub fn namespace(random: &mut Random, name: &str) -> Object {
    let mut labels = labels(random, NAMESPACE);
    // A manifest may write down what the API server would.
    if random.one_in(4) {
        labels.insert("kubernetes.io/metadata.name".to_owned(), name.to_owned());
    }
    Object::Namespace(Namespace { metadata: metadata(None, name, labels) })
}

pub fn node(random: &mut Random, number: usize) -> Object {
    let v4 = format!("192.168.0.{}", number + 1);
    let v6 = format!("fd01::{}", number + 1);
    let public = format!("203.0.113.{}", number + 100);
    let addresses: &[&String] = match random.below(5) {
        0 => &[],
        1 => &[&v6],
        2 => &[&v4, &v6],
        3 => &[&v4, &public],
        _ => &[&v4],
    };
    Object::Node(Node {
        metadata: metadata(None, &format!("n{number}"), labels(random, NODE)),
        kubelet_version: None,
        container_runtime: None,
        os_image: None,
        addresses: addresses.iter().map(|text| address(text)).collect(),
    })
}

/// A pod, a workload without pods, a workload with one, or a virtual machine.
pub fn pod_or_workload(random: &mut Random, namespace: &str, number: usize) -> Vec<Object> {
    match random.below(10) {
        0 => {
            let kinds = [Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet, Kind::Job];
            let kind = *random.pick(&kinds);
            vec![workload(random, kind, namespace, &format!("w{number}"))]
        }
        1 => owned(random, namespace, number),
        2 => vec![virtual_machine(random, namespace, number)],
        _ => vec![Object::Pod(pod(random, namespace, number))],
    }
}

/// A pod that a ReplicaSet of a Deployment made; and now and then only these two.
fn owned(random: &mut Random, namespace: &str, number: usize) -> Vec<Object> {
    let (deployment, set) = (format!("w{number}"), format!("w{number}-5d8f"));
    let mut objects = vec![workload(random, Kind::Deployment, namespace, &deployment)];
    let controller = |kind: &str, name: &str| Controller {
        group: "apps".to_owned(),
        kind: kind.to_owned(),
        name: name.to_owned(),
    };
    let mut replica_set = workload(random, Kind::ReplicaSet, namespace, &set);
    if let Object::Workload(workload) = &mut replica_set {
        workload.metadata.controller = Some(controller("Deployment", &deployment));
    }
    objects.push(replica_set);
    if !random.one_in(4) {
        let mut pod = pod(random, namespace, number);
        pod.finished = false;
        pod.metadata.controller = Some(controller("ReplicaSet", &set));
        objects.push(Object::Pod(pod));
    }
    objects
}

pub fn pod(random: &mut Random, namespace: &str, number: usize) -> Pod {
    let mut spec = spec(random);
    let node = random.below(3);
    spec.node_name = (!random.one_in(3)).then(|| format!("n{node}").into());
    spec.host_network = random.one_in(5);
    let of_namespace = NAMESPACES.iter().position(|name| *name == namespace).unwrap_or(0);
    let (v4, v6) = if spec.host_network {
        (format!("192.168.0.{}", node + 1), format!("fd01::{}", node + 1))
    } else {
        let own = number + 1;
        (format!("10.0.{of_namespace}.{own}"), format!("fd00:{of_namespace}::{own}"))
    };
    let addresses: &[&String] = match random.below(6) {
        0 => &[],
        1 => &[&v6],
        2 => &[&v4, &v6],
        _ => &[&v4],
    };
    Pod {
        metadata: metadata(Some(namespace), &format!("p{number}"), labels(random, POD)),
        spec,
        finished: random.one_in(12),
        addresses: addresses.iter().map(|text| address(text)).collect(),
    }
}

fn workload(random: &mut Random, kind: Kind, namespace: &str, name: &str) -> Object {
    let mut spec = spec(random);
    spec.host_network = random.one_in(6);
    Object::Workload(Workload {
        kind,
        metadata: metadata(Some(namespace), name, BTreeMap::new()),
        pod_labels: labels(random, POD),
        pod_annotations: BTreeMap::new(),
        spec,
        claims: Box::default(),
        replicas: random.maybe(2, |random| random.between(1, 3) as u32),
    })
}

fn virtual_machine(random: &mut Random, namespace: &str, number: usize) -> Object {
    Object::Workload(Workload {
        kind: *random.pick(&[Kind::VirtualMachine, Kind::VirtualMachineInstance]),
        metadata: metadata(Some(namespace), &format!("v{number}"), BTreeMap::new()),
        pod_labels: labels(random, POD),
        pod_annotations: BTreeMap::new(),
        spec: PodSpec::default(),
        claims: Box::default(),
        replicas: None,
    })
}

fn spec(random: &mut Random) -> PodSpec {
    let lists = [ContainerList::Ordinary, ContainerList::Ordinary, ContainerList::Init];
    PodSpec {
        containers: random.some(1, 3, |random| {
            let list = *random.pick(&lists);
            let is_sidecar = list == ContainerList::Init && random.one_in(2);
            let ports = random.some(0, 2, container_port);
            container(list, is_sidecar, ports)
        }),
        ..PodSpec::default()
    }
}

fn container_port(random: &mut Random) -> ContainerPort {
    ContainerPort {
        name: (!random.one_in(5)).then(|| (*random.pick(&PORT_NAMES)).into()),
        protocol: *random.pick(&[Protocol::Tcp, Protocol::Tcp, Protocol::Udp, Protocol::Sctp]),
        port: *random.pick(&[80, 81, 8080, 53]),
    }
}

fn container(list: ContainerList, is_sidecar: bool, ports: Box<[ContainerPort]>) -> Container {
    Container {
        name: "c".to_owned(),
        list,
        index: 0,
        image: String::new(),
        pull_policy: None,
        command: Vec::new(),
        args: Vec::new(),
        environment: Vec::new(),
        variables: Box::default(),
        security: None,
        resources: Resources::default(),
        probes: Probes::default(),
        is_sidecar,
        ports,
        host_ports: Box::default(),
        host_mounts: Box::default(),
        handler_hosts: Box::default(),
    }
}

/// The numbers of the ports that a pod tells of.
pub fn told(spec: &PodSpec) -> Vec<u16> {
    spec.containers.iter().flat_map(|container| &container.ports).map(|port| port.port).collect()
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}
