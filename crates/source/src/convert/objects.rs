//! Namespaces, nodes, service accounts, config maps, secrets.

use k8s_openapi::api::core::v1 as api;
use kuberlock_model::Object;
use kuberlock_model::object::{ConfigMap, Namespace, Node, Secret, ServiceAccount};
use serde_json::Value;

use super::typed::Source;

pub(super) fn namespace(source: &mut Source) -> Result<Object, String> {
    let from: api::Namespace = source.read()?;
    Ok(Object::Namespace(Namespace { metadata: source.metadata(from.metadata)? }))
}

pub(super) fn node(source: &mut Source) -> Result<Object, String> {
    let from: api::Node = source.read()?;
    let status = from.status.unwrap_or_default();
    let addresses = status.addresses.unwrap_or_default();
    let info = status.node_info;
    let of = |field: fn(&api::NodeSystemInfo) -> &String| {
        info.as_ref().map(field).filter(|text| !text.is_empty()).cloned()
    };
    Ok(Object::Node(Node {
        metadata: source.metadata(from.metadata)?,
        kubelet_version: of(|info| &info.kubelet_version),
        container_runtime: of(|info| &info.container_runtime_version),
        os_image: of(|info| &info.os_image),
        addresses: addresses.iter().filter_map(|of| of.address.parse().ok()).collect(),
    }))
}

pub(super) fn service_account(source: &mut Source) -> Result<Object, String> {
    let from: api::ServiceAccount = source.read()?;
    Ok(Object::ServiceAccount(ServiceAccount {
        metadata: source.metadata(from.metadata)?,
        automount_token: from.automount_service_account_token,
    }))
}

pub(super) fn config_map(source: &mut Source) -> Result<Object, String> {
    source.take("binaryData");
    let from: api::ConfigMap = source.read()?;
    Ok(Object::ConfigMap(ConfigMap {
        metadata: source.metadata(from.metadata)?,
        data: from.data.unwrap_or_default(),
    }))
}

/// The values are gone already, and what stands for them is no base64: only the keys are taken.
pub(super) fn secret(source: &mut Source) -> Result<Object, String> {
    let mut keys = Vec::new();
    for field in ["data", "stringData"] {
        match source.take(field) {
            Some(Value::Object(data)) => keys.extend(data.into_iter().map(|(key, _)| key)),
            Some(_) => return Err(format!("has `{field}` that is no mapping")),
            None => {}
        }
    }
    keys.sort_unstable();
    keys.dedup();
    let from: api::Secret = source.read()?;
    Ok(Object::Secret(Secret {
        metadata: source.metadata(from.metadata)?,
        secret_type: from.type_.filter(|t| !t.is_empty()).unwrap_or_else(|| "Opaque".to_owned()),
        keys,
    }))
}
