//! Objects of the Kubernetes API, as far as a question is asked of them.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use serde::Serialize;

use crate::admission::{AdmissionPolicy, AdmissionPolicyBinding, WebhookConfiguration};
use crate::limits::{LimitRange, ResourceQuota};
use crate::network::{
    Gateway, NetworkAttachment, NetworkPolicy, Route, Service, TieredPolicy, UserDefinedNetwork,
};
use crate::origin::Origin;
use crate::rbac::{Binding, Role};
use crate::workload::{Pod, Workload};

/// A kind that the model converts. The order is the order of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `v1` Namespace
    Namespace,
    /// `v1` Node
    Node,
    /// `v1` Pod
    Pod,
    /// `apps/v1` Deployment
    Deployment,
    /// `apps/v1` StatefulSet
    StatefulSet,
    /// `apps/v1` DaemonSet
    DaemonSet,
    /// `apps/v1` ReplicaSet
    ReplicaSet,
    /// `v1` ReplicationController
    ReplicationController,
    /// `batch/v1` Job
    Job,
    /// `batch/v1` CronJob
    CronJob,
    /// `v1` ServiceAccount
    ServiceAccount,
    /// `rbac.authorization.k8s.io/v1` Role
    Role,
    /// `rbac.authorization.k8s.io/v1` ClusterRole
    ClusterRole,
    /// `rbac.authorization.k8s.io/v1` RoleBinding
    RoleBinding,
    /// `rbac.authorization.k8s.io/v1` ClusterRoleBinding
    ClusterRoleBinding,
    /// `networking.k8s.io/v1` NetworkPolicy
    NetworkPolicy,
    /// `policy.networking.k8s.io/v1alpha1` AdminNetworkPolicy
    AdminNetworkPolicy,
    /// `policy.networking.k8s.io/v1alpha1` BaselineAdminNetworkPolicy
    BaselineAdminNetworkPolicy,
    /// `policy.networking.k8s.io/v1alpha2` ClusterNetworkPolicy
    ClusterNetworkPolicy,
    /// `k8s.cni.cncf.io/v1beta1` MultiNetworkPolicy
    MultiNetworkPolicy,
    /// `v1` Service
    Service,
    /// `networking.k8s.io/v1` Ingress
    Ingress,
    /// `route.openshift.io/v1` Route
    Route,
    /// `gateway.networking.k8s.io/v1` Gateway
    Gateway,
    /// `gateway.networking.k8s.io/v1` HTTPRoute
    HttpRoute,
    /// `gateway.networking.k8s.io/v1` GRPCRoute
    GrpcRoute,
    /// `gateway.networking.k8s.io/v1` TLSRoute
    TlsRoute,
    /// `gateway.networking.k8s.io/v1alpha2` TCPRoute
    TcpRoute,
    /// `gateway.networking.k8s.io/v1alpha2` UDPRoute
    UdpRoute,
    /// `k8s.ovn.org/v1` UserDefinedNetwork
    UserDefinedNetwork,
    /// `k8s.ovn.org/v1` ClusterUserDefinedNetwork
    ClusterUserDefinedNetwork,
    /// `k8s.cni.cncf.io/v1` NetworkAttachmentDefinition
    NetworkAttachmentDefinition,
    /// `kubevirt.io/v1` VirtualMachine
    VirtualMachine,
    /// `kubevirt.io/v1` VirtualMachineInstance
    VirtualMachineInstance,
    /// `v1` ResourceQuota
    ResourceQuota,
    /// `v1` LimitRange
    LimitRange,
    /// `v1` ConfigMap
    ConfigMap,
    /// `v1` Secret; its values are never read
    Secret,
    /// `admissionregistration.k8s.io/v1` ValidatingWebhookConfiguration
    ValidatingWebhookConfiguration,
    /// `admissionregistration.k8s.io/v1` ValidatingAdmissionPolicy
    ValidatingAdmissionPolicy,
    /// `admissionregistration.k8s.io/v1` ValidatingAdmissionPolicyBinding
    ValidatingAdmissionPolicyBinding,
}

/// How the API server names a kind.
#[derive(Clone, Copy, Debug)]
pub struct KindName {
    /// The kind itself.
    pub kind: Kind,
    /// The kind's word in `kind:`.
    pub name: &'static str,
    /// The API group; empty is the core group.
    pub group: &'static str,
    /// The version that is listed; documents of older versions of the same group are read too.
    pub version: &'static str,
    /// The plural used in paths and RBAC rules.
    pub resource: &'static str,
    /// Whether its objects live in a namespace.
    pub namespaced: bool,
    /// Whether it is a custom resource, which a cluster has only where somebody installed it.
    pub custom: bool,
}

const fn kind(
    kind: Kind,
    name: &'static str,
    group: &'static str,
    resource: &'static str,
    namespaced: bool,
) -> KindName {
    KindName { kind, name, group, version: "v1", resource, namespaced, custom: false }
}

const fn custom(
    kind: Kind,
    name: &'static str,
    group_version: (&'static str, &'static str),
    resource: &'static str,
    namespaced: bool,
) -> KindName {
    let (group, version) = group_version;
    KindName { kind, name, group, version, resource, namespaced, custom: true }
}

const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";
const POLICY: &str = "policy.networking.k8s.io";
const GATEWAY: &str = "gateway.networking.k8s.io";
const OVN: &str = "k8s.ovn.org";
const ATTACHMENT: &str = "k8s.cni.cncf.io";

/// Every kind, in the order of [`Kind`].
static KINDS: [KindName; 41] = [
    kind(Kind::Namespace, "Namespace", "", "namespaces", false),
    kind(Kind::Node, "Node", "", "nodes", false),
    kind(Kind::Pod, "Pod", "", "pods", true),
    kind(Kind::Deployment, "Deployment", "apps", "deployments", true),
    kind(Kind::StatefulSet, "StatefulSet", "apps", "statefulsets", true),
    kind(Kind::DaemonSet, "DaemonSet", "apps", "daemonsets", true),
    kind(Kind::ReplicaSet, "ReplicaSet", "apps", "replicasets", true),
    kind(Kind::ReplicationController, "ReplicationController", "", "replicationcontrollers", true),
    kind(Kind::Job, "Job", "batch", "jobs", true),
    kind(Kind::CronJob, "CronJob", "batch", "cronjobs", true),
    kind(Kind::ServiceAccount, "ServiceAccount", "", "serviceaccounts", true),
    kind(Kind::Role, "Role", RBAC, "roles", true),
    kind(Kind::ClusterRole, "ClusterRole", RBAC, "clusterroles", false),
    kind(Kind::RoleBinding, "RoleBinding", RBAC, "rolebindings", true),
    kind(Kind::ClusterRoleBinding, "ClusterRoleBinding", RBAC, "clusterrolebindings", false),
    kind(Kind::NetworkPolicy, "NetworkPolicy", "networking.k8s.io", "networkpolicies", true),
    custom(
        Kind::AdminNetworkPolicy,
        "AdminNetworkPolicy",
        (POLICY, "v1alpha1"),
        "adminnetworkpolicies",
        false,
    ),
    custom(
        Kind::BaselineAdminNetworkPolicy,
        "BaselineAdminNetworkPolicy",
        (POLICY, "v1alpha1"),
        "baselineadminnetworkpolicies",
        false,
    ),
    custom(
        Kind::ClusterNetworkPolicy,
        "ClusterNetworkPolicy",
        (POLICY, "v1alpha2"),
        "clusternetworkpolicies",
        false,
    ),
    custom(
        Kind::MultiNetworkPolicy,
        "MultiNetworkPolicy",
        (ATTACHMENT, "v1beta1"),
        "multi-networkpolicies",
        true,
    ),
    kind(Kind::Service, "Service", "", "services", true),
    kind(Kind::Ingress, "Ingress", "networking.k8s.io", "ingresses", true),
    custom(Kind::Route, "Route", ("route.openshift.io", "v1"), "routes", true),
    custom(Kind::Gateway, "Gateway", (GATEWAY, "v1"), "gateways", true),
    custom(Kind::HttpRoute, "HTTPRoute", (GATEWAY, "v1"), "httproutes", true),
    custom(Kind::GrpcRoute, "GRPCRoute", (GATEWAY, "v1"), "grpcroutes", true),
    custom(Kind::TlsRoute, "TLSRoute", (GATEWAY, "v1"), "tlsroutes", true),
    custom(Kind::TcpRoute, "TCPRoute", (GATEWAY, "v1alpha2"), "tcproutes", true),
    custom(Kind::UdpRoute, "UDPRoute", (GATEWAY, "v1alpha2"), "udproutes", true),
    custom(
        Kind::UserDefinedNetwork,
        "UserDefinedNetwork",
        (OVN, "v1"),
        "userdefinednetworks",
        true,
    ),
    custom(
        Kind::ClusterUserDefinedNetwork,
        "ClusterUserDefinedNetwork",
        (OVN, "v1"),
        "clusteruserdefinednetworks",
        false,
    ),
    custom(
        Kind::NetworkAttachmentDefinition,
        "NetworkAttachmentDefinition",
        (ATTACHMENT, "v1"),
        "network-attachment-definitions",
        true,
    ),
    custom(Kind::VirtualMachine, "VirtualMachine", ("kubevirt.io", "v1"), "virtualmachines", true),
    custom(
        Kind::VirtualMachineInstance,
        "VirtualMachineInstance",
        ("kubevirt.io", "v1"),
        "virtualmachineinstances",
        true,
    ),
    kind(Kind::ResourceQuota, "ResourceQuota", "", "resourcequotas", true),
    kind(Kind::LimitRange, "LimitRange", "", "limitranges", true),
    kind(Kind::ConfigMap, "ConfigMap", "", "configmaps", true),
    kind(Kind::Secret, "Secret", "", "secrets", true),
    kind(
        Kind::ValidatingWebhookConfiguration,
        "ValidatingWebhookConfiguration",
        ADMISSION,
        "validatingwebhookconfigurations",
        false,
    ),
    kind(
        Kind::ValidatingAdmissionPolicy,
        "ValidatingAdmissionPolicy",
        ADMISSION,
        "validatingadmissionpolicies",
        false,
    ),
    kind(
        Kind::ValidatingAdmissionPolicyBinding,
        "ValidatingAdmissionPolicyBinding",
        ADMISSION,
        "validatingadmissionpolicybindings",
        false,
    ),
];

impl Kind {
    /// Every kind and its names.
    pub fn all() -> &'static [KindName] {
        &KINDS
    }

    /// The kind of a document with this `apiVersion` group and `kind`.
    pub fn find(group: &str, name: &str) -> Option<Self> {
        KINDS.iter().find(|k| k.group == group && k.name == name).map(|k| k.kind)
    }

    /// The kind with this plural, such as `pods`, whatever its group.
    pub fn by_resource(resource: &str) -> Option<Self> {
        KINDS.iter().find(|k| k.resource == resource).map(|k| k.kind)
    }

    /// Whether its objects make pods, or are pods.
    pub fn makes_pods(self) -> bool {
        matches!(
            self,
            Self::Pod
                | Self::Deployment
                | Self::StatefulSet
                | Self::DaemonSet
                | Self::ReplicaSet
                | Self::ReplicationController
                | Self::Job
                | Self::CronJob
                | Self::VirtualMachine
                | Self::VirtualMachineInstance
        )
    }

    /// The kind's names.
    pub fn names(self) -> &'static KindName {
        // INVARIANT: KINDS is in the order of the enum; a test holds it.
        KINDS.get(self as usize).unwrap_or(&KINDS[0])
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.names().name)
    }
}

impl Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.names().name)
    }
}

/// What tells an object from all others of its cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ObjectKey {
    /// The object's kind.
    pub kind: Kind,
    /// The namespace; `None` for kinds that have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The object's name.
    pub name: String,
}

impl ObjectKey {
    /// The key of `kind` `name` in `namespace`.
    pub fn new(kind: Kind, namespace: Option<&str>, name: &str) -> Self {
        Self { kind, namespace: namespace.map(str::to_owned), name: name.to_owned() }
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{} {namespace}/{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

/// The metadata that every object has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Name; for an object that only has `generateName`, that prefix.
    pub name: String,
    /// Namespace; `default` where a namespaced document names none.
    pub namespace: Option<String>,
    /// The server's uid; absent from files.
    pub uid: Option<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Annotations, credentials replaced.
    pub annotations: BTreeMap<String, String>,
    /// The owner whose `controller` is true.
    pub controller: Option<Controller>,
    /// Where the object was read.
    pub origin: Origin,
}

/// The controlling owner of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Controller {
    /// The owner's API group; empty is the core group.
    pub group: String,
    /// The owner's kind, as written; it may be one the model does not know.
    pub kind: String,
    /// The owner's name.
    pub name: String,
}

/// A namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// Metadata.
    pub metadata: Metadata,
}

/// A Node object as the API server holds it; what is on the machine itself is a
/// [`Host`](crate::host::Host).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Metadata.
    pub metadata: Metadata,
    /// `status.nodeInfo.kubeletVersion`, as written.
    pub kubelet_version: Option<String>,
    /// `status.nodeInfo.kubeProxyVersion` or the container runtime's, as written.
    pub container_runtime: Option<String>,
    /// `status.nodeInfo.osImage`.
    pub os_image: Option<String>,
    /// `status.addresses` that are addresses of the IP.
    pub addresses: Box<[IpAddr]>,
}

/// A service account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccount {
    /// Metadata.
    pub metadata: Metadata,
    /// `automountServiceAccountToken`, where set.
    pub automount_token: Option<bool>,
}

/// A config map. Only values that cannot hold a credential are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigMap {
    /// Metadata.
    pub metadata: Metadata,
    /// Keys and values, credentials replaced.
    pub data: BTreeMap<String, String>,
}

/// A secret: that it exists, and the names of its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Metadata.
    pub metadata: Metadata,
    /// `type`, such as `kubernetes.io/tls`.
    pub secret_type: String,
    /// The names of its keys.
    pub keys: Vec<String>,
}

/// One converted object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    /// A namespace.
    Namespace(Namespace),
    /// A node.
    Node(Node),
    /// A pod that runs, or was written as such.
    Pod(Pod),
    /// Whatever makes pods from a template.
    Workload(Workload),
    /// A service account.
    ServiceAccount(ServiceAccount),
    /// A role or cluster role.
    Role(Role),
    /// A role binding or cluster role binding.
    Binding(Binding),
    /// A NetworkPolicy or MultiNetworkPolicy.
    NetworkPolicy(NetworkPolicy),
    /// A policy of a tier.
    TieredPolicy(TieredPolicy),
    /// A service.
    Service(Service),
    /// An Ingress or another route.
    Route(Route),
    /// A gateway.
    Gateway(Gateway),
    /// A network that a user defined.
    UserDefinedNetwork(UserDefinedNetwork),
    /// A network that pods ask for by name.
    NetworkAttachment(NetworkAttachment),
    /// A resource quota.
    ResourceQuota(ResourceQuota),
    /// A limit range.
    LimitRange(LimitRange),
    /// A config map.
    ConfigMap(ConfigMap),
    /// A secret, without its values.
    Secret(Secret),
    /// A set of validating webhooks.
    Webhooks(WebhookConfiguration),
    /// A validating admission policy.
    AdmissionPolicy(AdmissionPolicy),
    /// What puts a validating admission policy to work.
    AdmissionPolicyBinding(AdmissionPolicyBinding),
}

impl Object {
    /// The object's metadata.
    pub fn metadata(&self) -> &Metadata {
        match self {
            Self::Namespace(o) => &o.metadata,
            Self::Node(o) => &o.metadata,
            Self::Pod(o) => &o.metadata,
            Self::Workload(o) => &o.metadata,
            Self::ServiceAccount(o) => &o.metadata,
            Self::Role(o) => &o.metadata,
            Self::Binding(o) => &o.metadata,
            Self::NetworkPolicy(o) => &o.metadata,
            Self::TieredPolicy(o) => &o.metadata,
            Self::Service(o) => &o.metadata,
            Self::Route(o) => &o.metadata,
            Self::Gateway(o) => &o.metadata,
            Self::UserDefinedNetwork(o) => &o.metadata,
            Self::NetworkAttachment(o) => &o.metadata,
            Self::ResourceQuota(o) => &o.metadata,
            Self::LimitRange(o) => &o.metadata,
            Self::ConfigMap(o) => &o.metadata,
            Self::Secret(o) => &o.metadata,
            Self::Webhooks(o) => &o.metadata,
            Self::AdmissionPolicy(o) => &o.metadata,
            Self::AdmissionPolicyBinding(o) => &o.metadata,
        }
    }

    /// The object's kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Namespace(_) => Kind::Namespace,
            Self::Node(_) => Kind::Node,
            Self::Pod(_) => Kind::Pod,
            Self::Workload(o) => o.kind,
            Self::ServiceAccount(_) => Kind::ServiceAccount,
            Self::Role(o) => o.kind(),
            Self::Binding(o) => o.kind(),
            Self::NetworkPolicy(o) => o.kind,
            Self::TieredPolicy(o) => o.kind,
            Self::Service(_) => Kind::Service,
            Self::Route(o) => o.kind,
            Self::Gateway(_) => Kind::Gateway,
            Self::UserDefinedNetwork(o) => o.kind,
            Self::NetworkAttachment(_) => Kind::NetworkAttachmentDefinition,
            Self::ResourceQuota(_) => Kind::ResourceQuota,
            Self::LimitRange(_) => Kind::LimitRange,
            Self::ConfigMap(_) => Kind::ConfigMap,
            Self::Secret(_) => Kind::Secret,
            Self::Webhooks(_) => Kind::ValidatingWebhookConfiguration,
            Self::AdmissionPolicy(_) => Kind::ValidatingAdmissionPolicy,
            Self::AdmissionPolicyBinding(_) => Kind::ValidatingAdmissionPolicyBinding,
        }
    }

    /// What tells the object from all others.
    pub fn key(&self) -> ObjectKey {
        let metadata = self.metadata();
        ObjectKey::new(self.kind(), metadata.namespace.as_deref(), &metadata.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (at, entry) in Kind::all().iter().enumerate() {
            assert_eq!(entry.kind as usize, at, "{}", entry.name);
        }
    }
}
