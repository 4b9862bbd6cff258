//! Networks beside the one that all pods share.

use k8s_openapi::apimachinery::pkg::apis::meta::v1 as meta;
use kuberlock_model::network::{NetworkAttachment, NetworkRole, UserDefinedNetwork};
use kuberlock_model::{Kind, Object};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::super::metadata::selector;
use super::super::typed::Source;
use super::block::cidr;

#[derive(Deserialize)]
struct Document<S> {
    #[serde(rename = "apiVersion")]
    _api_version: IgnoredAny,
    #[serde(rename = "kind")]
    _kind: IgnoredAny,
    metadata: meta::ObjectMeta,
    spec: S,
}

/// The spec of a UserDefinedNetwork; a ClusterUserDefinedNetwork has it under `network`.
#[derive(Deserialize)]
struct Network {
    topology: String,
    layer2: Option<Layer>,
    layer3: Option<Layer>,
    localnet: Option<Layer>,
    #[serde(flatten)]
    _rest: IgnoredAny,
}

#[derive(Deserialize)]
struct Layer {
    role: String,
    #[serde(default)]
    subnets: Vec<Subnet>,
    #[serde(flatten)]
    _rest: IgnoredAny,
}

/// A subnet: a text for layer 2, a mapping for layer 3.
#[derive(Deserialize)]
#[serde(untagged)]
enum Subnet {
    Plain(String),
    Split {
        cidr: String,
        #[serde(flatten)]
        _rest: IgnoredAny,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClusterSpec {
    namespace_selector: meta::LabelSelector,
    network: Network,
}

pub(in super::super) fn user_defined_network(source: &mut Source) -> Result<Object, String> {
    if source.kind.kind == Kind::UserDefinedNetwork {
        let from: Document<Network> = source.read()?;
        return network(source, from.metadata, None, from.spec);
    }
    let from: Document<ClusterSpec> = source.read()?;
    network(source, from.metadata, Some(from.spec.namespace_selector), from.spec.network)
}

fn network(
    source: &Source,
    metadata: meta::ObjectMeta,
    namespaces: Option<meta::LabelSelector>,
    from: Network,
) -> Result<Object, String> {
    let layer = from.layer2.or(from.layer3).or(from.localnet);
    let layer = layer.ok_or("tells nothing of its topology")?;
    let role = match layer.role.as_str() {
        "Primary" => NetworkRole::Primary,
        "Secondary" => NetworkRole::Secondary,
        word => return Err(format!("has the role `{word}`, which does not exist")),
    };
    let subnets = layer.subnets.iter().map(|subnet| match subnet {
        Subnet::Plain(text) | Subnet::Split { cidr: text, .. } => cidr(text),
    });
    Ok(Object::UserDefinedNetwork(UserDefinedNetwork {
        kind: source.kind.kind,
        metadata: source.metadata(metadata)?,
        namespaces: namespaces.map(selector).transpose()?,
        role,
        topology: from.topology.into(),
        subnets: subnets.collect::<Result<_, _>>()?,
    }))
}

#[derive(Deserialize)]
struct Definition {
    config: Option<String>,
}

pub(in super::super) fn attachment_definition(source: &mut Source) -> Result<Object, String> {
    let from: Document<Option<Definition>> = source.read()?;
    let text = from.spec.and_then(|spec| spec.config).unwrap_or_default();
    let config: Value = serde_json::from_str(&text).unwrap_or_default();
    // A list of plugins names itself at the top, and its first plugin tells the type.
    let of = |key: &str| {
        let first = || config.get("plugins")?.get(0)?.get(key);
        config.get(key).or_else(first).and_then(Value::as_str)
    };
    let role = match of("role") {
        Some(role) if role.eq_ignore_ascii_case("primary") => NetworkRole::Primary,
        _ => NetworkRole::Secondary,
    };
    Ok(Object::NetworkAttachment(NetworkAttachment {
        metadata: source.metadata(from.metadata)?,
        network: of("name").map(Box::from),
        role,
        plugin: of("type").unwrap_or_default().into(),
    }))
}
