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

/// Files and processes that only one layout has. What belongs to one distribution alone comes
/// before kubeadm's paths, to which others keep too.
fn by_host(host: &Host) -> Option<Layout> {
    let runs = |program: &str| host.processes.iter().any(|process| process.program() == program);
    let holds = |path: &str| host.file(path).is_some() || host.below(path).next().is_some();
    let unit = |name: &str| {
        let folders =
            ["/etc/systemd/system", "/usr/lib/systemd/system", "/usr/local/lib/systemd/system"];
        folders.iter().any(|folder| holds(&format!("{folder}/{name}.service")))
    };
    let rancher = |name: &str| {
        runs(name)
            || holds(&format!("/var/lib/rancher/{name}"))
            || holds(&format!("/etc/rancher/{name}"))
            || [name, &format!("{name}-server"), &format!("{name}-agent")].iter().any(|n| unit(n))
    };
    let system = release_field(host, "ID").unwrap_or_default();
    // Bottlerocket for EKS tells its variant: `aws-k8s-1.34`.
    let variant = release_field(host, "VARIANT_ID").unwrap_or_default();
    if system == "talos" {
        Some(Layout::Talos)
    } else if rancher("rke2") {
        Some(Layout::Rke2)
    } else if rancher("k3s") {
        Some(Layout::K3s)
    } else if holds("/etc/eks") || variant.starts_with("aws-k8s") {
        Some(Layout::Eks)
    } else if holds("/etc/kubernetes/azure.json") {
        Some(Layout::Aks)
    } else if system == "cos" && starts_from(host, "/home/kubernetes/") {
        Some(Layout::Gke)
    } else if holds("/var/lib/kubelet/kubeadm-flags.env")
        || holds("/etc/kubernetes/manifests/kube-apiserver.yaml")
    {
        Some(Layout::Kubeadm)
    } else {
        None
    }
}

/// Whether a process of the machine was started from below `folder`.
fn starts_from(host: &Host, folder: &str) -> bool {
    let mut programs = host.processes.iter().filter_map(|process| process.args.first());
    programs.any(|program| program.starts_with(folder))
}

/// A field of the system's own account of itself (os-release(5)).
fn release_field<'h>(host: &'h Host, name: &str) -> Option<&'h str> {
    let text = ["/etc/os-release", "/usr/lib/os-release"]
        .iter()
        .find_map(|path| host.file(path)?.content.as_deref())?;
    let field = |line: &'h str| line.strip_prefix(name)?.strip_prefix('=');
    Some(text.lines().find_map(field)?.trim_matches(['"', '\'']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::{File, FileType, HostFact, Process};

    fn file(path: &str, content: Option<&str>) -> HostFact {
        HostFact::File(File {
            path: path.to_owned(),
            file_type: FileType::File,
            mode: 0o644,
            uid: 0,
            gid: 0,
            user: None,
            group: None,
            size: 0,
            target: None,
            content: content.map(str::to_owned),
            unread: None,
        })
    }

    fn process(program: &str) -> HostFact {
        HostFact::Process(Process {
            pid: Some(1),
            args: vec![program.to_owned()],
            environment: std::collections::BTreeMap::new(),
            file: None,
        })
    }

    #[test]
    fn a_machine_tells_who_laid_it_out() {
        let release = |text| file("/usr/lib/os-release", Some(text));
        let kubeadm = || file("/var/lib/kubelet/kubeadm-flags.env", None);
        for (facts, layout) in [
            (vec![kubeadm()], Layout::Kubeadm),
            (vec![file("/etc/systemd/system/k3s-agent.service", None)], Layout::K3s),
            (vec![file("/etc/rancher/rke2/config.yaml", None)], Layout::Rke2),
            (vec![process("/usr/local/bin/k3s")], Layout::K3s),
            (vec![release("NAME=Talos\nID=talos\n"), kubeadm()], Layout::Talos),
            (vec![release("ID=bottlerocket\nVARIANT_ID=aws-k8s-1.34\n")], Layout::Eks),
            (vec![release("ID=bottlerocket\nVARIANT_ID=vmware-k8s-1.34\n")], Layout::Unknown),
            (
                vec![
                    release("ID=\"amzn\"\n"),
                    file("/etc/eks/image-credential-provider/config.json", None),
                ],
                Layout::Eks,
            ),
            (vec![file("/etc/kubernetes/azure.json", None)], Layout::Aks),
            (vec![release("ID=cos\n"), process("/home/kubernetes/bin/kubelet")], Layout::Gke),
            (vec![release("ID=flatcar\n"), kubeadm()], Layout::Kubeadm),
            (vec![release("ID=debian\n")], Layout::Unknown),
        ] {
            let mut host = Host::default();
            let told = format!("{facts:?}");
            facts.into_iter().for_each(|fact| host.apply(fact));
            assert_eq!(Layout::of(Some(&host), None), layout, "{told}");
        }
    }
}
