//! What can be an end of a connection: groups of pods that nothing tells apart, nodes, and ranges of
//! addresses outside.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use kuberlock_model::ObjectKey;

use crate::address::{AddressRange, Cuts};
use crate::facts::{Facts, Labels, NamedPort, NodeFact, PodFact};

/// An end of connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// What it is.
    pub kind: EndpointKind,
    /// Its pods; one of them stands for those of a workload of which none is seen. None for a node
    /// or a range.
    pub members: Vec<Arc<PodFact>>,
    pub(crate) labels: Arc<Labels>,
    pub(crate) namespace_labels: Arc<Labels>,
    pub(crate) ports: Arc<[NamedPort]>,
    pub(crate) host_network: bool,
    /// The node of pods on its network, where known, and of a node itself.
    pub(crate) node: Option<(Arc<str>, Option<Arc<NodeFact>>)>,
    /// Addresses that lie where those of every member lie; none where they are not known.
    pub(crate) addresses: Box<[IpAddr]>,
    /// The network in place of the one that all pods share.
    pub(crate) network: Option<Arc<str>>,
}

/// What an endpoint is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndpointKind {
    /// Pods that no policy tells apart.
    Pods {
        /// Their namespace.
        namespace: Arc<str>,
        /// The workload at the head of their owners, or the pod itself.
        head: ObjectKey,
    },
    /// A node.
    Node(Arc<str>),
    /// Addresses outside the cluster.
    Outside(AddressRange),
}

impl Endpoint {
    /// The namespace of its pods.
    pub fn namespace(&self) -> Option<&str> {
        match &self.kind {
            EndpointKind::Pods { namespace, .. } => Some(namespace),
            _ => None,
        }
    }

    /// Whether it is pods.
    pub fn is_pods(&self) -> bool {
        matches!(self.kind, EndpointKind::Pods { .. })
    }

    /// Whether its pods are on their nodes' network.
    pub fn is_on_host_network(&self) -> bool {
        self.host_network
    }

    /// Whether nothing but its members, its namespace's labels and where exactly its addresses lie
    /// tells it from another.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.labels == other.labels
            && self.ports == other.ports
            && self.host_network == other.host_network
            && self.node == other.node
            && self.addresses.is_empty() == other.addresses.is_empty()
            && self.members.first().map(|pod| pod.is_template())
                == other.members.first().map(|pod| pod.is_template())
    }

    pub(crate) fn members_order(&self, other: &Self) -> std::cmp::Ordering {
        let key = |endpoint: &Self| endpoint.members.first().map(|pod| pod.key.clone());
        key(self).cmp(&key(other))
    }

    /// Its labels: of its pods, or of the node.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The labels of its namespace.
    pub fn namespace_labels(&self) -> &Labels {
        &self.namespace_labels
    }

    /// The user-defined network that its pods have in place of the one that all pods share.
    pub fn network(&self) -> Option<&str> {
        self.network.as_deref()
    }
}

/// `namespace/name[Kind]`, `node/name`, `10.0.0.0-10.255.255.255`.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            EndpointKind::Pods { namespace, head } => {
                write!(f, "{namespace}/{}[{}]", head.name, head.kind)
            }
            EndpointKind::Node(name) => write!(f, "node/{name}"),
            EndpointKind::Outside(range) if range.first == range.last => {
                write!(f, "{}", range.first)
            }
            EndpointKind::Outside(range) => write!(f, "{}-{}", range.first, range.last),
        }
    }
}

/// What pods have in common that are one endpoint.
#[derive(PartialEq, Eq, Hash)]
struct Alike {
    head: ObjectKey,
    labels: Arc<Labels>,
    ports: Arc<[NamedPort]>,
    host_network: bool,
    node: Option<Arc<str>>,
    /// Where their addresses lie.
    ranges: Vec<usize>,
}

/// The endpoints of `facts`: pods by namespace and head, nodes by name, ranges by address.
pub(crate) fn endpoints(facts: &Facts, cuts: &Cuts) -> Vec<Endpoint> {
    let mut endpoints = of_pods(facts, cuts, facts.endpoints());
    endpoints.extend(facts.nodes.iter().map(|(name, node)| self::node(name, node)));
    endpoints.extend(cuts.ranges().into_iter().map(outside));
    endpoints
}

/// The endpoints of these pods, in order.
pub(crate) fn of_pods(
    facts: &Facts,
    cuts: &Cuts,
    pods: Vec<(ObjectKey, Arc<PodFact>)>,
) -> Vec<Endpoint> {
    let mut groups: HashMap<Alike, Vec<Arc<PodFact>>> = HashMap::new();
    for (head, pod) in pods {
        groups.entry(alike(facts, cuts, head, &pod)).or_default().push(pod);
    }
    let mut namespaces: HashMap<String, (Arc<str>, Arc<Labels>)> = HashMap::new();
    let groups = groups.into_iter().map(|(alike, members)| {
        let name = alike.head.namespace.clone().unwrap_or_default();
        let (namespace, labels) = namespaces
            .entry(name)
            .or_insert_with_key(|name| (Arc::from(name.as_str()), facts.namespace_labels(name)));
        group(facts, alike, members, namespace, labels)
    });
    let mut endpoints: Vec<Endpoint> = groups.collect();
    endpoints.sort_by(|a, b| order(a).cmp(&order(b)));
    endpoints
}

fn order(endpoint: &Endpoint) -> (&EndpointKind, Option<&ObjectKey>) {
    (&endpoint.kind, endpoint.members.first().map(|pod| &pod.key))
}

fn alike(facts: &Facts, cuts: &Cuts, head: ObjectKey, pod: &PodFact) -> Alike {
    let node = pod.host_network.then(|| pod.node.clone()).flatten();
    let ranges = addresses(facts, pod).iter().map(|address| cuts.index(*address)).collect();
    Alike {
        head,
        labels: Arc::clone(&pod.labels),
        ports: Arc::clone(&pod.ports),
        host_network: pod.host_network,
        node,
        ranges,
    }
}

/// Whether the addresses of all its pods lie in the same ranges.
pub(crate) fn is_in_one_place(facts: &Facts, cuts: &Cuts, endpoint: &Endpoint) -> bool {
    let ranges = |pod: &PodFact| -> Vec<usize> {
        addresses(facts, pod).iter().map(|address| cuts.index(*address)).collect()
    };
    let mut all = endpoint.members.iter().map(|pod| ranges(pod));
    let first = all.next();
    all.all(|ranges| Some(ranges) == first)
}

/// The addresses of a pod; one on its node's network has its node's too.
fn addresses(facts: &Facts, pod: &PodFact) -> Box<[IpAddr]> {
    let node = pod.node.as_ref().filter(|_| pod.host_network);
    let Some(node) = node.and_then(|node| facts.nodes.get(node)) else {
        return pod.addresses.clone();
    };
    let all: BTreeSet<IpAddr> = pod.addresses.iter().chain(&node.addresses).copied().collect();
    all.into_iter().collect()
}

fn group(
    facts: &Facts,
    alike: Alike,
    mut members: Vec<Arc<PodFact>>,
    namespace: &Arc<str>,
    namespace_labels: &Arc<Labels>,
) -> Endpoint {
    members.sort_by(|a, b| a.key.cmp(&b.key));
    let addresses = members.first().map(|pod| addresses(facts, pod)).unwrap_or_default();
    let node = alike.node.map(|name| {
        let fact = facts.nodes.get(&name).map(Arc::clone);
        (name, fact)
    });
    let network = if alike.host_network { None } else { facts.primary_network(namespace) };
    Endpoint {
        kind: EndpointKind::Pods { namespace: Arc::clone(namespace), head: alike.head },
        labels: alike.labels,
        namespace_labels: Arc::clone(namespace_labels),
        ports: alike.ports,
        host_network: alike.host_network,
        members,
        node,
        addresses,
        network,
    }
}

fn node(name: &Arc<str>, fact: &Arc<NodeFact>) -> Endpoint {
    Endpoint {
        kind: EndpointKind::Node(Arc::clone(name)),
        labels: Arc::clone(&fact.labels),
        node: Some((Arc::clone(name), Some(Arc::clone(fact)))),
        addresses: fact.addresses.clone(),
        ..nothing()
    }
}

pub(crate) fn outside(range: AddressRange) -> Endpoint {
    let addresses = Box::new([range.first]);
    Endpoint { kind: EndpointKind::Outside(range), addresses, ..nothing() }
}

fn nothing() -> Endpoint {
    Endpoint {
        kind: EndpointKind::Node(Arc::from("")),
        members: Vec::new(),
        labels: Arc::default(),
        namespace_labels: Arc::default(),
        ports: Arc::from([]),
        host_network: false,
        node: None,
        addresses: Box::default(),
        network: None,
    }
}
