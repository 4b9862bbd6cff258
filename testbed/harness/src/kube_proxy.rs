//! The processes of kube-proxy, which kwok runs in name only.
//!
//! Enters: the pods of the add-on. Leaves: on each node a process with the pod's command line and
//! its configuration mounted as the kubelet mounts a ConfigMap, so that whoever looks at processes
//! finds what a real node shows.

use std::path::Path;
use std::process::Child;

use serde_json::Value;

use crate::binaries::Binaries;
use crate::error::Error;
use crate::layout::{Layout, inside, write};
use crate::namespaces::Namespaces;
use crate::node::spawn;
use crate::rootfs::{self, Mount};

/// Where the container has its configuration.
const CONFIG: &str = "/var/lib/kube-proxy";

/// Starts the process of `pod` on its node, with the files of `config_map`.
pub(crate) fn start(
    namespaces: &Namespaces,
    layout: &Layout,
    binaries: &Binaries,
    pod: &Value,
    config_map: &Value,
) -> Result<Child, Error> {
    let text = |pointer| pod.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (node, uid) = (text("/spec/nodeName"), text("/metadata/uid"));
    let volume = format!("/var/lib/kubelet/pods/{uid}/volumes/kubernetes.io~configmap/kube-proxy");
    let files = config_map.get("data").and_then(Value::as_object);
    for (name, content) in files.into_iter().flatten() {
        let path = inside(&layout.node(node), Path::new(&volume)).join(name);
        write(&path, content.as_str().unwrap_or_default(), 0o644)?;
    }
    let words = pod.pointer("/spec/containers/0/command").and_then(Value::as_array);
    let words: Vec<String> = words
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|word| word.replace("$(NODE_NAME)", node))
        .collect();
    let program = words.first().map_or("", String::as_str);
    let mount = Mount { source: &volume, target: CONFIG, read_only: false };
    let mut command = rootfs::command(namespaces, layout, binaries, program, &[mount]);
    command.args(&words).env("NODE_NAME", node);
    spawn(command, layout, &format!("kube-proxy-{node}"))
}
