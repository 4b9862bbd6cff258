//! Pods and what makes them.

use kuberlock_model::object::Kind;
use kuberlock_model::workload::{Container, ContainerList, Pod, PodSpec, Workload};
use serde_json::{Map, Value, json};

use super::{fields, list};

/// A pod's JSON, without what every object has.
pub(super) fn pod(pod: &Pod) -> Map<String, Value> {
    // The API server refuses a mirror pod that names a service account.
    fields([("spec", Some(spec(&pod.spec, !pod.is_mirror())))])
}

/// A workload's JSON, without what every object has.
pub(super) fn workload(workload: &Workload) -> Map<String, Value> {
    let has_account = workload.spec.service_account != "default";
    let template = json!({
        "metadata": fields([("labels", super::texts(&workload.pod_labels))]),
        "spec": spec(&workload.spec, has_account),
    });
    let spec = match workload.kind {
        Kind::CronJob => json!({ "jobTemplate": { "spec": { "template": template } } }),
        _ => Value::Object(fields([
            ("replicas", workload.replicas.map(Value::from)),
            ("template", Some(template)),
        ])),
    };
    fields([("spec", Some(spec))])
}

fn spec(spec: &PodSpec, has_account: bool) -> Value {
    let account = has_account.then(|| json!(spec.service_account));
    Value::Object(fields([
        ("automountServiceAccountToken", spec.automount_token.map(Value::from)),
        ("containers", containers(spec, ContainerList::Ordinary)),
        ("ephemeralContainers", containers(spec, ContainerList::Ephemeral)),
        ("hostIPC", truth(spec.host_ipc)),
        ("hostNetwork", truth(spec.host_network)),
        ("hostPID", truth(spec.host_pid)),
        ("initContainers", containers(spec, ContainerList::Init)),
        ("securityContext", Some(pod_security(spec))),
        ("nodeName", spec.node_name.as_ref().map(|name| json!(name))),
        ("serviceAccount", account.clone()),
        ("serviceAccountName", account),
    ]))
}

/// A field that is left out where it is false.
fn truth(is: bool) -> Option<Value> {
    is.then_some(Value::Bool(true))
}

fn containers(spec: &PodSpec, of: ContainerList) -> Option<Value> {
    let all = spec.containers.iter().filter(|container| container.list == of);
    list(&all.map(container).collect::<Vec<_>>())
}

fn pod_security(spec: &PodSpec) -> Value {
    let security = spec.security();
    Value::Object(fields([
        ("runAsGroup", security.run_as_group.map(Value::from)),
        ("runAsNonRoot", security.run_as_non_root.map(Value::from)),
        ("runAsUser", security.run_as_user.map(Value::from)),
    ]))
}

fn container(container: &Container) -> Value {
    let security = security(container);
    Value::Object(fields([
        ("args", list(&container.args)),
        ("command", list(&container.command)),
        ("env", list(&environment(container))),
        ("image", Some(json!(container.image))),
        ("name", Some(json!(container.name))),
        ("securityContext", (!security.is_empty()).then_some(Value::Object(security))),
    ]))
}

fn security(container: &Container) -> Map<String, Value> {
    let security = container.security();
    let names = |all: &[Box<str>]| list(&all.iter().map(|name| json!(name)).collect::<Vec<_>>());
    let capabilities =
        fields([("add", names(&security.added)), ("drop", names(&security.dropped))]);
    fields([
        ("allowPrivilegeEscalation", security.allow_privilege_escalation.map(Value::from)),
        ("capabilities", (!capabilities.is_empty()).then_some(Value::Object(capabilities))),
        ("privileged", security.privileged.map(Value::from)),
        ("readOnlyRootFilesystem", security.read_only_root.map(Value::from)),
        ("runAsGroup", security.run_as_group.map(Value::from)),
        ("runAsNonRoot", security.run_as_non_root.map(Value::from)),
        ("runAsUser", security.run_as_user.map(Value::from)),
    ])
}

fn environment(container: &Container) -> Vec<Value> {
    let literal = container.environment.iter();
    let literal = literal.map(|(name, value)| json!({ "name": name, "value": value }));
    let of_secrets = container.variables.iter().filter_map(|variable| {
        let secret = json!({ "secretKeyRef": { "name": variable.secret()? } });
        Some(json!({ "name": variable.name.as_ref()?, "valueFrom": secret }))
    });
    literal.chain(of_secrets).collect()
}
