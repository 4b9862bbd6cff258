//! How a node was laid out: which installer or provider put Kubernetes there.
//!
//! Enters: the facts of a node's machine and its Node object. Leaves: one [`Layout`]. Always holds:
//! a layout is told from facts alone (files, processes, labels, version suffixes), never from a
//! wish; what tells nothing is [`Layout::Unknown`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::host::Host;
use crate::object::Node;

/// Who laid a node out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// kubeadm, and what keeps to its paths.
    Kubeadm,
    /// k3s: one process that holds every component.
    K3s,
    /// RKE2: static pods and a kubelet under one supervisor.
    Rke2,
    /// Talos: an immutable system without a shell.
    Talos,
    /// Amazon EKS: the control plane is the provider's.
    Eks,
    /// Google GKE: the control plane is the provider's.
    Gke,
    /// Azure AKS: the control plane is the provider's.
    Aks,
    /// Nothing tells.
    Unknown,
}

impl Layout {
    /// Every layout.
    pub const ALL: [Self; 8] = [
        Self::Kubeadm,
        Self::K3s,
        Self::Rke2,
        Self::Talos,
        Self::Eks,
        Self::Gke,
        Self::Aks,
        Self::Unknown,
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Kubeadm => "kubeadm",
            Self::K3s => "k3s",
            Self::Rke2 => "rke2",
            Self::Talos => "talos",
            Self::Eks => "eks",
            Self::Gke => "gke",
            Self::Aks => "aks",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the provider runs the control plane, out of its users' sight.
    pub fn is_managed(self) -> bool {
        matches!(self, Self::Eks | Self::Gke | Self::Aks)
    }

    /// The layout that the facts of a machine and its Node object tell.
    pub fn of(host: Option<&Host>, node: Option<&Node>) -> Self {
        node.and_then(by_node).or_else(|| host.and_then(by_host)).unwrap_or(Self::Unknown)
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Labels that only the provider's own nodes carry, and the suffixes of their kubelets' versions.
fn by_node(node: &Node) -> Option<Layout> {
    let labelled = |prefix: &str| node.metadata.labels.keys().any(|key| key.starts_with(prefix));
    let version = node.kubelet_version.as_deref().unwrap_or_default();
    let image = node.os_image.as_deref().unwrap_or_default();
    if labelled("eks.amazonaws.com/") || version.contains("-eks-") {
        Some(Layout::Eks)
    } else if labelled("cloud.google.com/gke-") || version.contains("-gke.") {
        Some(Layout::Gke)
    } else if labelled("kubernetes.azure.com/") {
        Some(Layout::Aks)
    } else if version.contains("+rke2") {
        Some(Layout::Rke2)
    } else if version.contains("+k3s") {
        Some(Layout::K3s)
    } else if image.starts_with("Talos") {
        Some(Layout::Talos)
    } else {
        None
    }
}

/// Files and processes that only one layout has.
fn by_host(host: &Host) -> Option<Layout> {
    let runs = |program: &str| host.processes.iter().any(|process| process.program() == program);
    let holds = |folder: &str| {
        let below = host.files.range(format!("{folder}/")..).next();
        below.is_some_and(|(path, _)| path.starts_with(folder))
    };
    let release = host.file("/etc/os-release").and_then(|file| file.content.as_deref());
    let is_talos =
        |text: &str| text.lines().any(|line| line == "ID=talos" || line == "ID=\"talos\"");
    if release.is_some_and(is_talos) {
        Some(Layout::Talos)
    } else if runs("rke2") || holds("/var/lib/rancher/rke2") {
        Some(Layout::Rke2)
    } else if runs("k3s") || holds("/var/lib/rancher/k3s") {
        Some(Layout::K3s)
    } else if host.file("/var/lib/kubelet/kubeadm-flags.env").is_some()
        || host.file("/etc/kubernetes/manifests/kube-apiserver.yaml").is_some()
    {
        Some(Layout::Kubeadm)
    } else {
        None
    }
}
