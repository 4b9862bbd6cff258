//! What of a cluster matters to its network, and how it changes.
//!
//! Enters: a cluster, then changes of it. Leaves: the same facts, small and shared, so that a copy of
//! them costs little. Always holds: what is here is what the cluster with all changes applied has.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use kuberlock_model::network::{
    NetworkAttachment, NetworkPolicy, NetworkSelection, Protocol, TieredPolicy, UserDefinedNetwork,
    networks_of,
};
use kuberlock_model::object::Controller;
use kuberlock_model::workload::{ContainerList, Pod, PodSpec, Workload};
use kuberlock_model::{Change, Cluster, Kind, Metadata, Object, ObjectKey};

/// Labels by key.
pub(crate) type Labels = BTreeMap<String, String>;

/// The annotation by which a pod asks for secondary networks.
pub(crate) const NETWORKS: &str = "k8s.v1.cni.cncf.io/networks";
/// The label that the API server gives every namespace.
pub(crate) const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// A pod, or the template of a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodFact {
    /// The pod, or the workload whose template this is.
    pub key: ObjectKey,
    /// What made it, as the pod names it.
    pub controller: Option<(String, String)>,
    pub(crate) labels: Arc<Labels>,
    pub(crate) ports: Arc<[NamedPort]>,
    pub(crate) host_network: bool,
    pub(crate) node: Option<Arc<str>>,
    pub(crate) addresses: Box<[IpAddr]>,
    pub(crate) attachments: Box<[NetworkSelection]>,
    pub(crate) finished: bool,
}

impl PodFact {
    /// Its labels.
    pub fn labels(&self) -> &BTreeMap<String, String> {
        &self.labels
    }

    /// The node that it runs on, where known.
    pub fn node(&self) -> Option<&str> {
        self.node.as_deref()
    }

    /// Its addresses; none where they are not known.
    pub fn addresses(&self) -> &[IpAddr] {
        &self.addresses
    }

    /// Whether it stands for pods that were not seen.
    pub fn is_template(&self) -> bool {
        self.key.kind != Kind::Pod
    }
}

/// A port with a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NamedPort {
    pub(crate) name: Box<str>,
    pub(crate) protocol: Protocol,
    pub(crate) port: u16,
}

/// A node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NodeFact {
    pub(crate) labels: Arc<Labels>,
    pub(crate) addresses: Box<[IpAddr]>,
}

/// What of a cluster matters to its network.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Labels of namespaces that an object names; see [`Facts::namespace_labels`].
    namespaces: Arc<BTreeMap<String, Arc<Labels>>>,
    pub(crate) nodes: BTreeMap<Arc<str>, Arc<NodeFact>>,
    pub(crate) pods: Arc<BTreeMap<ObjectKey, Arc<PodFact>>>,
    templates: Arc<BTreeMap<ObjectKey, Arc<PodFact>>>,
    controllers: Arc<BTreeMap<ObjectKey, Controller>>,
    pub(crate) policies: Arc<BTreeMap<ObjectKey, Arc<NetworkPolicy>>>,
    pub(crate) tiered: BTreeMap<ObjectKey, Arc<TieredPolicy>>,
    pub(crate) user_defined: BTreeMap<ObjectKey, Arc<UserDefinedNetwork>>,
    pub(crate) attachments: BTreeMap<ObjectKey, Arc<NetworkAttachment>>,
}

impl Facts {
    pub(crate) fn of(cluster: &Cluster) -> Self {
        let mut facts = Self::default();
        for names in Kind::all().iter().filter(|names| matters(names.kind)) {
            for object in cluster.of_kind(names.kind) {
                facts.upsert(object);
            }
        }
        facts
    }

    pub(crate) fn apply(&mut self, change: &Change) {
        match change {
            Change::Upsert(object) => self.upsert(object),
            Change::Delete(key) => self.delete(key),
            _ => {}
        }
    }

    fn upsert(&mut self, object: &Object) {
        let key = object.key();
        if let Some(controller) = &object.metadata().controller {
            Arc::make_mut(&mut self.controllers).insert(key.clone(), controller.clone());
        } else {
            remove(&mut self.controllers, &key);
        }
        match object {
            Object::Namespace(namespace) => {
                let labels = namespace_labels(&key.name, &namespace.metadata.labels);
                Arc::make_mut(&mut self.namespaces).insert(key.name, Arc::new(labels));
            }
            Object::Node(node) => {
                let labels = Arc::new(node.metadata.labels.clone());
                let fact = NodeFact { labels, addresses: node.addresses.clone() };
                self.nodes.insert(key.name.into(), Arc::new(fact));
            }
            Object::Pod(pod) => {
                Arc::make_mut(&mut self.pods).insert(key, Arc::new(pod_fact(pod)));
            }
            Object::Workload(workload) => {
                Arc::make_mut(&mut self.templates).insert(key, Arc::new(template(workload)));
            }
            Object::NetworkPolicy(policy) => {
                Arc::make_mut(&mut self.policies).insert(key, Arc::new(policy.clone()));
            }
            Object::TieredPolicy(policy) => {
                self.tiered.insert(key, Arc::new(policy.clone()));
            }
            Object::UserDefinedNetwork(network) => {
                self.user_defined.insert(key, Arc::new(network.clone()));
            }
            Object::NetworkAttachment(attachment) => {
                self.attachments.insert(key, Arc::new(attachment.clone()));
            }
            _ => {}
        }
    }

    fn delete(&mut self, key: &ObjectKey) {
        remove(&mut self.controllers, key);
        match key.kind {
            Kind::Namespace => remove(&mut self.namespaces, &key.name),
            Kind::Node => _ = self.nodes.remove(key.name.as_str()),
            Kind::Pod => remove(&mut self.pods, key),
            _ => {
                remove(&mut self.templates, key);
                remove(&mut self.policies, key);
                self.tiered.remove(key);
                self.user_defined.remove(key);
                self.attachments.remove(key);
            }
        }
    }

    /// The labels of a namespace: also of one that no object names, which has only its name.
    pub(crate) fn namespace_labels(&self, name: &str) -> Arc<Labels> {
        let named = self.namespaces.get(name).map(Arc::clone);
        named.unwrap_or_else(|| Arc::new(namespace_labels(name, &Labels::new())))
    }

    /// The workload at the head of the chain of owners.
    pub(crate) fn head(&self, key: &ObjectKey) -> ObjectKey {
        let mut head = key.clone();
        // As `Cluster::head`: three steps reach any head, and files may form a cycle.
        for _ in 0..3 {
            let Some(owner) = self.controllers.get(&head) else { break };
            match Kind::find(&owner.group, &owner.kind).filter(|kind| kind.makes_pods()) {
                None => break,
                Some(kind) => {
                    head = ObjectKey { kind, namespace: head.namespace, name: owner.name.clone() };
                }
            }
        }
        head
    }

    /// What has an address of its own, with its head: pods that are not finished, and one for each
    /// workload of which no pod is seen.
    pub(crate) fn endpoints(&self) -> Vec<(ObjectKey, Arc<PodFact>)> {
        let pods = self.pods.iter().filter(|(_, pod)| !pod.finished);
        let mut found: Vec<_> = pods.map(|(key, pod)| (self.head(key), Arc::clone(pod))).collect();
        let seen: BTreeSet<&ObjectKey> = found.iter().map(|(head, _)| head).collect();
        let mut templates: BTreeMap<ObjectKey, &Arc<PodFact>> = BTreeMap::new();
        for (key, template) in self.templates.iter() {
            let head = self.head(key);
            // The head's own template counts before those of what it made.
            if !seen.contains(&head) && (*key == head || !templates.contains_key(&head)) {
                templates.insert(head, template);
            }
        }
        found.extend(templates.into_iter().map(|(head, template)| (head, Arc::clone(template))));
        found
    }
}

/// Takes an entry out of a shared map; one that does not have it stays shared.
fn remove<K: Ord + Clone, V: Clone>(map: &mut Arc<BTreeMap<K, V>>, key: &K) {
    if map.contains_key(key) {
        Arc::make_mut(map).remove(key);
    }
}

/// Whether objects of `kind` are among the facts.
pub(crate) fn matters(kind: Kind) -> bool {
    kind.makes_pods()
        || matches!(
            kind,
            Kind::Namespace
                | Kind::Node
                | Kind::NetworkPolicy
                | Kind::MultiNetworkPolicy
                | Kind::AdminNetworkPolicy
                | Kind::BaselineAdminNetworkPolicy
                | Kind::ClusterNetworkPolicy
                | Kind::UserDefinedNetwork
                | Kind::ClusterUserDefinedNetwork
                | Kind::NetworkAttachmentDefinition
        )
}

pub(crate) fn namespace_labels(name: &str, labels: &Labels) -> Labels {
    let mut labels = labels.clone();
    labels.insert(NAMESPACE_NAME.to_owned(), name.to_owned());
    labels
}

fn pod_fact(pod: &Pod) -> PodFact {
    let key = ObjectKey::new(Kind::Pod, pod.metadata.namespace.as_deref(), &pod.metadata.name);
    PodFact {
        labels: Arc::new(pod.metadata.labels.clone()),
        addresses: pod.addresses.clone(),
        finished: pod.finished,
        ..spec_fact(key, &pod.metadata, &pod.metadata.annotations, &pod.spec)
    }
}

fn template(workload: &Workload) -> PodFact {
    let namespace = workload.metadata.namespace.as_deref();
    let key = ObjectKey::new(workload.kind, namespace, &workload.metadata.name);
    PodFact {
        labels: Arc::new(workload.pod_labels.clone()),
        ..spec_fact(key, &workload.metadata, &workload.pod_annotations, &workload.spec)
    }
}

fn spec_fact(
    key: ObjectKey,
    metadata: &Metadata,
    annotations: &BTreeMap<String, String>,
    spec: &PodSpec,
) -> PodFact {
    let namespace = key.namespace.clone().unwrap_or_default();
    let attachments = annotations.get(NETWORKS).map(|text| networks_of(text, &namespace));
    PodFact {
        controller: metadata.controller.as_ref().map(|c| (c.kind.clone(), c.name.clone())),
        labels: Arc::default(),
        ports: named_ports(spec),
        host_network: spec.host_network,
        node: spec.node_name.as_deref().map(Arc::from),
        addresses: Box::default(),
        attachments: attachments.unwrap_or_default().into(),
        finished: false,
        key,
    }
}

/// The ports with a name of the containers that stay: ordinary ones, and init containers that are
/// started again.
fn named_ports(spec: &PodSpec) -> Arc<[NamedPort]> {
    let stays = |list: ContainerList, is_sidecar: bool| match list {
        ContainerList::Ordinary => true,
        ContainerList::Init => is_sidecar,
        ContainerList::Ephemeral => false,
    };
    let containers = spec.containers.iter().filter(|c| stays(c.list, c.is_sidecar));
    let ports = containers.flat_map(|container| &container.ports);
    let named: BTreeSet<NamedPort> = ports
        .filter_map(|port| {
            let name = port.name.clone()?;
            Some(NamedPort { name, protocol: port.protocol, port: port.port })
        })
        .collect();
    named.into_iter().collect()
}
