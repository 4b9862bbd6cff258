//! Which fields of which kind the model holds, whole: nothing else may be asked for.

use kuberlock_model::object::Kind;

/// A kind's fields by name, wherever in the object they stand. A name that ends in `.` is a map
/// whose keys are the user's own.
fn held(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Pod => POD,
        Kind::Deployment
        | Kind::StatefulSet
        | Kind::DaemonSet
        | Kind::ReplicaSet
        | Kind::ReplicationController
        | Kind::Job
        | Kind::CronJob => WORKLOAD,
        Kind::ServiceAccount => &["automountServiceAccountToken"],
        Kind::Role | Kind::ClusterRole => {
            &["rules", "apiGroups", "nonResourceURLs", "resourceNames", "resources", "verbs"]
        }
        Kind::RoleBinding | Kind::ClusterRoleBinding => &["roleRef", "subjects", "apiGroup"],
        Kind::NetworkPolicy => &["spec", "policyTypes"],
        Kind::Node => &["status", "nodeInfo", "kubeletVersion", "osImage"],
        Kind::Service => &["spec", "selector."],
        Kind::ConfigMap => &["data."],
        Kind::Secret => &["type"],
        _ => &[],
    }
}

const EVERY: &[&str] = &[
    "apiVersion",
    "kind",
    "metadata",
    "name",
    "namespace",
    "uid",
    "labels.",
    "annotations.",
    "items",
    // Only the containers of pods have it, and of them the model holds it.
    "secretKeyRef",
];

const POD: &[&str] = &[
    "spec",
    "containers",
    "initContainers",
    "ephemeralContainers",
    "automountServiceAccountToken",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "nodeName",
    "serviceAccount",
    "serviceAccountName",
    "image",
    "securityContext",
    "allowPrivilegeEscalation",
    "capabilities",
    "add",
    "drop",
    "privileged",
    "readOnlyRootFilesystem",
    "runAsGroup",
    "runAsNonRoot",
    "runAsUser",
];

const WORKLOAD: &[&str] = &[
    "spec",
    "template",
    "jobTemplate",
    "replicas",
    "containers",
    "initContainers",
    "automountServiceAccountToken",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "nodeName",
    "serviceAccount",
    "serviceAccountName",
    "image",
    "securityContext",
    "allowPrivilegeEscalation",
    "capabilities",
    "add",
    "drop",
    "privileged",
    "readOnlyRootFilesystem",
    "runAsGroup",
    "runAsNonRoot",
    "runAsUser",
];

/// The first name of `path` that objects of `kind` may have though the model does not hold it.
pub(crate) fn not_held<'a>(kind: Kind, path: &[&'a str]) -> Option<&'a str> {
    let mut names = path.iter();
    while let Some(name) = names.next() {
        let mut all = EVERY.iter().chain(held(kind));
        match all.find(|held| held.strip_suffix('.').unwrap_or(held) == *name) {
            None => return Some(name),
            // The next name is a key of the user's.
            Some(map) if map.ends_with('.') => _ = names.next(),
            Some(_) => {}
        }
    }
    None
}
