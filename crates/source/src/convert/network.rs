//! Network policies and services.

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::networking::v1 as api;
use kuberlock_model::Object;
use kuberlock_model::network::{NetworkPolicy, Service};

use super::metadata::selector;
use super::typed::Source;

pub(super) fn network_policy(source: &mut Source) -> Result<Object, String> {
    let from: api::NetworkPolicy = source.read()?;
    let spec = from.spec.ok_or("has no spec")?;
    let types = spec.policy_types.unwrap_or_default();
    let (ingress, egress) = if types.is_empty() {
        (true, spec.egress.is_some_and(|rules| !rules.is_empty()))
    } else {
        let has = |direction: &str| types.iter().any(|t| t == direction);
        (has("Ingress"), has("Egress"))
    };
    Ok(Object::NetworkPolicy(NetworkPolicy {
        metadata: source.metadata(from.metadata)?,
        pods: selector(spec.pod_selector.unwrap_or_default())?,
        ingress,
        egress,
    }))
}

pub(super) fn service(source: &mut Source) -> Result<Object, String> {
    let from: core::Service = source.read()?;
    let selector = from.spec.and_then(|spec| spec.selector).unwrap_or_default();
    Ok(Object::Service(Service { metadata: source.metadata(from.metadata)?, selector }))
}
