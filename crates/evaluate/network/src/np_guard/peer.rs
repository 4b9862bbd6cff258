//! The ends of np-guard's connections.
//!
//! A pod is one with what its `ownerReferences` call its controller, whether or not that object is
//! there; a workload is one whoever made it. A pod on its node's network is a pod like any other.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use kuberlock_model::network::{IpNet, NetworkSelection, Protocol, networks_of};
use kuberlock_model::workload::{ContainerList, PodSpec};
use kuberlock_model::{Cluster, Kind, Metadata};

use super::representative::Representative;
use crate::address::AddressRange;
use crate::facts::{Labels, NETWORKS, namespace_labels};

/// An end of connections.
#[derive(Clone, Debug)]
pub(super) enum Peer {
    Pod(Pod),
    /// Addresses outside, of IPv4.
    Range(AddressRange),
    /// Pods that a rule means and nobody has seen.
    Representative(Representative),
}

/// A workload, by one of its pods.
#[derive(Clone, Debug)]
pub(super) struct Pod {
    pub(super) namespace: String,
    /// `name[Kind]`.
    pub(super) name: String,
    pub(super) labels: Labels,
    pub(super) namespace_labels: Labels,
    /// The ports of its ordinary containers, in the order of the document.
    pub(super) ports: Vec<(Option<Box<str>>, Protocol, u16)>,
    pub(super) is_machine: bool,
    /// The secondary networks that it asks for.
    pub(super) attachments: Vec<NetworkSelection>,
    pub(super) is_ingress_controller: bool,
}

impl Pod {
    /// `namespace/name[Kind]`, or `{ingress-controller}`.
    pub(super) fn written(&self) -> String {
        match self.is_ingress_controller {
            true => self.name.clone(),
            false => format!("{}/{}", self.namespace, self.name),
        }
    }

    /// What it calls `name`: np-guard takes the first port of that name, whatever its protocol.
    pub(super) fn named(&self, name: &str) -> Option<(Protocol, u16)> {
        let mut ports = self.ports.iter();
        let found = ports.find(|(of, ..)| of.as_deref() == Some(name));
        found.map(|(_, protocol, port)| (*protocol, *port))
    }

    /// Where traffic that an Ingress or a Route lets in comes from: nothing is known of it but that
    /// it is in a namespace of its own.
    pub(super) fn ingress_controller() -> Self {
        let namespace = "ingress-controller-ns".to_owned();
        Self {
            namespace_labels: namespace_labels(&namespace, &Labels::new()),
            name: "{ingress-controller}".to_owned(),
            labels: Labels::new(),
            ports: Vec::new(),
            is_machine: false,
            attachments: Vec::new(),
            is_ingress_controller: true,
            namespace,
        }
    }
}

/// What makes the pod of a virtual machine.
const INSTANCE: &str = "VirtualMachineInstance";

/// Every pod, workload and virtual machine, in the order of what is written of them. Several pods of
/// one owner may be among them.
pub(super) fn pods(cluster: &Cluster) -> Vec<Pod> {
    let namespaces: BTreeMap<&str, &Labels> =
        cluster.namespaces().map(|n| (n.metadata.name.as_str(), &n.metadata.labels)).collect();
    let pod =
        |name: String, metadata: &Metadata, labels: &Labels, notes: &Labels, spec: &PodSpec| {
            let namespace = metadata.namespace.clone().unwrap_or_default();
            let none = Labels::new();
            let own = namespaces.get(namespace.as_str()).copied().unwrap_or(&none);
            let attachments = notes.get(NETWORKS).map(|text| networks_of(text, &namespace));
            Pod {
                namespace_labels: namespace_labels(&namespace, own),
                name,
                labels: labels.clone(),
                ports: ports(spec),
                is_machine: false,
                attachments: attachments.unwrap_or_default(),
                is_ingress_controller: false,
                namespace,
            }
        };
    let mut found: Vec<Pod> = Vec::new();
    for of in cluster.pods() {
        let owner = of.metadata.controller.as_ref().filter(|owner| owner.kind != "Node");
        let kind = owner.map(|owner| owner.kind.as_str()).filter(|kind| !kind.is_empty());
        let name = owner.map(|owner| &owner.name).filter(|name| !name.is_empty());
        // The instance of a machine has the machine's name.
        let kind = kind.map(|kind| if kind == INSTANCE { "VirtualMachine" } else { kind });
        let (name, kind) = (name.unwrap_or(&of.metadata.name), kind.unwrap_or("Pod"));
        let metadata = &of.metadata;
        let name = format!("{name}[{kind}]");
        found.push(pod(name, metadata, &metadata.labels, &metadata.annotations, &of.spec));
    }
    let machines = cluster.virtual_machines().filter(|of| of.kind == Kind::VirtualMachine);
    for of in cluster.workloads().chain(machines) {
        let name = format!("{}[{}]", of.metadata.name, of.kind);
        let made = pod(name, &of.metadata, &of.pod_labels, &of.pod_annotations, &of.spec);
        found.push(Pod { is_machine: of.kind == Kind::VirtualMachine, ..made });
    }
    // A machine counts before the pods that it runs in.
    found.sort_by_cached_key(|pod| (pod.written(), !pod.is_machine));
    found
}

/// One pod for each of those that are written alike.
pub(super) fn workloads(pods: &[Pod]) -> Vec<Pod> {
    let mut seen = BTreeSet::new();
    pods.iter().filter(|pod| seen.insert(pod.written())).cloned().collect()
}

fn ports(spec: &PodSpec) -> Vec<(Option<Box<str>>, Protocol, u16)> {
    let ordinary = spec.containers.iter().filter(|c| c.list == ContainerList::Ordinary);
    let ports = ordinary.flat_map(|container| &container.ports);
    ports.map(|port| (port.name.clone(), port.protocol, port.port)).collect()
}

/// A range of an `ipBlock` as np-guard reads it: of one of IPv6, the first four bytes of its address
/// and of its mask, as if they were of IPv4.
pub(super) fn misread(net: &IpNet) -> IpNet {
    let IpNet::V6(v6) = net else { return *net };
    let [a, b, c, d, ..] = v6.network().octets();
    let address = IpAddr::V4(Ipv4Addr::new(a, b, c, d));
    let whole = || IpNet::from(address);
    IpNet::new(address, v6.prefix_len().min(32)).map_or_else(|_| whole(), |net| net.trunc())
}

/// `0.0.0.0-255.255.255.255[External]`.
pub(super) fn outside(range: &AddressRange) -> String {
    format!("{}-{}[External]", range.first, range.last)
}
