//! One file of the manifest folder, read as the kubelet reads it.
//!
//! Enters: the text of a file and the path the kubelet knows it by. Leaves: a pod bound to the
//! node, its hash in annotations. Always holds: the same text under the same path gives the same
//! hash, and the hash is the pod's identity (comments and layout do not count, the path does).

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::yaml;

/// The hash of the manifest that a pod was made from.
pub(crate) const HASH: &str = "kubernetes.io/config.hash";

/// A pod that a file of the folder describes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StaticPod {
    pub(crate) namespace: String,
    /// With the node's name at its end.
    pub(crate) name: String,
    pub(crate) hash: String,
    pub(crate) spec: PodSpec,
    /// The whole object, as the API server gets it in the mirror pod.
    pub(crate) object: Value,
}

impl StaticPod {
    /// Namespace and name: of two files with the same, only one pod runs.
    pub(crate) fn key(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PodSpec {
    pub(crate) containers: Vec<Container>,
    #[serde(default)]
    pub(crate) volumes: Vec<Volume>,
    #[serde(default = "thirty")]
    pub(crate) termination_grace_period_seconds: u64,
    #[serde(default = "always")]
    pub(crate) restart_policy: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Container {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) image: String,
    #[serde(default)]
    pub(crate) command: Vec<String>,
    #[serde(default)]
    pub(crate) args: Vec<String>,
    #[serde(default)]
    pub(crate) env: Vec<EnvVar>,
    #[serde(default)]
    pub(crate) ports: Vec<Port>,
    #[serde(default)]
    pub(crate) volume_mounts: Vec<VolumeMount>,
    pub(crate) startup_probe: Option<Probe>,
    pub(crate) liveness_probe: Option<Probe>,
    pub(crate) readiness_probe: Option<Probe>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct EnvVar {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) value: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Port {
    pub(crate) name: Option<String>,
    pub(crate) container_port: u16,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VolumeMount {
    pub(crate) name: String,
    pub(crate) mount_path: String,
    #[serde(default)]
    pub(crate) read_only: bool,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Volume {
    pub(crate) name: String,
    pub(crate) host_path: Option<HostPath>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct HostPath {
    pub(crate) path: String,
    #[serde(default, rename = "type")]
    pub(crate) kind: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Probe {
    pub(crate) http_get: Option<HttpGet>,
    pub(crate) tcp_socket: Option<TcpSocket>,
    pub(crate) exec: Option<Exec>,
    #[serde(default)]
    pub(crate) initial_delay_seconds: u64,
    #[serde(default = "ten")]
    pub(crate) period_seconds: u64,
    #[serde(default = "one")]
    pub(crate) timeout_seconds: u64,
    #[serde(default = "three")]
    pub(crate) failure_threshold: u32,
    #[serde(default = "one_time")]
    pub(crate) success_threshold: u32,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HttpGet {
    pub(crate) host: Option<String>,
    #[serde(default)]
    pub(crate) path: String,
    pub(crate) port: PortRef,
    #[serde(default)]
    pub(crate) scheme: String,
    #[serde(default)]
    pub(crate) http_headers: Vec<EnvVar>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct TcpSocket {
    pub(crate) host: Option<String>,
    pub(crate) port: PortRef,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Exec {
    #[serde(default)]
    pub(crate) command: Vec<String>,
}

/// A port by number, or by its name in the container.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum PortRef {
    Number(u16),
    Name(String),
}

fn one() -> u64 {
    1
}
fn one_time() -> u32 {
    1
}
fn three() -> u32 {
    3
}
fn ten() -> u64 {
    10
}
fn thirty() -> u64 {
    30
}
fn always() -> String {
    "Always".into()
}

/// Reads a file of the folder; `path` is where the kubelet finds it.
pub(crate) fn read(text: &str, path: &Path, node: &str) -> Result<StaticPod, String> {
    let mut object = yaml::first_document(text)?;
    let is = |key: &str, value: &str| object.get(key).and_then(Value::as_str) == Some(value);
    if !is("apiVersion", "v1") || !is("kind", "Pod") {
        return Err("it is not a v1 Pod".into());
    }
    let spec: PodSpec = object
        .get("spec")
        .cloned()
        .ok_or("it has no spec")
        .and_then(|spec| serde_json::from_value(spec).map_err(|_| "its spec is not a pod's"))?;
    check(&spec)?;
    let hash = hash(&object, path, node);
    let (namespace, name) = bind(&mut object, &hash, node)?;
    Ok(StaticPod { namespace, name, hash, spec, object })
}

/// The part of the API's validation that a slip in an editor runs into.
fn check(spec: &PodSpec) -> Result<(), String> {
    if spec.containers.is_empty() {
        return Err("it has no container".into());
    }
    let mut names = std::collections::BTreeSet::new();
    for container in &spec.containers {
        if container.name.is_empty() || !names.insert(&container.name) {
            return Err(format!("the container name `{}` is empty or used twice", container.name));
        }
        for mount in &container.volume_mounts {
            if !spec.volumes.iter().any(|volume| volume.name == mount.name) {
                return Err(format!("no volume is called `{}`", mount.name));
            }
        }
    }
    Ok(())
}

/// Binds the pod to the node, as the kubelet does before it tells anyone of it.
fn bind(object: &mut Value, hash: &str, node: &str) -> Result<(String, String), String> {
    let text = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    if text("/metadata/name").is_empty() {
        return Err("it has no name".into());
    }
    let name = format!("{}-{}", text("/metadata/name"), node.to_lowercase());
    let namespace = match text("/metadata/namespace") {
        "" => "default".to_owned(),
        namespace => namespace.to_owned(),
    };
    let mut tolerations = match object.pointer("/spec/tolerations") {
        Some(Value::Array(there)) => there.clone(),
        _ => Vec::new(),
    };
    tolerations.push(json!({"operator": "Exists", "effect": "NoExecute"}));
    let annotations: BTreeMap<&str, &str> =
        BTreeMap::from([(HASH, hash), ("kubernetes.io/config.source", "file")]);
    crate::options::merge(
        object,
        &json!({
            "metadata": {"name": &name, "namespace": &namespace, "annotations": annotations},
            "spec": {"nodeName": node, "tolerations": tolerations},
            "status": null,
        }),
    );
    Ok((namespace, name))
}

/// FNV-1a of 128 bits over the pod, the node and the file, which is the kubelet's choice too; it
/// hashes Go's rendering of the pod, we its JSON, so the values differ from a kubelet's.
fn hash(object: &Value, path: &Path, node: &str) -> String {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let text = format!("{object}host:{node}file:{}", path.display());
    let sum = text.bytes().fold(OFFSET, |sum, byte| (sum ^ u128::from(byte)).wrapping_mul(PRIME));
    format!("{sum:032x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n\
                       spec: {containers: [{name: a, image: b}]}\n";

    fn pod(text: &str, path: &str) -> Result<StaticPod, String> {
        read(text, Path::new(path), "cp-1")
    }

    #[test]
    fn the_name_ends_with_the_node_and_the_hash_is_annotated() {
        let pod = pod(POD, "/m/web.yaml").unwrap();
        assert_eq!(pod.key(), "default/web-cp-1");
        assert_eq!(pod.object["metadata"]["annotations"][HASH], pod.hash.as_str());
        assert_eq!(pod.object["spec"]["nodeName"], "cp-1");
    }

    #[test]
    fn comments_do_not_change_the_hash_but_values_and_the_path_do() {
        let hash = |text: &str, path| pod(text, path).unwrap().hash;
        let plain = hash(POD, "/m/web.yaml");
        assert_eq!(plain, hash(&format!("# why\n{POD}"), "/m/web.yaml"));
        assert_ne!(plain, hash(&POD.replace("image: b", "image: c"), "/m/web.yaml"));
        assert_ne!(plain, hash(POD, "/m/web.yaml.bak"));
    }

    #[test]
    fn what_is_no_pod_is_refused() {
        for text in ["", "a: [", "kind: Pod", "apiVersion: v1\nkind: Pod\nspec: {containers: []}"] {
            assert!(pod(text, "/m/x").is_err(), "{text}");
        }
    }
}
