//! The cluster: everything that is known, from whatever source.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::admission::{AdmissionPolicy, AdmissionPolicyBinding, WebhookConfiguration};
use crate::component::{Argument, Component, ComponentKind, Witness};
use crate::coverage::{Coverage, Reading};
use crate::host::{Host, HostFact, Process};
use crate::layout::Layout;
use crate::limits::{LimitRange, ResourceQuota};
use crate::network::{
    Gateway, NetworkAttachment, NetworkPolicy, Route, Service, TieredPolicy, UserDefinedNetwork,
};
use crate::object::{
    ConfigMap, Kind, Metadata, Namespace, Node, Object, ObjectKey, Secret, ServiceAccount,
};
use crate::origin::{FieldPath, Origin};
use crate::rbac::{Binding, Role};
use crate::release::Release;
use crate::workload::{Pod, PodSpec, Workload};

/// One change of what is known: the only way into a [`Cluster`], for files, lists and watches.
#[derive(Clone, Debug)]
pub enum Change {
    /// An object is there, new or in place of the one with its key.
    Upsert(Box<Object>),
    /// An object is gone.
    Delete(ObjectKey),
    /// A fact of a node's machine.
    Host {
        /// The node.
        node: String,
        /// The fact.
        fact: Box<HostFact>,
    },
    /// The cluster's name, as its context or `ClusterConfiguration` gives it.
    Name(String),
    /// The release the API server states.
    Release(Release),
    /// When a snapshot was collected.
    Collected(Timestamp),
    /// What was seen, and what was not.
    Reading(Reading),
}

impl Change {
    /// An object is there.
    pub fn upsert(object: Object) -> Self {
        Self::Upsert(Box::new(object))
    }

    /// A fact of a node's machine.
    pub fn host(node: &str, fact: HostFact) -> Self {
        Self::Host { node: node.to_owned(), fact: Box::new(fact) }
    }
}

/// A cluster, whole or partial.
#[derive(Clone, Debug, Default)]
pub struct Cluster {
    objects: BTreeMap<ObjectKey, Object>,
    hosts: BTreeMap<String, Host>,
    name: Option<String>,
    stated_release: Option<Release>,
    collected: Option<Timestamp>,
    coverage: Coverage,
}

/// Something that asks for pods: a workload nobody else made, or a pod on its own.
#[derive(Clone, Debug)]
pub struct PodSource<'a> {
    /// The workload at the head of the chain of owners, or the pod itself. It may be one that was
    /// not seen, only named as an owner of a kind that the model knows.
    pub head: ObjectKey,
    /// Metadata of the object that holds `spec`.
    pub metadata: &'a Metadata,
    /// The labels of the pod itself.
    pub pod_labels: &'a BTreeMap<String, String>,
    /// The annotations of the pod itself.
    pub pod_annotations: &'a BTreeMap<String, String>,
    /// What the pod asks for.
    pub spec: &'a PodSpec,
    /// Where `spec` is in the object's document.
    pub path: FieldPath,
    /// The claims that are made for each of the pods, by name; those of a StatefulSet.
    pub claims: &'a [Box<str>],
    /// Whether the kubelet made it from a file: it then has no service account token.
    pub is_static: bool,
}

macro_rules! objects_of {
    ($($(#[$doc:meta])* $name:ident: $variant:ident($type:ty) of $($kind:ident)|+;)+) => {
        impl Cluster {
            $($(#[$doc])*
            pub fn $name(&self) -> impl Iterator<Item = &$type> {
                [$(Kind::$kind),+].into_iter().flat_map(|kind| self.of_kind(kind)).filter_map(
                    |object| match object {
                        Object::$variant(object) => Some(object),
                        _ => None,
                    },
                )
            })+
        }
    };
}

objects_of! {
    /// Every namespace.
    namespaces: Namespace(Namespace) of Namespace;
    /// Every Node object.
    nodes: Node(Node) of Node;
    /// Every pod.
    pods: Pod(Pod) of Pod;
    /// Every workload.
    workloads: Workload(Workload) of Deployment | StatefulSet | DaemonSet | ReplicaSet | ReplicationController | Job | CronJob;
    /// Every virtual machine of KubeVirt, and every instance of one.
    virtual_machines: Workload(Workload) of VirtualMachine | VirtualMachineInstance;
    /// Every service account.
    service_accounts: ServiceAccount(ServiceAccount) of ServiceAccount;
    /// Every role and cluster role.
    roles: Role(Role) of Role | ClusterRole;
    /// Every role binding and cluster role binding.
    bindings: Binding(Binding) of RoleBinding | ClusterRoleBinding;
    /// Every network policy.
    network_policies: NetworkPolicy(NetworkPolicy) of NetworkPolicy;
    /// Every policy for secondary networks.
    multi_network_policies: NetworkPolicy(NetworkPolicy) of MultiNetworkPolicy;
    /// Every policy of a tier.
    tiered_policies: TieredPolicy(TieredPolicy) of AdminNetworkPolicy | BaselineAdminNetworkPolicy | ClusterNetworkPolicy;
    /// Every service.
    services: Service(Service) of Service;
    /// Every Ingress and every other route.
    routes: Route(Route) of Ingress | Route | HttpRoute | GrpcRoute | TlsRoute | TcpRoute | UdpRoute;
    /// Every gateway.
    gateways: Gateway(Gateway) of Gateway;
    /// Every network that a user defined.
    user_defined_networks: UserDefinedNetwork(UserDefinedNetwork) of UserDefinedNetwork | ClusterUserDefinedNetwork;
    /// Every network that pods ask for by name.
    network_attachments: NetworkAttachment(NetworkAttachment) of NetworkAttachmentDefinition;
    /// Every resource quota.
    resource_quotas: ResourceQuota(ResourceQuota) of ResourceQuota;
    /// Every limit range.
    limit_ranges: LimitRange(LimitRange) of LimitRange;
    /// Every config map.
    config_maps: ConfigMap(ConfigMap) of ConfigMap;
    /// Every secret, without its values.
    secrets: Secret(Secret) of Secret;
    /// Every set of validating webhooks.
    validating_webhooks: Webhooks(WebhookConfiguration) of ValidatingWebhookConfiguration;
    /// Every validating admission policy.
    admission_policies: AdmissionPolicy(AdmissionPolicy) of ValidatingAdmissionPolicy;
    /// Every binding of a validating admission policy.
    admission_policy_bindings: AdmissionPolicyBinding(AdmissionPolicyBinding) of ValidatingAdmissionPolicyBinding;
}

impl Cluster {
    /// Takes one change in.
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Upsert(object) => {
                self.objects.insert(object.key(), *object);
            }
            Change::Delete(key) => {
                self.objects.remove(&key);
            }
            Change::Host { node, fact } => self.hosts.entry(node).or_default().apply(*fact),
            Change::Name(name) => self.name = Some(name),
            Change::Release(release) => self.stated_release = Some(release),
            Change::Collected(at) => self.collected = self.collected.max(Some(at)),
            Change::Reading(reading) => self.coverage.apply(reading),
        }
    }

    /// The object with this key.
    pub fn get(&self, key: &ObjectKey) -> Option<&Object> {
        self.objects.get(key)
    }

    /// Every object of `kind`, by namespace and name.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Object> {
        let from = ObjectKey { kind, namespace: None, name: String::new() };
        self.objects.range(from..).take_while(move |(key, _)| key.kind == kind).map(|(_, o)| o)
    }

    /// The machines that are known, by node name.
    pub fn hosts(&self) -> impl Iterator<Item = (&str, &Host)> {
        self.hosts.iter().map(|(node, host)| (node.as_str(), host))
    }

    /// The machine of `node`.
    pub fn host(&self, node: &str) -> Option<&Host> {
        self.hosts.get(node)
    }

    /// Who laid `node` out, as far as its machine and its Node object tell.
    pub fn layout(&self, node: &str) -> Layout {
        let object = match self.objects.get(&ObjectKey::new(Kind::Node, None, node)) {
            Some(Object::Node(object)) => Some(object),
            _ => None,
        };
        Layout::of(self.hosts.get(node), object)
    }

    /// The layouts of all nodes, each once.
    pub fn layouts(&self) -> BTreeSet<Layout> {
        let hosts = self.hosts.keys().map(String::as_str);
        let nodes = self.nodes().map(|node| node.metadata.name.as_str());
        hosts.chain(nodes).map(|node| self.layout(node)).collect()
    }

    /// When what is known was collected, where a snapshot tells: the last of several.
    pub fn collected(&self) -> Option<Timestamp> {
        self.collected
    }

    /// What was seen and what was not.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// The cluster's name, where a source tells one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The uid of the namespace `kube-system`, by which a cluster is known however it is named.
    pub fn uid(&self) -> Option<&str> {
        self.namespaces().find(|n| n.metadata.name == "kube-system")?.metadata.uid.as_deref()
    }

    /// The release in use: what the API server states, else the image of its static pod, else the
    /// oldest version a kubelet or a machine tells.
    pub fn release(&self) -> Option<Release> {
        self.stated_release.clone().or_else(|| self.image_release()).or_else(|| {
            let kubelets = self.nodes().filter_map(|n| n.kubelet_version.as_deref());
            let machines = self
                .hosts
                .values()
                .flat_map(|h| &h.versions)
                .filter(|v| v.of == "kubernetes")
                .map(|v| v.version.as_str());
            kubelets.chain(machines).filter_map(|text| text.parse().ok()).min()
        })
    }

    fn image_release(&self) -> Option<Release> {
        let api_server = ComponentKind::ApiServer.program();
        self.static_pods()
            .flat_map(|(_, pod)| &pod.spec.containers)
            .filter(|c| c.name == api_server)
            .filter_map(|c| c.image.split('@').next()?.rsplit_once(':')?.1.parse().ok())
            .min()
    }

    /// The pods of the nodes' manifest folders, with their node.
    pub fn static_pods(&self) -> impl Iterator<Item = (&str, &Pod)> {
        self.hosts.iter().flat_map(|(node, host)| {
            let pods = host.static_pods.values().filter_map(|file| file.pod.as_ref().ok());
            pods.map(move |pod| (node.as_str(), pod))
        })
    }

    /// The components of `kind`, one a node: the most trusted witness of each. Of two manifests of
    /// one pod the last by name counts, as for the kubelet (`pkg/kubelet/config/file.go` of 1.37:
    /// each full listing applies the files in the order of their names).
    pub fn components(&self, kind: ComponentKind) -> Vec<Component> {
        let mut best: BTreeMap<String, Component> = BTreeMap::new();
        for component in self.witnesses(kind) {
            match best.get(&component.node) {
                Some(held) if held.witness < component.witness => {}
                _ => {
                    best.insert(component.node.clone(), component);
                }
            }
        }
        best.into_values().collect()
    }

    /// Everything that tells how a component of `kind` runs.
    pub fn witnesses(&self, kind: ComponentKind) -> Vec<Component> {
        let mut all = Vec::new();
        for (node, host) in &self.hosts {
            all.extend(on_machine(node, host, kind));
        }
        for pod in self.pods() {
            let witness = match kind {
                _ if pod.is_mirror() => Witness::MirrorPod,
                // Of the components, only kube-proxy is run by a DaemonSet.
                ComponentKind::KubeProxy if !pod.finished => Witness::Pod,
                _ => continue,
            };
            if let Some(node) = &pod.spec.node_name {
                all.extend(of_pod(node, pod, kind, witness));
            }
        }
        all
    }

    /// The component of `kind` on `node`, as its machine tells: the most trusted witness. To ask
    /// it of every node costs no more than [`Cluster::components`].
    pub fn component_on(&self, node: &str, kind: ComponentKind) -> Option<Component> {
        let witnesses = on_machine(node, self.hosts.get(node)?, kind);
        // The last of equals, as `components` takes it.
        witnesses.into_iter().rev().min_by_key(|component| component.witness)
    }

    /// What the machine of `node` tells of how a component of `kind` runs there.
    pub fn witnesses_on(&self, node: &str, kind: ComponentKind) -> Vec<Component> {
        self.hosts.get(node).map(|host| on_machine(node, host, kind)).unwrap_or_default()
    }

    /// Everything that asks for pods: each workload, and each pod that is not finished. Pods are
    /// told beside their workload, since admission may have changed them; both have the same head.
    pub fn pod_sources(&self) -> Vec<PodSource<'_>> {
        let workloads = self.workloads().map(|workload| PodSource {
            head: self.head(workload.kind, &workload.metadata),
            metadata: &workload.metadata,
            pod_labels: &workload.pod_labels,
            pod_annotations: &workload.pod_annotations,
            spec: &workload.spec,
            path: workload.spec_path(),
            claims: &workload.claims,
            is_static: false,
        });
        let pods = self.pods().filter(|pod| !pod.finished).map(|pod| PodSource {
            head: self.head(Kind::Pod, &pod.metadata),
            metadata: &pod.metadata,
            pod_labels: &pod.metadata.labels,
            pod_annotations: &pod.metadata.annotations,
            spec: &pod.spec,
            path: FieldPath::of("spec"),
            claims: &[],
            is_static: pod.is_mirror(),
        });
        let mirrored = |name: &str, namespace: Option<&str>| {
            self.objects.contains_key(&ObjectKey::new(Kind::Pod, namespace, name))
        };
        let static_pods = self.static_pods().filter_map(|(node, pod)| {
            let name = format!("{}-{node}", pod.metadata.name);
            let namespace = pod.metadata.namespace.as_deref();
            (!mirrored(&name, namespace)).then(|| PodSource {
                head: ObjectKey::new(Kind::Pod, namespace, &name),
                metadata: &pod.metadata,
                pod_labels: &pod.metadata.labels,
                pod_annotations: &pod.metadata.annotations,
                spec: &pod.spec,
                path: FieldPath::of("spec"),
                claims: &[],
                is_static: true,
            })
        });
        workloads.chain(pods).chain(static_pods).collect()
    }

    /// The workload at the head of the chain of owners of the object `kind` with `metadata`.
    pub fn head(&self, kind: Kind, metadata: &Metadata) -> ObjectKey {
        let namespace = metadata.namespace.as_deref();
        let mut key = ObjectKey::new(kind, namespace, &metadata.name);
        let mut controller = metadata.controller.as_ref();
        // Owners form no cycle on a real server, but files may: three steps reach any head.
        for _ in 0..3 {
            let Some(owner) = controller else { break };
            match Kind::find(&owner.group, &owner.kind).filter(|kind| kind.makes_pods()) {
                None => break,
                Some(kind) => key = ObjectKey::new(kind, namespace, &owner.name),
            }
            controller = self.objects.get(&key).and_then(|o| o.metadata().controller.as_ref());
        }
        key
    }
}

/// Everything on the machine of `node` that tells how a component of `kind` runs.
fn on_machine(node: &str, host: &Host, kind: ComponentKind) -> Vec<Component> {
    let processes = host.processes.iter().filter_map(|process| of_process(node, process, kind));
    let manifests = host.static_pods.values().filter_map(|file| {
        file.pod.as_ref().ok().and_then(|pod| of_pod(node, pod, kind, Witness::Manifest))
    });
    let embedded = host.embedded.iter().filter(|embedded| embedded.kind == kind);
    let embedded = embedded.map(|embedded| Component {
        kind,
        node: node.to_owned(),
        witness: Witness::Embedded,
        args: embedded.args.clone(),
        environment: BTreeMap::new(),
        origin: embedded.origin.clone(),
    });
    processes.chain(manifests).chain(embedded).collect()
}

fn of_process(node: &str, process: &Process, kind: ComponentKind) -> Option<Component> {
    (ComponentKind::of_command(&process.args)? == kind).then(|| {
        let source = match (&process.file, process.pid) {
            (Some(file), _) => format!("{node}:{file}"),
            (None, Some(pid)) => format!("{node}:/proc/{pid}/cmdline"),
            (None, None) => format!("{node}:process"),
        };
        Component {
            kind,
            node: node.to_owned(),
            witness: if process.pid.is_some() { Witness::Process } else { Witness::UnitFile },
            args: process.args.iter().map(Argument::plain).collect(),
            environment: process.environment.clone(),
            origin: Origin::whole(source),
        }
    })
}

fn of_pod(node: &str, pod: &Pod, kind: ComponentKind, witness: Witness) -> Option<Component> {
    pod.spec.containers.iter().find_map(|container| {
        let path = container.path(&FieldPath::of("spec"));
        let words = |field: &str, words: &[String]| {
            let path = path.key(field);
            let arguments = words.iter().enumerate();
            arguments
                .map(|(at, text)| Argument { field: path.index(at), ..Argument::plain(text) })
                .collect::<Vec<_>>()
        };
        let mut args = words("command", &container.command);
        args.extend(words("args", &container.args));
        let texts: Vec<String> = args.iter().map(|a| a.text.clone()).collect();
        (ComponentKind::of_command(&texts)? == kind).then(|| Component {
            kind,
            node: node.to_owned(),
            witness,
            args,
            environment: container.environment.iter().cloned().collect(),
            origin: pod.metadata.origin.clone(),
        })
    })
}
