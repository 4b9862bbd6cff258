//! What kubeadm is asked to do: everything `kubeadm init` does, but in phases, for between them
//! the components have to be started by us.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::error::{Error, run};
use crate::layout::{Layout, inside, write};
use crate::namespaces::Namespaces;
use crate::node::Address;
use crate::options::{Options, merge};

/// kubeadm's patches folder, when there are patches.
const PATCHES: &str = "/etc/kubernetes/patches";

/// kubeadm, its configuration written.
#[derive(Debug)]
pub(crate) struct Kubeadm<'a> {
    namespaces: &'a Namespaces,
    config: PathBuf,
}

impl<'a> Kubeadm<'a> {
    pub(crate) fn configure(
        namespaces: &'a Namespaces,
        layout: &Layout,
        options: &Options,
        node: &str,
        address: Address,
    ) -> Result<Self, Error> {
        let root = layout.node(node);
        for (name, text) in &options.patches {
            write(&inside(&root, PATCHES.as_ref()).join(name), text, 0o600)?;
        }
        let config = layout.base().join("kubeadm.yaml");
        let documents = [
            init_configuration(node, address, !options.patches.is_empty()),
            cluster_configuration(options),
            kubelet_configuration(options),
        ];
        // Every JSON text is a YAML text.
        let text: Vec<String> =
            documents.iter().map(|document| format!("{document:#}\n")).collect();
        write(&config, text.join("---\n"), 0o600)?;
        Ok(Self { namespaces, config })
    }

    /// Certificates, kubeconfigs, the kubelet's files and the manifests.
    pub(crate) fn write_files(&self) -> Result<(), Error> {
        self.phase(&["certs", "all"])?;
        self.phase(&["kubeconfig", "all"])?;
        self.phase(&["kubelet-start"])?;
        self.phase(&["control-plane", "all"])?;
        self.phase(&["etcd", "local"])
    }

    /// What is left once the API server answers. The first of these phases also binds
    /// `admin.conf` to `cluster-admin`.
    pub(crate) fn finish(&self) -> Result<(), Error> {
        self.phase(&["upload-config", "all"])?;
        self.phase(&["mark-control-plane"])?;
        self.phase(&["bootstrap-token"])?;
        self.phase(&["addon", "all"])
    }

    /// The kubeconfig of a kubelet, with its certificate inside.
    pub(crate) fn kubelet_conf(&self, node: &str) -> Result<Vec<u8>, Error> {
        let mut command = self.namespaces.command("kubeadm");
        command
            .args(["kubeconfig", "user", "--org", "system:nodes", "--client-name"])
            .arg(format!("system:node:{node}"))
            .arg("--config")
            .arg(&self.config);
        Ok(run(&mut command)?.stdout)
    }

    fn phase(&self, words: &[&str]) -> Result<(), Error> {
        let mut command = self.namespaces.command("kubeadm");
        command.args(["init", "phase"]).args(words).arg("--config").arg(&self.config);
        run(&mut command).map(drop)
    }
}

fn init_configuration(node: &str, address: Address, patched: bool) -> Value {
    let mut value = json!({
        "apiVersion": "kubeadm.k8s.io/v1beta4",
        "kind": "InitConfiguration",
        "localAPIEndpoint": {"advertiseAddress": address.to_string(), "bindPort": 6443},
        "nodeRegistration": {
            "name": node,
            "criSocket": "unix:///run/containerd/containerd.sock",
        },
    });
    if patched {
        merge(&mut value, &json!({"patches": {"directory": PATCHES}}));
    }
    value
}

fn cluster_configuration(options: &Options) -> Value {
    let mut value = json!({
        "apiVersion": "kubeadm.k8s.io/v1beta4",
        "kind": "ClusterConfiguration",
        "clusterName": "kubernetes",
        // Given, so that kubeadm asks nobody for the newest.
        "kubernetesVersion": version(),
        "networking": {"podSubnet": "10.244.0.0/16", "serviceSubnet": "10.96.0.0/12"},
    });
    merge(&mut value, &options.cluster_configuration);
    value
}

fn kubelet_configuration(options: &Options) -> Value {
    let mut value = json!({
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
    });
    merge(&mut value, &options.kubelet_configuration);
    value
}

/// The Kubernetes version of the binaries: `v1.37.2`.
pub(crate) fn version() -> String {
    let name = include_str!("../../VERSION");
    let version = name.trim().strip_prefix("kubernetes-").unwrap_or(name);
    format!("v{}", version.split('_').next().unwrap_or(version))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_version_is_read_from_the_name_of_the_build() {
        assert!(super::version().starts_with("v1."), "{}", super::version());
        assert_eq!(super::version().split('.').count(), 3);
    }
}
