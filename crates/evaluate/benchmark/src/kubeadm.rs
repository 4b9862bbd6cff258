//! What kubeadm makes of its ClusterConfiguration: the flags of the manifests that it writes.
//!
//! Enters: the document of the config map `kubeadm-config`. Leaves: for each component the flags
//! that kubeadm writes itself, and those that `extraArgs` add or replace. Read from
//! `cmd/kubeadm/app/phases/{controlplane,etcd}` of Kubernetes 1.32 to 1.37. Always holds: a value
//! that depends on the node, on the release or on the cluster's addresses counts as right; only what
//! is the same in all of them is held against a manifest.

use std::collections::BTreeMap;

use kuberlock_model::component::ComponentKind;
use serde_json::Value;

/// A flag that kubeadm writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// With this value.
    Value(String),
    /// With a value that depends on more than is known here.
    Any,
}

/// The flags that `extraArgs` of the configuration give to `kind`; one given several times has its
/// values joined by commas. `kubeadm.k8s.io/v1beta3` has a mapping, `v1beta4` a list.
pub(crate) fn extra_arguments(
    configuration: &Value,
    kind: ComponentKind,
) -> BTreeMap<String, Written> {
    let place = match kind {
        ComponentKind::ApiServer => "/apiServer/extraArgs",
        ComponentKind::ControllerManager => "/controllerManager/extraArgs",
        ComponentKind::Scheduler => "/scheduler/extraArgs",
        ComponentKind::Etcd => "/etcd/local/extraArgs",
        ComponentKind::Kubelet | ComponentKind::KubeProxy => return BTreeMap::new(),
    };
    let mut arguments = BTreeMap::new();
    match configuration.pointer(place) {
        Some(Value::Object(map)) => {
            for (name, value) in map {
                arguments.insert(name.clone(), Written::Value(crate::running::scalar(value)));
            }
        }
        Some(Value::Array(list)) => {
            for entry in list {
                add(entry, &mut arguments);
            }
        }
        _ => {}
    }
    arguments
}

/// One `{name, value}`; where it asks to be merged, the value depends on what it is merged with.
fn add(entry: &Value, arguments: &mut BTreeMap<String, Written>) {
    let text = |key: &str| entry.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let Some(name) = text("name") else { return };
    let value = entry.get("value").map(crate::running::scalar).unwrap_or_default();
    let written = match (text("mergeMethod"), arguments.get(name)) {
        (Some(_), _) | (_, Some(Written::Any)) => Written::Any,
        (None, Some(Written::Value(before))) => Written::Value(format!("{before},{value}")),
        (None, None) => Written::Value(value),
    };
    arguments.insert(name.to_owned(), written);
}

/// The flags that kubeadm writes for `kind` by itself.
pub(crate) fn own_arguments(kind: ComponentKind) -> BTreeMap<&'static str, Written> {
    let (values, any): (&[(&str, &str)], &[&str]) = match kind {
        ComponentKind::ApiServer => (&API_SERVER, &API_SERVER_ANY),
        ComponentKind::ControllerManager => (&CONTROLLER_MANAGER, &CONTROLLER_MANAGER_ANY),
        ComponentKind::Scheduler => (&SCHEDULER, &SCHEDULER_ANY),
        ComponentKind::Etcd => (&ETCD, &ETCD_ANY),
        ComponentKind::Kubelet | ComponentKind::KubeProxy => (&[], &[]),
    };
    let values = values.iter().map(|(name, value)| (*name, Written::Value((*value).to_owned())));
    values.chain(any.iter().map(|name| (*name, Written::Any))).collect()
}

static API_SERVER: [(&str, &str); 9] = [
    ("allow-privileged", "true"),
    ("authorization-mode", "Node,RBAC"),
    ("enable-admission-plugins", "NodeRestriction"),
    ("enable-bootstrap-token-auth", "true"),
    ("kubelet-preferred-address-types", "InternalIP,ExternalIP,Hostname"),
    ("requestheader-allowed-names", "front-proxy-client"),
    ("requestheader-extra-headers-prefix", "X-Remote-Extra-"),
    ("requestheader-group-headers", "X-Remote-Group"),
    ("requestheader-username-headers", "X-Remote-User"),
];
static API_SERVER_ANY: [&str; 18] = [
    "advertise-address",
    "client-ca-file",
    "etcd-cafile",
    "etcd-certfile",
    "etcd-keyfile",
    "etcd-servers",
    "kubelet-client-certificate",
    "kubelet-client-key",
    "proxy-client-cert-file",
    "proxy-client-key-file",
    "requestheader-client-ca-file",
    "secure-port",
    "service-account-issuer",
    "service-account-key-file",
    "service-account-signing-key-file",
    "service-cluster-ip-range",
    "tls-cert-file",
    "tls-private-key-file",
];
static CONTROLLER_MANAGER: [(&str, &str); 4] = [
    ("bind-address", "127.0.0.1"),
    ("controllers", "*,bootstrapsigner,tokencleaner"),
    ("leader-elect", "true"),
    ("use-service-account-credentials", "true"),
];
static CONTROLLER_MANAGER_ANY: [&str; 13] = [
    "allocate-node-cidrs",
    "authentication-kubeconfig",
    "authorization-kubeconfig",
    "client-ca-file",
    "cluster-cidr",
    "cluster-name",
    "cluster-signing-cert-file",
    "cluster-signing-key-file",
    "kubeconfig",
    "requestheader-client-ca-file",
    "root-ca-file",
    "service-account-private-key-file",
    "service-cluster-ip-range",
];
static SCHEDULER: [(&str, &str); 2] = [("bind-address", "127.0.0.1"), ("leader-elect", "true")];
static SCHEDULER_ANY: [&str; 3] =
    ["authentication-kubeconfig", "authorization-kubeconfig", "kubeconfig"];
static ETCD: [(&str, &str); 2] = [("client-cert-auth", "true"), ("peer-client-cert-auth", "true")];
static ETCD_ANY: [&str; 20] = [
    "advertise-client-urls",
    "cert-file",
    "data-dir",
    "experimental-initial-corrupt-check",
    "experimental-watch-progress-notify-interval",
    "feature-gates",
    "initial-advertise-peer-urls",
    "initial-cluster",
    "initial-cluster-state",
    "key-file",
    "listen-client-urls",
    "listen-metrics-urls",
    "listen-peer-urls",
    "name",
    "peer-cert-file",
    "peer-key-file",
    "peer-trusted-ca-file",
    "snapshot-count",
    "trusted-ca-file",
    "watch-progress-notify-interval",
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_forms_of_extra_arguments_are_read() {
        let value = |text: &str| Written::Value(text.to_owned());
        let old = json!({ "apiServer": { "extraArgs": { "profiling": "false", "v": 2 } } });
        let read = extra_arguments(&old, ComponentKind::ApiServer);
        assert_eq!(read.get("profiling"), Some(&value("false")));
        assert_eq!(read.get("v"), Some(&value("2")));
        let new = json!({ "apiServer": { "extraArgs": [
            { "name": "service-account-issuer", "value": "a" },
            { "name": "service-account-issuer", "value": "b" },
            { "name": "enable-admission-plugins", "value": "X", "mergeMethod": "append" },
            { "value": "nameless" }, "odd",
        ] } });
        let read = extra_arguments(&new, ComponentKind::ApiServer);
        assert_eq!(read.get("service-account-issuer"), Some(&value("a,b")));
        assert_eq!(read.get("enable-admission-plugins"), Some(&Written::Any));
        assert_eq!(read.len(), 2);
    }
}
