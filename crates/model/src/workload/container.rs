//! One container of a pod.

use super::security::Security;
use crate::network::Protocol;
use crate::origin::FieldPath;

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
    /// `imagePullPolicy`, where set.
    pub pull_policy: Option<PullPolicy>,
    /// `command`, credentials replaced.
    pub command: Vec<String>,
    /// `args`, credentials replaced.
    pub args: Vec<String>,
    /// Environment variables with a literal value, credentials replaced.
    pub environment: Vec<(String, String)>,
    /// Environment variables whose value is a Secret's.
    pub secret_variables: Box<[SecretVariable]>,
    /// `securityContext`, where set.
    pub security: Option<Box<Security>>,
    /// What it asks for and is held to.
    pub resources: Resources,
    /// How the kubelet asks for its health.
    pub probes: Probes,
    /// An init container that goes on running beside the ordinary ones (`restartPolicy: Always`).
    pub is_sidecar: bool,
    /// The ports that it tells of, in the order of the document. It may listen on others too.
    pub ports: Box<[ContainerPort]>,
    /// The ports that it takes of its node.
    pub host_ports: Box<[HostPort]>,
    /// The mounts of volumes that are a path of the node; the others nothing is asked of.
    pub host_mounts: Box<[HostMount]>,
    /// The hosts that probes and lifecycle handlers name: the kubelet connects to them.
    pub handler_hosts: Box<[HandlerHost]>,
}

impl Container {
    /// The container's path below the pod's spec at `spec`.
    pub fn path(&self, spec: &FieldPath) -> FieldPath {
        spec.key(self.list.field()).index(self.index)
    }

    /// `securityContext`, or what its absence amounts to.
    pub fn security(&self) -> &Security {
        static NONE: Security = Security::NONE;
        self.security.as_deref().unwrap_or(&NONE)
    }
}

/// When an image is pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PullPolicy {
    /// Before each start, which asks the registry whether the pod's credentials reach it.
    Always,
    /// Where the node does not have it.
    IfNotPresent,
    /// Never.
    Never,
}

/// A variable, or all variables of one `envFrom`, with values of a Secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretVariable {
    /// The variable's name; `None` for `envFrom`, which takes every key of the Secret.
    pub name: Option<Box<str>>,
    /// The Secret's name.
    pub secret: Box<str>,
    /// The index in `env`, or in `envFrom` where there is no name.
    pub index: u32,
}

impl SecretVariable {
    /// The path of the reference below the container at `container`.
    pub fn path(&self, container: &FieldPath) -> FieldPath {
        let index = self.index as usize;
        match self.name {
            Some(_) => container.key("env").index(index).key("valueFrom").key("secretKeyRef"),
            None => container.key("envFrom").index(index).key("secretRef"),
        }
    }
}

/// `resources`: which amounts are set, to something other than zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// `requests`; what is limited and not requested is requested to its limit.
    pub requests: Amounts,
    /// `limits`
    pub limits: Amounts,
}

/// The amounts that are set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// `cpu`
    pub cpu: bool,
    /// `memory`
    pub memory: bool,
    /// `ephemeral-storage`
    pub ephemeral_storage: bool,
}

/// The probes that are set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Probes {
    /// `livenessProbe`
    pub liveness: bool,
    /// `readinessProbe`
    pub readiness: bool,
    /// `startupProbe`
    pub startup: bool,
}

/// A port that a container tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerPort {
    /// Its name, by which policies and services may call it.
    pub name: Option<Box<str>>,
    /// Its protocol.
    pub protocol: Protocol,
    /// Its number.
    pub port: u16,
}

/// A port of the node that a container takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    /// Its index in `ports`.
    pub index: usize,
    /// `hostPort`, as written; never 0.
    pub port: i32,
    /// `hostIP`, where set.
    pub ip: Option<Box<str>>,
}

/// Where a container sees a path of its node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostMount {
    /// Its index in `volumeMounts`.
    pub index: usize,
    /// The volume's name.
    pub volume: Box<str>,
    /// The path in the container.
    pub path: Box<str>,
    /// Whether it may only be read.
    pub read_only: bool,
}

/// A host that a probe or lifecycle handler names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandlerHost {
    /// The field below the container, such as `livenessProbe.httpGet.host`.
    pub field: &'static str,
    /// The host; never empty.
    pub host: Box<str>,
}
