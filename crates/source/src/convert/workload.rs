//! Pods, and what makes them.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1 as apps;
use k8s_openapi::api::batch::v1 as batch;
use k8s_openapi::api::core::v1 as api;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kuberlock_model::Object;
use kuberlock_model::workload::{Container, ContainerList, Pod, PodSpec, Workload};

use super::typed::Source;

pub(super) fn pod(source: &mut Source) -> Result<Object, String> {
    let from: api::Pod = source.read()?;
    let phase = from.status.and_then(|status| status.phase);
    Ok(Object::Pod(Pod {
        metadata: source.metadata(from.metadata)?,
        spec: pod_spec(from.spec.ok_or("has no spec")?),
        finished: matches!(phase.as_deref(), Some("Succeeded" | "Failed")),
    }))
}

pub(super) fn deployment(source: &mut Source) -> Result<Object, String> {
    let from: apps::Deployment = source.read()?;
    let spec = from.spec;
    workload(source, from.metadata, Some(spec.template), Some(spec.replicas))
}

pub(super) fn stateful_set(source: &mut Source) -> Result<Object, String> {
    let from: apps::StatefulSet = source.read()?;
    let spec = from.spec;
    workload(source, from.metadata, Some(spec.template), Some(spec.replicas))
}

pub(super) fn daemon_set(source: &mut Source) -> Result<Object, String> {
    let from: apps::DaemonSet = source.read()?;
    let spec = from.spec;
    workload(source, from.metadata, Some(spec.template), None)
}

pub(super) fn replica_set(source: &mut Source) -> Result<Object, String> {
    let from: apps::ReplicaSet = source.read()?;
    let spec = from.spec;
    workload(source, from.metadata, spec.template, Some(spec.replicas))
}

pub(super) fn replication_controller(source: &mut Source) -> Result<Object, String> {
    let from: api::ReplicationController = source.read()?;
    let spec = from.spec.ok_or("has no spec")?;
    workload(source, from.metadata, spec.template, Some(spec.replicas))
}

pub(super) fn job(source: &mut Source) -> Result<Object, String> {
    let from: batch::Job = source.read()?;
    let spec = from.spec.ok_or("has no spec")?;
    workload(source, from.metadata, Some(spec.template), None)
}

pub(super) fn cron_job(source: &mut Source) -> Result<Object, String> {
    let from: batch::CronJob = source.read()?;
    let spec = from.spec;
    let job = spec.job_template.spec.ok_or("has no spec in its job template")?;
    workload(source, from.metadata, Some(job.template), None)
}

/// `replicas` is `None` for a kind that has none, and `Some(None)` where it is left to its default.
fn workload(
    source: &Source,
    metadata: ObjectMeta,
    template: Option<api::PodTemplateSpec>,
    replicas: Option<Option<i32>>,
) -> Result<Object, String> {
    let template = template.ok_or("has no template")?;
    let replicas = match replicas {
        None => None,
        Some(None) => Some(1),
        Some(Some(count)) => Some(u32::try_from(count).map_err(|_| "has a negative `replicas`")?),
    };
    Ok(Object::Workload(Workload {
        kind: source.kind.kind,
        metadata: source.metadata(metadata)?,
        pod_labels: template.metadata.and_then(|metadata| metadata.labels).unwrap_or_default(),
        spec: pod_spec(template.spec.ok_or("has no spec in its template")?),
        replicas,
    }))
}

fn pod_spec(from: api::PodSpec) -> PodSpec {
    let named = |name: Option<String>| name.filter(|name| !name.is_empty());
    let init = from.init_containers.unwrap_or_default().into_iter().map(Parts::from);
    let ordinary = from.containers.into_iter().map(Parts::from);
    let ephemeral = from.ephemeral_containers.unwrap_or_default().into_iter().map(Parts::from);
    let containers = init
        .enumerate()
        .map(|(index, parts)| parts.container(ContainerList::Init, index))
        .chain(ordinary.enumerate().map(|(index, p)| p.container(ContainerList::Ordinary, index)))
        .chain(
            ephemeral.enumerate().map(|(index, p)| p.container(ContainerList::Ephemeral, index)),
        );
    PodSpec {
        service_account: named(from.service_account_name)
            .or_else(|| named(from.service_account))
            .unwrap_or_else(|| "default".to_owned()),
        automount_token: from.automount_service_account_token,
        node_name: named(from.node_name),
        host_network: from.host_network.unwrap_or(false),
        containers: containers.collect(),
    }
}

/// What ordinary and ephemeral containers have in common.
struct Parts {
    name: String,
    image: Option<String>,
    command: Option<Vec<String>>,
    args: Option<Vec<String>>,
    env: Option<Vec<api::EnvVar>>,
    security: Option<api::SecurityContext>,
}

impl From<api::Container> for Parts {
    fn from(from: api::Container) -> Self {
        let api::Container { name, image, command, args, env, security_context, .. } = from;
        Self { name, image, command, args, env, security: security_context }
    }
}

impl From<api::EphemeralContainer> for Parts {
    fn from(from: api::EphemeralContainer) -> Self {
        let api::EphemeralContainer { name, image, command, args, env, security_context, .. } =
            from;
        Self { name, image, command, args, env, security: security_context }
    }
}

impl Parts {
    fn container(self, list: ContainerList, index: usize) -> Container {
        // The last of repeated variables counts, as in the container.
        let literal = |variable: api::EnvVar| Some((variable.name, variable.value?));
        let environment: BTreeMap<String, String> =
            self.env.unwrap_or_default().into_iter().filter_map(literal).collect();
        Container {
            name: self.name,
            list,
            index,
            image: self.image.unwrap_or_default(),
            command: self.command.unwrap_or_default(),
            args: self.args.unwrap_or_default(),
            environment: environment.into_iter().collect(),
            privileged: self.security.and_then(|security| security.privileged),
        }
    }
}
