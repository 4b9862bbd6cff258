//! The nodes: their objects, the stand-in for their kubelet, and ([`files`]) their files.

pub(crate) mod files;

use std::fmt;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::error::{Error, run};
use crate::kubeadm::version;
use crate::layout::{Layout, inside, write};
use crate::namespaces::Namespaces;
use crate::options::NodeSpec;

/// The mark by which kwok knows its nodes.
pub(crate) const FAKE: &str = "kwok.x-k8s.io/node";

/// The address of the node at a place in the list of nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address(pub(crate) u8);

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "10.0.0.{}", self.0)
    }
}

/// The Node object, as the kubelet registers it.
pub(crate) fn object(spec: &NodeSpec, address: Address) -> Result<Value, Error> {
    let arch = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
    let mut labels = json!({
        "beta.kubernetes.io/arch": arch,
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": arch,
        "kubernetes.io/hostname": spec.name,
        "kubernetes.io/os": "linux",
    });
    for (key, value) in &spec.labels {
        crate::options::merge(&mut labels, &json!({key: value}));
    }
    let taints: Vec<Value> =
        spec.taints.iter().map(|text| taint(text)).collect::<Result<_, _>>()?;
    Ok(json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": spec.name, "labels": labels, "annotations": {
            FAKE: "fake",
            "volumes.kubernetes.io/controller-managed-attach-detach": "true",
        }},
        "spec": {"taints": taints},
        "status": status(&spec.name, address, arch),
    }))
}

fn status(name: &str, address: Address, arch: &str) -> Value {
    let resources = json!({
        "cpu": "8", "memory": "32Gi", "ephemeral-storage": "100Gi", "hugepages-2Mi": "0", "pods": "110",
    });
    json!({
        "addresses": [
            {"type": "InternalIP", "address": address.to_string()},
            {"type": "Hostname", "address": name},
        ],
        "capacity": resources,
        "allocatable": resources,
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "nodeInfo": {
            "architecture": arch,
            "bootID": "", "machineID": "", "systemUUID": "",
            "containerRuntimeVersion": "containerd://2.2.1",
            "kernelVersion": "6.12.48+deb13-amd64",
            "kubeProxyVersion": "",
            "kubeletVersion": version(),
            "operatingSystem": "linux",
            "osImage": "Debian GNU/Linux 13 (trixie)",
        },
    })
}

fn taint(text: &str) -> Result<Value, Error> {
    let wrong = || Error::Options(format!("`{text}` is not a taint of the form key=value:Effect"));
    let (pair, effect) = text.rsplit_once(':').ok_or_else(wrong)?;
    Ok(match pair.split_once('=') {
        Some((key, value)) => json!({"key": key, "value": value, "effect": effect}),
        None => json!({"key": pair, "effect": effect}),
    })
}

/// Starts, on the node, the stand-in for its kubelet with the command line of the node's own unit.
pub(crate) fn start_kubelet(
    namespaces: &Namespaces,
    layout: &Layout,
    spec: &NodeSpec,
) -> Result<Child, Error> {
    let root = layout.node(&spec.name);
    let mut command = namespaces.command("kubelet");
    command
        .arg("--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf")
        .arg("--kubeconfig=/etc/kubernetes/kubelet.conf")
        .arg("--config=/var/lib/kubelet/config.yaml")
        .args(environment(&root, "/var/lib/kubelet/kubeadm-flags.env")?)
        .args(environment(&root, "/etc/default/kubelet")?);
    spawn(command, layout, &format!("kubelet-{}", spec.name))
}

/// Starts a program that lives as long as the cluster, its output in the cluster's log folder.
pub(crate) fn spawn(mut command: Command, layout: &Layout, name: &str) -> Result<Child, Error> {
    let log = layout.log_file(name)?;
    let twin = log.try_clone().map_err(Error::file("open", &layout.log()))?;
    command.stdin(Stdio::null()).stdout(twin).stderr(log);
    command.spawn().map_err(|source| Error::Start { command: name.to_owned(), source })
}

/// The arguments that an environment file of the kubelet's unit gives.
fn environment(root: &Path, file: &str) -> Result<Vec<String>, Error> {
    let path = inside(root, Path::new(file));
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        text => text.map_err(Error::file("read", &path))?,
    };
    let values = text.lines().filter_map(|line| line.split_once('=')).map(|(_, value)| value);
    Ok(values
        .flat_map(|value| value.trim_matches('"').split_ascii_whitespace())
        .map(str::to_owned)
        .collect())
}

/// Registers a node; the credential is the administrator's, for a kubelet may not choose labels
/// and taints freely.
pub(crate) fn register(
    namespaces: &Namespaces,
    layout: &Layout,
    spec: &NodeSpec,
    address: Address,
) -> Result<(), Error> {
    let file = layout.base().join(format!("{}.json", spec.name));
    write(&file, object(spec, address)?.to_string(), 0o600)?;
    let mut command = namespaces.command("kubectl");
    command.arg("--kubeconfig=/etc/kubernetes/super-admin.conf").args(["create", "-f"]).arg(&file);
    run(&mut command).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taints_have_values_or_none() {
        let spec = NodeSpec::worker("w").taint("pool=secure:NoSchedule").taint("gpu:NoExecute");
        let node = object(&spec, Address(11)).unwrap();
        assert_eq!(
            node["spec"]["taints"],
            json!([
                {"key": "pool", "value": "secure", "effect": "NoSchedule"},
                {"key": "gpu", "effect": "NoExecute"},
            ])
        );
        assert!(taint("no-effect").is_err());
    }
}
