//! NetworkPolicy, and MultiNetworkPolicy, which has its form.

use k8s_openapi::api::networking::v1 as api;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kuberlock_model::network::{
    IpBlock, NetworkPolicy, NetworkSelection, Peer, PortMatch, Ports, Protocol, Rule, networks_of,
};
use kuberlock_model::{Kind, Object};

use super::super::metadata::selector;
use super::super::typed::Source;
use super::block::{cidr, port};

/// The annotation that names the networks of a MultiNetworkPolicy.
const POLICY_FOR: &str = "k8s.v1.cni.cncf.io/policy-for";

pub(in super::super) fn network_policy(source: &mut Source) -> Result<Object, String> {
    policy(source).map(Object::NetworkPolicy)
}

pub(in super::super) fn multi_network_policy(source: &mut Source) -> Result<Object, String> {
    source.put("apiVersion", "networking.k8s.io/v1".into());
    source.put("kind", "NetworkPolicy".into());
    let mut policy = policy(source)?;
    policy.kind = Kind::MultiNetworkPolicy;
    let own = policy.metadata.namespace.as_deref().unwrap_or_default();
    let named = policy.metadata.annotations.get(POLICY_FOR);
    let networks: Vec<NetworkSelection> =
        named.map(|text| networks_of(text, own)).unwrap_or_default();
    policy.networks = networks.into();
    Ok(Object::NetworkPolicy(policy))
}

fn policy(source: &mut Source) -> Result<NetworkPolicy, String> {
    let from: api::NetworkPolicy = source.read()?;
    // Without a `spec` it selects every pod, and lets nothing in.
    let spec = from.spec.unwrap_or_default();
    let types = spec.policy_types.unwrap_or_default();
    let (ingress, egress) = if types.is_empty() {
        (true, spec.egress.as_ref().is_some_and(|rules| !rules.is_empty()))
    } else {
        let has = |direction: &str| types.iter().any(|t| t == direction);
        (has("Ingress"), has("Egress"))
    };
    let ingress_rules = spec.ingress.unwrap_or_default().into_iter();
    let ingress_rules = ingress_rules.map(|r| rule(r.from, r.ports)).collect::<Result<_, _>>()?;
    let egress_rules = spec.egress.unwrap_or_default().into_iter();
    let egress_rules = egress_rules.map(|r| rule(r.to, r.ports)).collect::<Result<_, _>>()?;
    Ok(NetworkPolicy {
        kind: Kind::NetworkPolicy,
        metadata: source.metadata(from.metadata)?,
        pods: selector(spec.pod_selector.unwrap_or_default())?,
        ingress,
        egress,
        ingress_rules,
        egress_rules,
        networks: Box::default(),
    })
}

fn rule(
    peers: Option<Vec<api::NetworkPolicyPeer>>,
    ports: Option<Vec<api::NetworkPolicyPort>>,
) -> Result<Rule, String> {
    let peers = peers.unwrap_or_default().into_iter().map(peer).collect::<Result<_, _>>()?;
    let ports = ports.unwrap_or_default().into_iter().map(port_match).collect::<Result<_, _>>()?;
    Ok(Rule { peers, ports })
}

fn peer(from: api::NetworkPolicyPeer) -> Result<Peer, String> {
    if let Some(block) = from.ip_block {
        let except = block.except.unwrap_or_default();
        let except = except.iter().map(|text| cidr(text)).collect::<Result<_, _>>()?;
        return Ok(Peer::Block(IpBlock { cidr: cidr(&block.cidr)?, except }));
    }
    if from.namespace_selector.is_none() && from.pod_selector.is_none() {
        return Err("has a peer that names nobody".to_owned());
    }
    Ok(Peer::Pods {
        namespaces: from.namespace_selector.map(selector).transpose()?,
        pods: from.pod_selector.map(selector).transpose()?,
    })
}

fn port_match(from: api::NetworkPolicyPort) -> Result<PortMatch, String> {
    let protocol = match from.protocol.as_deref() {
        None => Protocol::default(),
        Some(word) => Protocol::find(word)
            .ok_or_else(|| format!("names the protocol `{word}`, which no policy knows"))?,
    };
    let ports = match (from.port, from.end_port) {
        (None, None) => Ports::All,
        (Some(IntOrString::Int(number)), None) => Ports::Range(port(number)?, port(number)?),
        (Some(IntOrString::Int(number)), Some(end)) if end >= number => {
            Ports::Range(port(number)?, port(end)?)
        }
        (Some(IntOrString::String(name)), None) => Ports::Named(name.into()),
        (_, Some(end)) => return Err(format!("has the `endPort` {end} without a lower `port`")),
    };
    Ok(PortMatch { protocol: Some(protocol), ports })
}
