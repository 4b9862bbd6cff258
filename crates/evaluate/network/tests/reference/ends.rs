//! Who can be at an end of a connection.
//!
//! Enters: a cluster. Leaves: its pods that are not finished, workloads and virtual machines of which
//! no such pod is seen, and its nodes. Always holds: every namespace has the label that the API server
//! gives it, also one that only its pods name.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use kuberlock_model::network::Protocol;
use kuberlock_model::object::Node;
use kuberlock_model::workload::{ContainerList, PodSpec, Workload};
use kuberlock_model::{Cluster, Kind, ObjectKey};
use kuberlock_network::Party;

/// The label by which the API server names a namespace.
const NAME: &str = "kubernetes.io/metadata.name";

pub type Labels = BTreeMap<String, String>;

/// One end of a connection.
#[derive(Clone)]
pub enum End<'a> {
    Pod(PodEnd<'a>),
    Node(&'a Node),
    Outside(IpAddr),
}

/// A pod, or a workload's pods.
#[derive(Clone)]
pub struct PodEnd<'a> {
    pub key: ObjectKey,
    pub labels: &'a Labels,
    pub spec: &'a PodSpec,
    pub addresses: &'a [IpAddr],
    /// One pod that was named, rather than any of a workload's.
    pub is_one_pod: bool,
    /// The Node object that it runs on.
    pub node: Option<&'a Node>,
}

impl PodEnd<'_> {
    pub fn namespace(&self) -> &str {
        self.key.namespace.as_deref().unwrap_or_default()
    }

    /// The numbers that it gives to the port `name` of `protocol`, in all containers that stay.
    pub fn has_port(&self, name: &str, protocol: Protocol, number: u16) -> bool {
        let stays = |list: ContainerList, is_sidecar: bool| match list {
            ContainerList::Init => is_sidecar,
            ContainerList::Ordinary => true,
            ContainerList::Ephemeral => false,
        };
        self.spec.containers.iter().filter(|c| stays(c.list, c.is_sidecar)).any(|container| {
            container.ports.iter().any(|port| {
                port.name.as_deref() == Some(name)
                    && port.protocol == protocol
                    && port.port == number
            })
        })
    }
}

impl End<'_> {
    /// The name of the node that it is, or whose network it is on; `Some(None)` where that node is
    /// not known, `None` where it is on no node's network.
    pub fn host(&self) -> Option<Option<&str>> {
        match self {
            Self::Node(node) => Some(Some(&node.metadata.name)),
            Self::Pod(pod) if pod.spec.host_network => Some(pod.spec.node_name.as_deref()),
            _ => None,
        }
    }

    /// The addresses that it is known to have. A pod on its node's network of which none is told has
    /// its node's.
    pub fn addresses(&self) -> BTreeSet<IpAddr> {
        match self {
            Self::Node(node) => node.addresses.iter().copied().collect(),
            Self::Outside(address) => [*address].into(),
            Self::Pod(pod) => {
                let is_of_node = pod.spec.host_network && pod.addresses.is_empty();
                let node = pod.node.filter(|_| is_of_node);
                let addresses = node.map_or(pod.addresses, |node| &node.addresses);
                addresses.iter().copied().collect()
            }
        }
    }
}

/// Everybody who can be at an end, by party.
pub struct Ends<'a> {
    /// A workload is all of its pods.
    parties: BTreeMap<Party, Vec<End<'a>>>,
    addresses: BTreeMap<IpAddr, Party>,
    namespaces: BTreeMap<&'a str, Labels>,
}

impl<'a> Ends<'a> {
    pub fn new(cluster: &'a Cluster) -> Self {
        let mut ends = Self {
            parties: BTreeMap::new(),
            addresses: BTreeMap::new(),
            namespaces: cluster
                .namespaces()
                .map(|n| (n.metadata.name.as_str(), n.metadata.labels.clone()))
                .collect(),
        };
        ends.take_nodes(cluster);
        let seen = ends.take_pods(cluster);
        for workload in cluster.workloads().chain(cluster.virtual_machines()) {
            let head = cluster.head(workload.kind, &workload.metadata);
            let own = key(workload);
            // A workload that another one made is not told apart from its maker.
            let is_made = head != own && cluster.get(&head).is_some();
            if !is_made && !seen.contains(&head) {
                ends.take_template(cluster, workload, &head.name);
            }
        }
        for (name, labels) in &mut ends.namespaces {
            labels.insert(NAME.to_owned(), (*name).to_owned());
        }
        ends
    }

    /// The ends that a party may be; none where it is not there.
    pub fn find(&self, party: &Party) -> Vec<End<'a>> {
        let party = match party {
            Party::Address(address) => match self.addresses.get(address) {
                Some(known) => known,
                None => return vec![End::Outside(*address)],
            },
            known => known,
        };
        self.parties.get(party).cloned().unwrap_or_default()
    }

    /// The labels of a namespace.
    pub fn namespace(&self, name: &str) -> &Labels {
        static NONE: Labels = Labels::new();
        self.namespaces.get(name).unwrap_or(&NONE)
    }

    fn take_nodes(&mut self, cluster: &'a Cluster) {
        for node in cluster.nodes() {
            let party = Party::Node(node.metadata.name.clone());
            for address in &node.addresses {
                self.addresses.entry(*address).or_insert_with(|| party.clone());
            }
            self.parties.insert(party, vec![End::Node(node)]);
        }
    }

    /// Takes the pods, and tells the heads of their workloads.
    fn take_pods(&mut self, cluster: &'a Cluster) -> BTreeSet<ObjectKey> {
        let mut heads = BTreeSet::new();
        for pod in cluster.pods().filter(|pod| !pod.finished) {
            let head = cluster.head(Kind::Pod, &pod.metadata);
            let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
            self.namespaces.entry(namespace).or_default();
            let party = Party::pod(namespace, &pod.metadata.name);
            for address in &pod.addresses {
                self.addresses.entry(*address).or_insert_with(|| party.clone());
            }
            let end = PodEnd {
                key: ObjectKey::new(Kind::Pod, Some(namespace), &pod.metadata.name),
                labels: &pod.metadata.labels,
                spec: &pod.spec,
                addresses: &pod.addresses,
                is_one_pod: true,
                node: node(cluster, &pod.spec),
            };
            if head != end.key {
                let of_head = Party::pod(namespace, &head.name);
                self.parties.entry(of_head).or_default().push(End::Pod(end.clone()));
            }
            heads.insert(head);
            self.parties.entry(party).or_default().push(End::Pod(end));
        }
        heads
    }

    /// Takes a workload by the name of its head, which may be one that was not seen.
    fn take_template(&mut self, cluster: &'a Cluster, workload: &'a Workload, head: &str) {
        let namespace = workload.metadata.namespace.as_deref().unwrap_or_default();
        self.namespaces.entry(namespace).or_default();
        let end = PodEnd {
            key: key(workload),
            labels: &workload.pod_labels,
            spec: &workload.spec,
            addresses: &[],
            is_one_pod: false,
            node: node(cluster, &workload.spec),
        };
        let party = Party::pod(namespace, head);
        self.parties.entry(party).or_default().push(End::Pod(end));
    }
}

fn key(workload: &Workload) -> ObjectKey {
    ObjectKey::new(workload.kind, workload.metadata.namespace.as_deref(), &workload.metadata.name)
}

fn node<'a>(cluster: &'a Cluster, spec: &PodSpec) -> Option<&'a Node> {
    let name = spec.node_name.as_deref()?;
    cluster.nodes().find(|node| node.metadata.name == name)
}
