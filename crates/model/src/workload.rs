//! Pods, and what makes them.
//!
//! A cluster has a hundred thousand of them: what few pods have is boxed, and of what many have only
//! that is kept which a question is asked of.

mod container;
mod security;
mod volume;

use std::collections::BTreeMap;
use std::net::IpAddr;

pub use container::{
    Amounts, Container, ContainerList, ContainerPort, HandlerHost, HostMount, HostPort, Probes,
    PullPolicy, Resources, Variable,
};
pub use security::{PodSecurity, Profile, SeLinux, Security};
pub use volume::{Reference, Volume, VolumeSource};

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
    /// `status.podIPs`; empty where it has none yet, or where a file tells no status.
    pub addresses: Box<[IpAddr]>,
}

impl Pod {
    /// The annotation by which the kubelet marks the API server's copy of a static pod.
    pub const MIRROR: &'static str = "kubernetes.io/config.mirror";

    /// Whether this is the API server's copy of a static pod.
    pub fn is_mirror(&self) -> bool {
        self.metadata.annotations.contains_key(Self::MIRROR)
    }
}

/// A Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job or CronJob; or a virtual
/// machine, whose spec then holds nothing but its service account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    /// Which of them.
    pub kind: Kind,
    /// Metadata; its `controller` is set where another workload made this one.
    pub metadata: Metadata,
    /// The labels its pods get.
    pub pod_labels: BTreeMap<String, String>,
    /// The annotations its pods get, credentials replaced.
    pub pod_annotations: BTreeMap<String, String>,
    /// The template's pod.
    pub spec: PodSpec,
    /// The claims that a StatefulSet makes for each of its pods, by name.
    pub claims: Box<[Box<str>]>,
    /// `spec.replicas` where the kind has it; 0 makes no pods.
    pub replicas: Option<u32>,
}

impl Workload {
    /// Where the pod's spec is found in the workload's document.
    pub fn spec_path(&self) -> FieldPath {
        FieldPath::of(match self.kind {
            Kind::CronJob => "spec.jobTemplate.spec.template.spec",
            Kind::VirtualMachineInstance => "spec",
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
    pub node_name: Option<Box<str>>,
    /// Shares the node's network.
    pub host_network: bool,
    /// Sees the node's processes.
    pub host_pid: bool,
    /// Shares the node's inter-process communication.
    pub host_ipc: bool,
    /// `hostUsers`, where set; `false` gives the pod a user namespace of its own.
    pub host_users: Option<bool>,
    /// `os.name` is `windows`.
    pub is_windows: bool,
    /// When its containers are started again.
    pub restart_policy: RestartPolicy,
    /// `priorityClassName`, where set.
    pub priority_class: Option<Box<str>>,
    /// `securityContext`, where set.
    pub security: Option<Box<PodSecurity>>,
    /// The Secrets by which its images are pulled, beside those of its service account.
    pub pull_secrets: Box<[Box<str>]>,
    /// Its volumes, in the order of the document.
    pub volumes: Box<[Volume]>,
    /// The config maps that its containers and volumes take, by name and key; none twice.
    pub config_maps: Box<[ConfigMapReference]>,
    /// The containers of all three lists: init, ordinary, ephemeral; in that order.
    pub containers: Vec<Container>,
}

impl PodSpec {
    /// `securityContext`, or what its absence amounts to.
    pub fn security(&self) -> &PodSecurity {
        static NONE: PodSecurity = PodSecurity::NONE;
        self.security.as_deref().unwrap_or(&NONE)
    }
}

/// A config map that a pod takes, whole or one key of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigMapReference {
    /// The config map's name.
    pub name: Box<str>,
    /// The key; `None` where all of them are taken.
    pub key: Option<Box<str>>,
}

/// When the kubelet starts a pod's containers again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum RestartPolicy {
    /// Whenever they end.
    #[default]
    Always,
    /// When they fail.
    OnFailure,
    /// Never.
    Never,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 150,000 pods of two containers are held at once.
    #[test]
    fn what_every_pod_has_is_small() {
        assert!(size_of::<PodSpec>() <= 144, "{}", size_of::<PodSpec>());
        assert!(size_of::<Container>() <= 256, "{}", size_of::<Container>());
        assert!(size_of::<Security>() <= 160, "{}", size_of::<Security>());
        assert!(size_of::<Volume>() <= 40, "{}", size_of::<Volume>());
    }
}
