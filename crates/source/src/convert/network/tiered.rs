//! AdminNetworkPolicy, BaselineAdminNetworkPolicy, ClusterNetworkPolicy: three spellings of one
//! thing.

use k8s_openapi::apimachinery::pkg::apis::meta::v1 as meta;
use kuberlock_model::network::{
    Action, PodSelection, PortMatch, Ports, Protocol, Tier, TierPeer, TierRule, TieredPolicy,
};
use kuberlock_model::selector::LabelSelector;
use kuberlock_model::{Kind, Object};
use serde::Deserialize;

use super::super::metadata::selector;
use super::super::typed::{Source, Unasked};
use super::block::{cidr, port};

const HIGHEST_PRIORITY: u16 = 1000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    #[serde(rename = "apiVersion")]
    _api_version: Unasked,
    #[serde(rename = "kind")]
    _kind: Unasked,
    metadata: meta::ObjectMeta,
    spec: Spec,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    tier: Option<String>,
    priority: Option<i64>,
    subject: Subject,
    #[serde(default)]
    ingress: Option<Vec<RuleSpec>>,
    #[serde(default)]
    egress: Option<Vec<RuleSpec>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subject {
    namespaces: Option<meta::LabelSelector>,
    pods: Option<NamespacedPods>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NamespacedPods {
    #[serde(default)]
    namespace_selector: meta::LabelSelector,
    #[serde(default)]
    pod_selector: meta::LabelSelector,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RuleSpec {
    name: Option<String>,
    action: String,
    from: Option<Vec<PeerSpec>>,
    to: Option<Vec<PeerSpec>>,
    /// v1alpha1
    ports: Option<Vec<PortSpec>>,
    /// v1alpha2
    protocols: Option<Vec<ProtocolSpec>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PeerSpec {
    namespaces: Option<meta::LabelSelector>,
    pods: Option<NamespacedPods>,
    nodes: Option<meta::LabelSelector>,
    networks: Option<Vec<String>>,
    domain_names: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PortSpec {
    port_number: Option<PortNumber>,
    named_port: Option<String>,
    port_range: Option<PortRange>,
}

#[derive(Deserialize)]
struct PortNumber {
    protocol: Option<String>,
    port: i32,
}

#[derive(Deserialize)]
struct PortRange {
    protocol: Option<String>,
    start: i32,
    end: i32,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProtocolSpec {
    tcp: Option<Destination>,
    udp: Option<Destination>,
    sctp: Option<Destination>,
    destination_named_port: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Destination {
    destination_port: Option<DestinationPort>,
}

#[derive(Deserialize)]
struct DestinationPort {
    number: Option<i32>,
    range: Option<Range>,
}

#[derive(Deserialize)]
struct Range {
    start: i32,
    end: i32,
}

pub(in super::super) fn tiered_policy(source: &mut Source) -> Result<Object, String> {
    let from: Document = source.read()?;
    let kind = source.kind.kind;
    let tier = match (kind, from.spec.tier.as_deref()) {
        (Kind::BaselineAdminNetworkPolicy, _) | (_, Some("Baseline")) => Tier::Baseline,
        (Kind::AdminNetworkPolicy, _) | (_, Some("Admin")) => Tier::Admin,
        (_, Some(word)) => return Err(format!("has the tier `{word}`, which does not exist")),
        (_, None) => return Err("has no tier".to_owned()),
    };
    let priority = match (kind, from.spec.priority) {
        (Kind::BaselineAdminNetworkPolicy, _) => 0,
        (_, None) => return Err("has no priority".to_owned()),
        (_, Some(priority)) => u16::try_from(priority)
            .ok()
            .filter(|priority| *priority <= HIGHEST_PRIORITY)
            .ok_or_else(|| format!("has the priority {priority}, which is none of 0 to 1000"))?,
    };
    let rules = |rules: Option<Vec<RuleSpec>>| {
        rules.unwrap_or_default().into_iter().map(rule).collect::<Result<Box<_>, _>>()
    };
    Ok(Object::TieredPolicy(TieredPolicy {
        kind,
        metadata: source.metadata(from.metadata)?,
        tier,
        priority,
        subject: selection(from.spec.subject.namespaces, from.spec.subject.pods)?
            .ok_or("has no subject")?,
        ingress: rules(from.spec.ingress)?,
        egress: rules(from.spec.egress)?,
    }))
}

fn selection(
    namespaces: Option<meta::LabelSelector>,
    pods: Option<NamespacedPods>,
) -> Result<Option<PodSelection>, String> {
    match (namespaces, pods) {
        (Some(namespaces), None) => {
            Ok(Some(PodSelection { namespaces: selector(namespaces)?, pods: None }))
        }
        (None, Some(pods)) => Ok(Some(PodSelection {
            namespaces: selector(pods.namespace_selector)?,
            pods: Some(selector(pods.pod_selector)?),
        })),
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err("selects by `namespaces` and by `pods` at once".to_owned()),
    }
}

fn rule(from: RuleSpec) -> Result<TierRule, String> {
    let action = match from.action.as_str() {
        "Allow" | "Accept" => Action::Accept,
        "Deny" => Action::Deny,
        "Pass" => Action::Pass,
        word => return Err(format!("has the action `{word}`, which does not exist")),
    };
    let peers = from.from.or(from.to).unwrap_or_default();
    if peers.is_empty() {
        return Err("has a rule without a peer".to_owned());
    }
    let peers = peers.into_iter().map(peer).collect::<Result<_, _>>()?;
    let ports = from.ports.unwrap_or_default().into_iter().map(port_match);
    let protocols = from.protocols.unwrap_or_default().into_iter().map(protocol_match);
    let ports = ports.chain(protocols).collect::<Result<_, _>>()?;
    let name = from.name.filter(|name| !name.is_empty()).map(String::into_boxed_str);
    Ok(TierRule { name, action, peers, ports })
}

fn peer(from: PeerSpec) -> Result<TierPeer, String> {
    if let Some(pods) = selection(from.namespaces, from.pods)? {
        return Ok(TierPeer::Pods(pods));
    }
    if let Some(networks) = from.networks {
        let networks = networks.iter().map(|text| cidr(text)).collect::<Result<_, _>>()?;
        return Ok(TierPeer::Networks(networks));
    }
    if let Some(names) = from.domain_names {
        return Ok(TierPeer::DomainNames(names.into_iter().map(String::into_boxed_str).collect()));
    }
    let nodes: Option<LabelSelector> = from.nodes.map(selector).transpose()?;
    Ok(nodes.map_or(TierPeer::Unknown, TierPeer::Nodes))
}

fn port_match(from: PortSpec) -> Result<PortMatch, String> {
    match (from.port_number, from.named_port, from.port_range) {
        (Some(PortNumber { protocol, port: number }), None, None) => {
            range(known(protocol.as_deref())?, number, number)
        }
        (None, Some(name), None) => Ok(named(name)),
        (None, None, Some(PortRange { protocol, start, end })) => {
            range(known(protocol.as_deref())?, start, end)
        }
        _ => Err("has a port that names not exactly one of its forms".to_owned()),
    }
}

fn protocol_match(from: ProtocolSpec) -> Result<PortMatch, String> {
    let (protocol, destination) = match (from.tcp, from.udp, from.sctp, from.destination_named_port)
    {
        (Some(tcp), None, None, None) => (Protocol::Tcp, tcp),
        (None, Some(udp), None, None) => (Protocol::Udp, udp),
        (None, None, Some(sctp), None) => (Protocol::Sctp, sctp),
        (None, None, None, Some(name)) => return Ok(named(name)),
        _ => return Err("has a protocol that names not exactly one of its forms".to_owned()),
    };
    match destination.destination_port {
        None => Ok(PortMatch { protocol: Some(protocol), ports: Ports::All }),
        Some(DestinationPort { number: Some(number), range: None }) => {
            range(protocol, number, number)
        }
        Some(DestinationPort { number: None, range: Some(of) }) => {
            range(protocol, of.start, of.end)
        }
        Some(_) => Err("has a destination port that is not exactly one of its forms".to_owned()),
    }
}

fn known(word: Option<&str>) -> Result<Protocol, String> {
    // The CRD's default.
    let word = word.unwrap_or("TCP");
    Protocol::find(word)
        .ok_or_else(|| format!("names the protocol `{word}`, which no policy knows"))
}

fn named(name: String) -> PortMatch {
    PortMatch { protocol: None, ports: Ports::Named(name.into()) }
}

fn range(protocol: Protocol, start: i32, end: i32) -> Result<PortMatch, String> {
    if end < start {
        return Err(format!("has a range of ports from {start} to {end}"));
    }
    Ok(PortMatch { protocol: Some(protocol), ports: Ports::Range(port(start)?, port(end)?) })
}
