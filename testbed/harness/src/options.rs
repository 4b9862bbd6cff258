//! What a test wants of its cluster.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

/// A cluster to start. [`Options::default`] is one control-plane node and one worker, as
/// `kubeadm init` and `kubeadm join` leave them.
#[derive(Debug, Clone)]
pub struct Options {
    /// The nodes; exactly one is of the control plane.
    pub nodes: Vec<NodeSpec>,
    /// Merged (as a JSON merge patch) into kubeadm's `ClusterConfiguration`.
    pub cluster_configuration: Value,
    /// Merged into the `KubeletConfiguration` that kubeadm gives to all nodes.
    pub kubelet_configuration: Value,
    /// Files of kubeadm's patches folder: name (`kube-apiserver0+json.json`) and text.
    pub patches: Vec<(String, String)>,
    /// More absolute paths of folders that the cluster has to itself (and that are therefore
    /// seen under its root), beside those that Kubernetes uses.
    pub private: Vec<PathBuf>,
    /// Whether the components run. Without, only files are made: no API server answers.
    pub run_static_pods: bool,
    /// Whether kubeadm's later phases run: uploaded configuration, bootstrap tokens and add-ons.
    pub finish_kubeadm: bool,
    /// The first pause before a component that ended twice is started again; it doubles up to
    /// thirty times this. The kubelet has ten seconds.
    pub restart_back_off: Duration,
    /// The longest time a component gets to end by itself, if its manifest gives it more. The
    /// kubelet gives thirty seconds, and an API server with open watches takes all of them.
    pub grace_period: Duration,
    /// How often the whole manifest folder is listed again, beside single changes, which are
    /// seen within a second. The kubelet has twenty seconds.
    pub file_check: Duration,
    /// How long the cluster may take to get ready.
    pub deadline: Duration,
    /// Leave the cluster's folder behind, to be looked at.
    pub keep: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            nodes: vec![NodeSpec::control_plane("cp-1"), NodeSpec::worker("worker-1")],
            cluster_configuration: json!({}),
            kubelet_configuration: json!({}),
            patches: Vec::new(),
            private: Vec::new(),
            run_static_pods: true,
            finish_kubeadm: true,
            restart_back_off: Duration::from_secs(1),
            grace_period: Duration::from_secs(5),
            file_check: Duration::from_secs(2),
            deadline: Duration::from_secs(180),
            keep: false,
        }
    }
}

impl Options {
    /// Adds `--name=value` to the API server, through kubeadm's `extraArgs`.
    #[must_use]
    pub fn api_server_arg(self, name: &str, value: &str) -> Self {
        self.extra("apiServer", "extraArgs", json!({"name": name, "value": value}))
    }

    /// Adds a file or folder of the host to the API server's pod, through kubeadm's
    /// `extraVolumes`; `kind` is a type of hostPath such as `File` or `DirectoryOrCreate`.
    #[must_use]
    pub fn api_server_volume(self, name: &str, path: &str, kind: &str, read_only: bool) -> Self {
        let volume = json!({
            "name": name, "hostPath": path, "mountPath": path,
            "pathType": kind, "readOnly": read_only,
        });
        self.extra("apiServer", "extraVolumes", volume)
    }

    /// Lays a file on the control-plane node before kubeadm runs.
    #[must_use]
    pub fn file(mut self, path: &str, mode: u32, text: &str) -> Self {
        for node in self.nodes.iter_mut().filter(|node| node.control_plane) {
            node.files.push(NodeFile::new(path, mode, text));
        }
        self
    }

    fn extra(mut self, component: &str, list: &str, entry: Value) -> Self {
        let mut entries = match self.cluster_configuration.pointer(&format!("/{component}/{list}"))
        {
            Some(Value::Array(there)) => there.clone(),
            _ => Vec::new(),
        };
        entries.push(entry);
        merge(&mut self.cluster_configuration, &json!({component: {list: entries}}));
        self
    }
}

/// A node to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSpec {
    /// Its name, also its host name.
    pub name: String,
    /// Labels beside those that kubelet and kubeadm set.
    pub labels: Vec<(String, String)>,
    /// Taints beside those that kubeadm sets: `key=value:Effect` or `key:Effect`.
    pub taints: Vec<String>,
    /// Whether the control plane runs here.
    pub control_plane: bool,
    /// Files laid on it before kubeadm runs.
    pub files: Vec<NodeFile>,
}

/// A file of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeFile {
    /// Absolute path on the node.
    pub path: PathBuf,
    /// Permissions.
    pub mode: u32,
    /// Content.
    pub text: String,
}

impl NodeFile {
    /// A file to be.
    #[must_use]
    pub fn new(path: &str, mode: u32, text: &str) -> Self {
        Self { path: path.into(), mode, text: text.to_owned() }
    }
}

impl NodeSpec {
    /// A control-plane node.
    #[must_use]
    pub fn control_plane(name: &str) -> Self {
        Self { control_plane: true, ..Self::worker(name) }
    }

    /// A worker.
    #[must_use]
    pub fn worker(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            labels: Vec::new(),
            taints: Vec::new(),
            control_plane: false,
            files: Vec::new(),
        }
    }

    /// The same node with one more label.
    #[must_use]
    pub fn label(mut self, key: &str, value: &str) -> Self {
        self.labels.push((key.to_owned(), value.to_owned()));
        self
    }

    /// The same node with one more file.
    #[must_use]
    pub fn file(mut self, path: &str, mode: u32, text: &str) -> Self {
        self.files.push(NodeFile::new(path, mode, text));
        self
    }

    /// The same node with one more taint.
    #[must_use]
    pub fn taint(mut self, taint: &str) -> Self {
        self.taints.push(taint.to_owned());
        self
    }
}

/// A JSON merge patch (RFC 7396).
pub(crate) fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    let Value::Object(fields) = target else { return };
    for (key, change) in changes {
        if change.is_null() {
            fields.remove(key);
        } else {
            merge(fields.entry(key.clone()).or_insert(Value::Null), change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_add_up() {
        let options =
            Options::default().api_server_arg("v", "4").api_server_arg("profiling", "false");
        assert_eq!(
            options.cluster_configuration,
            json!({"apiServer": {"extraArgs": [
                {"name": "v", "value": "4"},
                {"name": "profiling", "value": "false"},
            ]}})
        );
    }
}
