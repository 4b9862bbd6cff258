//! Pods, and what makes them.

mod container;
mod spec;

use std::net::IpAddr;

use k8s_openapi::api::apps::v1 as apps;
use k8s_openapi::api::batch::v1 as batch;
use k8s_openapi::api::core::v1 as api;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kuberlock_model::Object;
use kuberlock_model::workload::{Pod, PodSpec, Workload};
use serde::Deserialize;
use serde::de::IgnoredAny;

use self::spec::pod_spec;
use super::typed::{Source, Unasked};

/// The annotation by which a pod asks for networks beside its own.
const NETWORKS: &str = "k8s.v1.cni.cncf.io/networks";

pub(super) fn pod(source: &mut Source) -> Result<Object, String> {
    let from: api::Pod = source.read()?;
    let status = from.status.unwrap_or_default();
    let mut addresses: Vec<IpAddr> = Vec::new();
    let listed = status.pod_ips.unwrap_or_default().into_iter().map(|of| of.ip);
    for address in status.pod_ip.into_iter().chain(listed).filter_map(|text| text.parse().ok()) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    let phase = status.phase;
    Ok(Object::Pod(Pod {
        metadata: source.metadata(from.metadata)?,
        spec: pod_spec(from.spec.ok_or("has no spec")?),
        finished: matches!(phase.as_deref(), Some("Succeeded" | "Failed")),
        addresses: addresses.into(),
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
    let claims = spec.volume_claim_templates.unwrap_or_default().into_iter();
    let claims = claims.filter_map(|claim| claim.metadata.name).map(String::into_boxed_str);
    let mut made = workload(source, from.metadata, Some(spec.template), Some(spec.replicas))?;
    if let Object::Workload(workload) = &mut made {
        workload.claims = claims.collect();
    }
    Ok(made)
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
    let metadata_of_pods = template.metadata.unwrap_or_default();
    let replicas = match replicas {
        None => None,
        Some(None) => Some(1),
        Some(Some(count)) => Some(u32::try_from(count).map_err(|_| "has a negative `replicas`")?),
    };
    Ok(Object::Workload(Workload {
        kind: source.kind.kind,
        metadata: source.metadata(metadata)?,
        pod_labels: metadata_of_pods.labels.unwrap_or_default(),
        pod_annotations: metadata_of_pods.annotations.unwrap_or_default(),
        spec: pod_spec(template.spec.ok_or("has no spec in its template")?),
        claims: Box::default(),
        replicas,
    }))
}

/// A VirtualMachine, as far as it makes pods: the rest is KubeVirt's.
#[derive(Deserialize)]
struct Machine<S> {
    #[serde(rename = "apiVersion")]
    _api_version: Unasked,
    #[serde(rename = "kind")]
    _kind: Unasked,
    metadata: ObjectMeta,
    spec: S,
}

#[derive(Deserialize)]
struct MachineSpec {
    template: MachineTemplate,
    #[serde(flatten)]
    _rest: IgnoredAny,
}

#[derive(Deserialize)]
struct MachineTemplate {
    #[serde(default)]
    metadata: ObjectMeta,
    #[serde(default)]
    spec: InstanceSpec,
}

/// The spec of a VirtualMachineInstance.
#[derive(Default, Deserialize)]
struct InstanceSpec {
    #[serde(default)]
    networks: Vec<MachineNetwork>,
    #[serde(flatten)]
    _rest: IgnoredAny,
}

/// A network of a machine: the pods' own, or one that Multus attaches.
#[derive(Deserialize)]
struct MachineNetwork {
    multus: Option<Multus>,
    #[serde(flatten)]
    _rest: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Multus {
    network_name: String,
    #[serde(rename = "default")]
    _default: Option<Unasked>,
}

pub(super) fn virtual_machine(source: &mut Source) -> Result<Object, String> {
    let from: Machine<MachineSpec> = source.read()?;
    let template = from.spec.template;
    Ok(machine(source, template.metadata, &template.spec, source.metadata(from.metadata)?))
}

pub(super) fn virtual_machine_instance(source: &mut Source) -> Result<Object, String> {
    let from: Machine<InstanceSpec> = source.read()?;
    let metadata = source.metadata(from.metadata.clone())?;
    Ok(machine(source, from.metadata, &from.spec, metadata))
}

fn machine(
    source: &Source,
    of_pods: ObjectMeta,
    spec: &InstanceSpec,
    metadata: kuberlock_model::Metadata,
) -> Object {
    let mut pod_annotations = of_pods.annotations.unwrap_or_default();
    let networks = spec.networks.iter().filter_map(|network| network.multus.as_ref());
    let networks: Vec<&str> = networks.map(|multus| multus.network_name.as_str()).collect();
    if !networks.is_empty() {
        // KubeVirt asks for them by the annotation of the machine's pod.
        pod_annotations.insert(NETWORKS.to_owned(), networks.join(","));
    }
    Object::Workload(Workload {
        kind: source.kind.kind,
        metadata,
        pod_labels: of_pods.labels.unwrap_or_default(),
        pod_annotations,
        spec: PodSpec { service_account: "default".to_owned(), ..PodSpec::default() },
        claims: Box::default(),
        replicas: None,
    })
}
