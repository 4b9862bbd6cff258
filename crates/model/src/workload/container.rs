//! One container of a pod.

use super::security::Security;
use super::volume::Reference;
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
    /// Environment variables whose value is a Secret's or a config map's.
    pub variables: Box<[Variable]>,
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

/// A variable, or all variables of one `envFrom`, with values of a Secret or a config map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// The variable's name; `None` for `envFrom`, which takes every key.
    pub name: Option<Box<str>>,
    /// Whose values.
    pub of: Reference,
    /// The index in `env`, or in `envFrom` where there is no name.
    pub index: u32,
}

impl Variable {
    /// The Secret's name, where it is one's.
    pub fn secret(&self) -> Option<&str> {
        match &self.of {
            Reference::Secret(name) => Some(name),
            Reference::ConfigMap(_) => None,
        }
    }

    /// The path of the reference below the container at `container`.
    pub fn path(&self, container: &FieldPath) -> FieldPath {
        let index = self.index as usize;
        let (single, whole) = match self.of {
            Reference::Secret(_) => ("secretKeyRef", "secretRef"),
            Reference::ConfigMap(_) => ("configMapKeyRef", "configMapRef"),
        };
        match self.name {
            Some(_) => container.key("env").index(index).key("valueFrom").key(single),
            None => container.key("envFrom").index(index).key(whole),
        }
    }
}

/// `resources`: the amounts that are set, to something other than zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// `requests`; what is limited and not requested is requested to its limit.
    pub requests: Amounts,
    /// `limits`
    pub limits: Amounts,
}

/// Amounts; zero is what is not set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// `cpu` in thousandths, rounded up, as the API server does.
    pub cpu: u32,
    /// Whether `ephemeral-storage` is set.
    pub ephemeral_storage: bool,
    /// `memory` in bytes, rounded up.
    pub memory: u64,
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
