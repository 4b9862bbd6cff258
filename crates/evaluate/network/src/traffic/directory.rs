//! Who has which name, address and port.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use kuberlock_model::network::{Protocol, Service, ServiceType, TargetPort};
use kuberlock_model::object::Node;
use kuberlock_model::workload::{ContainerList, Pod, PodSpec, Workload};
use kuberlock_model::{Cluster, Kind, ObjectKey};

use super::place::{Placed, neighbourhood};
use super::who::Who;
use crate::verdict::Party;

/// A workload, or a pod that nothing made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Head<'a> {
    /// Its pods that are not finished.
    pub(crate) pods: Vec<&'a Pod>,
    /// The template, where the workload itself was seen.
    pub(crate) template: Option<&'a Workload>,
}

impl<'a> Head<'a> {
    /// The labels of each of its pods, and of its template.
    pub(crate) fn labels(&self) -> impl Iterator<Item = &'a BTreeMap<String, String>> {
        let pods = self.pods.iter().map(|pod| &pod.metadata.labels);
        pods.chain(self.template.map(|template| &template.pod_labels))
    }

    /// What each of its pods asks for, and its template.
    pub(crate) fn specs(&self) -> impl Iterator<Item = &'a PodSpec> {
        let pods = self.pods.iter().map(|pod| &pod.spec);
        pods.chain(self.template.map(|template| &template.spec))
    }

    /// Whether its pods are on their nodes' network.
    pub(crate) fn is_on_host_network(&self) -> bool {
        self.specs().any(|spec| spec.host_network)
    }

    /// The ports of `protocol` that its containers tell of.
    pub(crate) fn ports(&self, protocol: Protocol) -> BTreeSet<u16> {
        self.told().filter(|port| port.protocol == protocol).map(|port| port.port).collect()
    }

    /// The ports of `protocol` that its containers call `name`.
    pub(crate) fn named(&self, protocol: Protocol, name: &str) -> BTreeSet<u16> {
        let called = self.told().filter(|port| {
            port.protocol == protocol && port.name.as_deref().is_some_and(|own| own == name)
        });
        called.map(|port| port.port).collect()
    }

    fn told(&self) -> impl Iterator<Item = &'a kuberlock_model::workload::ContainerPort> {
        let running = self
            .specs()
            .flat_map(|spec| &spec.containers)
            .filter(|container| container.list == ContainerList::Ordinary || container.is_sidecar);
        running.flat_map(|container| &container.ports)
    }
}

/// Pods behind a port of a service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServedBy {
    pub(crate) head: ObjectKey,
    pub(crate) protocol: Protocol,
    pub(crate) port: u16,
}

/// Who has an address.
#[derive(Clone, Copy, Debug)]
pub(super) enum Holder<'a> {
    Pod(&'a Pod),
    Node(&'a Node),
    Service(&'a Service),
}

/// The names, addresses and ports of a cluster.
#[derive(Debug)]
pub struct Directory<'a> {
    pub(crate) cluster: &'a Cluster,
    pub(super) pods: BTreeMap<(&'a str, &'a str), &'a Pod>,
    pub(crate) heads: BTreeMap<ObjectKey, Head<'a>>,
    pub(super) holders: BTreeMap<IpAddr, Holder<'a>>,
    pub(super) services: BTreeMap<(&'a str, &'a str), &'a Service>,
    served: BTreeMap<(Protocol, ObjectKey), BTreeSet<u16>>,
    /// Whether any pod's own address is known.
    pub(super) has_pod_addresses: bool,
    /// Where the addresses of pods and services are.
    pub(super) neighbourhoods: BTreeSet<(bool, u128)>,
}

impl<'a> Directory<'a> {
    /// The directory of `cluster`.
    pub fn new(cluster: &'a Cluster) -> Self {
        let mut directory = Self {
            cluster,
            pods: BTreeMap::new(),
            heads: BTreeMap::new(),
            holders: BTreeMap::new(),
            services: BTreeMap::new(),
            served: BTreeMap::new(),
            has_pod_addresses: false,
            neighbourhoods: BTreeSet::new(),
        };
        directory.take_heads();
        for node in cluster.nodes() {
            for address in &node.addresses {
                directory.holders.insert(*address, Holder::Node(node));
            }
        }
        for service in cluster.services() {
            for address in &service.cluster_ips {
                directory.holders.entry(*address).or_insert(Holder::Service(service));
            }
            let namespace = service.metadata.namespace.as_deref().unwrap_or_default();
            directory.services.insert((namespace, &service.metadata.name), service);
        }
        directory.has_pod_addresses =
            directory.holders.values().any(|holder| matches!(holder, Holder::Pod(_)));
        let own = directory.holders.iter().filter(|(_, by)| !matches!(by, Holder::Node(_)));
        directory.neighbourhoods = own.map(|(address, _)| neighbourhood(*address)).collect();
        for service in cluster.services() {
            for port in &service.ports {
                for by in directory.behind(service, port.protocol, port.port) {
                    directory.served.entry((by.protocol, by.head)).or_default().insert(by.port);
                }
            }
        }
        directory
    }

    fn take_heads(&mut self) {
        for pod in self.cluster.pods().filter(|pod| !pod.finished) {
            let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
            self.pods.insert((namespace, &pod.metadata.name), pod);
            let head = self.cluster.head(Kind::Pod, &pod.metadata);
            self.heads.entry(head).or_default().pods.push(pod);
            // The addresses of pods on their node's network are the node's.
            if !pod.spec.host_network {
                for address in &pod.addresses {
                    self.holders.insert(*address, Holder::Pod(pod));
                }
            }
        }
        for workload in self.cluster.workloads().chain(self.cluster.virtual_machines()) {
            let own = ObjectKey::new(
                workload.kind,
                workload.metadata.namespace.as_deref(),
                &workload.metadata.name,
            );
            let head = self.cluster.head(workload.kind, &workload.metadata);
            if head == own || self.cluster.get(&head).is_none() {
                self.heads.entry(head).or_default().template = Some(workload);
            }
        }
    }

    /// The workloads that a service's selector means.
    pub(crate) fn selected(
        &self,
        service: &Service,
    ) -> impl Iterator<Item = (&ObjectKey, &Head<'a>)> {
        let namespace = service.metadata.namespace.clone();
        let selector = service.selector.clone();
        self.heads.iter().filter(move |(key, head)| {
            let means = |labels: &BTreeMap<String, String>| {
                selector.iter().all(|(key, value)| labels.get(key) == Some(value))
            };
            !selector.is_empty() && key.namespace == namespace && head.labels().any(means)
        })
    }

    /// The pods' ports behind `port` of a service.
    pub(crate) fn behind(&self, service: &Service, protocol: Protocol, port: u16) -> Vec<ServedBy> {
        let of = service.ports.iter().filter(|of| of.protocol == protocol && of.port == port);
        let mut found = BTreeSet::new();
        for of in of {
            for (key, head) in self.selected(service) {
                let ports = match &of.target {
                    TargetPort::Number(number) => [*number].into(),
                    TargetPort::Name(name) => head.named(protocol, name),
                };
                let by = |port| ServedBy { head: key.clone(), protocol, port };
                found.extend(ports.into_iter().map(by));
            }
        }
        found.into_iter().collect()
    }

    /// The service with this name.
    pub(crate) fn service(&self, namespace: &str, name: &str) -> Option<&'a Service> {
        self.services.get(&(namespace, name)).copied()
    }

    /// Whether a namespace has services.
    pub(crate) fn has_services(&self, namespace: &str) -> bool {
        self.services.keys().any(|(of, _)| *of == namespace)
    }

    /// Who is behind an address and a TCP port of it; nobody where the address is nobody's.
    pub(crate) fn behind_address(&self, address: IpAddr, port: u16) -> Vec<(Who, u16)> {
        match self.at(address) {
            Placed::Who(who) => vec![(who.folded(), port)],
            Placed::Service(service) => {
                let behind = self.behind(service, Protocol::Tcp, port).into_iter();
                behind.map(|by| (Who::Workload(by.head), by.port)).collect()
            }
            Placed::Nobody(_) => Vec::new(),
        }
    }

    /// The host that a service only stands for.
    pub(crate) fn external_name(service: &Service) -> Option<&str> {
        match &service.service_type {
            ServiceType::ExternalName(name) => Some(name.trim_end_matches('.')),
            _ => None,
        }
    }

    /// Whether `who` is known to listen on a port: a container tells of it, or a service leads to it.
    pub(super) fn listens(&self, who: &Who, protocol: Protocol, port: u16) -> bool {
        let Some(head) = who.head() else { return false };
        let told = self.heads.get(head).is_some_and(|held| held.ports(protocol).contains(&port));
        told || self.served.get(&(protocol, head.clone())).is_some_and(|held| held.contains(&port))
    }

    /// The nodes that the API server runs on, as far as its pods and the nodes' labels tell.
    pub(crate) fn api_servers(&self) -> Vec<&'a Node> {
        let pods = self.cluster.pods().filter(|pod| {
            pod.metadata.namespace.as_deref() == Some("kube-system")
                && pod.metadata.labels.get("component").is_some_and(|c| c == "kube-apiserver")
        });
        let names: BTreeSet<&str> = pods.filter_map(|pod| pod.spec.node_name.as_deref()).collect();
        let labelled = |node: &&Node| {
            let labels = &node.metadata.labels;
            labels.contains_key("node-role.kubernetes.io/control-plane")
                || labels.contains_key("node-role.kubernetes.io/master")
        };
        self.cluster
            .nodes()
            .filter(|node| names.contains(node.metadata.name.as_str()) || labelled(node))
            .collect()
    }

    /// Whom to ask the network about for `who`; none where it has no end there.
    pub(crate) fn parties(&self, who: &Who) -> Vec<Party> {
        let nodes = |nodes: Vec<&Node>| {
            nodes.into_iter().map(|node| Party::Node(node.metadata.name.clone())).collect()
        };
        match who {
            Who::Pod { head, name } => {
                vec![Party::pod(head.namespace.as_deref().unwrap_or_default(), name)]
            }
            Who::Workload(key) => {
                let namespace = key.namespace.as_deref().unwrap_or_default();
                let pods = self.heads.get(key).map(|head| head.pods.as_slice()).unwrap_or_default();
                match pods {
                    [] => vec![Party::pod(namespace, &key.name)],
                    pods => {
                        pods.iter().map(|pod| Party::pod(namespace, &pod.metadata.name)).collect()
                    }
                }
            }
            Who::Node(name) => vec![Party::Node(name.clone())],
            Who::Nodes => nodes(self.cluster.nodes().collect()),
            Who::ApiServer => nodes(self.api_servers()),
            Who::Address(address) => vec![Party::Address(*address)],
            Who::Host(_) | Who::Outside | Who::Anybody => Vec::new(),
        }
    }
}
