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
        ("hostNetwork", truth(spec.host_network)),
        ("initContainers", containers(spec, ContainerList::Init)),
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

fn container(container: &Container) -> Value {
    let security = fields([("privileged", container.privileged.map(Value::from))]);
    let texts = |all: &[String]| list(all);
    Value::Object(fields([
        ("args", texts(&container.args)),
        ("command", texts(&container.command)),
        ("image", Some(json!(container.image))),
        ("name", Some(json!(container.name))),
        ("securityContext", (!security.is_empty()).then_some(Value::Object(security))),
    ]))
}
