//! Pods, and what makes them.

use crate::object::{Kind, Metadata};
use crate::origin::FieldPath;

/// A pod that runs, or was written as a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pod {
    /// Metadata; its `controller` is what made the pod.
    pub metadata: Metadata,
    /// What the pod asks for.
    pub spec: PodSpec,
    /// Whether it has finished (`Succeeded` or `Failed`).
    pub finished: bool,
}

impl Pod {
    /// The annotation by which the kubelet marks the API server's copy of a static pod.
    pub const MIRROR: &'static str = "kubernetes.io/config.mirror";

    /// Whether this is the API server's copy of a static pod.
    pub fn is_mirror(&self) -> bool {
        self.metadata.annotations.contains_key(Self::MIRROR)
    }
}

/// A Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job or CronJob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    /// Which of them.
    pub kind: Kind,
    /// Metadata; its `controller` is set where another workload made this one.
    pub metadata: Metadata,
    /// The labels its pods get.
    pub pod_labels: std::collections::BTreeMap<String, String>,
    /// The template's pod.
    pub spec: PodSpec,
    /// `spec.replicas` where the kind has it; 0 makes no pods.
    pub replicas: Option<u32>,
}

impl Workload {
    /// Where the pod's spec is found in the workload's document.
    pub fn spec_path(&self) -> FieldPath {
        FieldPath::of(match self.kind {
            Kind::CronJob => "spec.jobTemplate.spec.template.spec",
            _ => "spec.template.spec",
        })
    }
}

/// What a pod asks for, as far as a question is asked of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodSpec {
    /// The service account's name; `default` where none is written.
    pub service_account: String,
    /// `automountServiceAccountToken`, where set; it wins over the service account's.
    pub automount_token: Option<bool>,
    /// `nodeName`, where set.
    pub node_name: Option<String>,
    /// Shares the node's network.
    pub host_network: bool,
    /// The containers of all three lists: init, ordinary, ephemeral; in that order.
    pub containers: Vec<Container>,
}

/// The list of a pod that holds a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContainerList {
    /// `initContainers`
    Init,
    /// `containers`
    Ordinary,
    /// `ephemeralContainers`
    Ephemeral,
}

impl ContainerList {
    /// The field's name.
    pub fn field(self) -> &'static str {
        match self {
            Self::Init => "initContainers",
            Self::Ordinary => "containers",
            Self::Ephemeral => "ephemeralContainers",
        }
    }
}

/// One container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// The list that holds it.
    pub list: ContainerList,
    /// Its index in that list.
    pub index: usize,
    /// Its image, as written.
    pub image: String,
    /// `command`, credentials replaced.
    pub command: Vec<String>,
    /// `args`, credentials replaced.
    pub args: Vec<String>,
    /// Environment variables with a literal value, credentials replaced.
    pub environment: Vec<(String, String)>,
    /// `securityContext.privileged`, where set.
    pub privileged: Option<bool>,
}

impl Container {
    /// The container's path below the pod's spec at `spec`.
    pub fn path(&self, spec: &FieldPath) -> FieldPath {
        spec.key(self.list.field()).index(self.index)
    }
}
