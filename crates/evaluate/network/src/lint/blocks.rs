//! Address blocks that hold what has no fixed place there: pods, nodes, services.

use std::collections::BTreeMap;
use std::net::IpAddr;

use kuberlock_model::network::{Direction, IpBlock, Peer, Rule};
use kuberlock_model::{Finding, Severity};

use super::Lint;
use super::context::Context;
use super::named::{RuleId, key, rules};
use super::report::{Report, at};
use crate::cni::Does;
use crate::policy::CompiledPolicy;

pub(super) static LINT: Lint = Lint {
    id: "netpol-block-holds-cluster",
    title: "An address block holds addresses of pods, nodes or services",
    severity: Severity::Low,
    what: "Every ipBlock that is not all addresses. It fails where known addresses of pods or \
           nodes lie in it and the network plugin in use does not match them by address, or \
           which it is is not known; and where a block to which pods may connect holds addresses \
           of services.",
    why: "Blocks are for addresses outside. Whether one matches pods the API leaves to the \
          plugin; a service's address may be replaced by a pod's before the policy is asked, or \
          after.",
    remedy: "are the pods meant? Then select them by their labels, and those behind the service \
             too",
    may_break: "Where the plugin does match addresses, other pods in the block lose what they \
                had.",
    references: &["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
    ask,
};

/// Addresses in use, and by whom.
struct Used {
    pods: BTreeMap<IpAddr, String>,
    services: BTreeMap<IpAddr, String>,
}

fn ask(context: &Context<'_>) -> Vec<Finding> {
    let mut report = Report::new(&LINT);
    let used = used(context);
    for policy in context.policies() {
        for (id, _) in rules(policy) {
            let Some(rule) = policy.source.rules(id.direction).get(id.index) else { continue };
            for (at_peer, peer) in rule.peers.iter().enumerate() {
                if let Peer::Block(block) = peer {
                    judge(&used, policy, id, (at_peer, block), &mut report);
                }
            }
        }
    }
    report.findings()
}

fn used(context: &Context<'_>) -> Used {
    let cni = context.reach.cni;
    let mut used = Used { pods: BTreeMap::new(), services: BTreeMap::new() };
    for (_, endpoint) in context.reach.endpoints() {
        let does = match endpoint.is_pods() && !endpoint.host_network {
            true => cni.blocks_match_pods(),
            false => cni.blocks_match_nodes(),
        };
        if does == Does::Yes {
            continue;
        }
        for pod in &endpoint.members {
            used.pods.extend(pod.addresses().iter().map(|a| (*a, endpoint.to_string())));
        }
        if !endpoint.is_pods() && endpoint.node.is_some() {
            used.pods.extend(endpoint.addresses.iter().map(|a| (*a, endpoint.to_string())));
        }
    }
    for service in context.cluster.services().filter(|service| !service.headless) {
        let namespace = service.metadata.namespace.as_deref().unwrap_or_default();
        let name = format!("service {namespace}/{}", service.metadata.name);
        used.services.extend(service.cluster_ips.iter().map(|a| (*a, name.clone())));
    }
    used
}

fn judge(
    used: &Used,
    policy: &CompiledPolicy,
    id: RuleId,
    (at_peer, block): (usize, &IpBlock),
    report: &mut Report,
) {
    if block.cidr.prefix_len() == 0 {
        return;
    }
    let path = Rule::path(id.direction, id.index).key(id.direction.peers()).index(at_peer);
    let path = path.key("ipBlock").key("cidr");
    let origin = &policy.source.metadata.origin;
    let mut say = |(address, who): (&IpAddr, &String), what: &str| {
        let own = at(format!("{address} is {who}"), origin, path.clone());
        report.add(&key(&policy.source), format!("{path} holds addresses of {what}"), [own]);
    };
    if let Some(found) = first_in(block, &used.pods) {
        say(found, "pods or nodes, which the network plugin may not match by address");
    }
    if id.direction == Direction::Egress
        && let Some(found) = first_in(block, &used.services)
    {
        say(found, "services, which may be replaced by those of pods before it is asked");
    }
}

fn first_in<'u>(
    block: &IpBlock,
    used: &'u BTreeMap<IpAddr, String>,
) -> Option<(&'u IpAddr, &'u String)> {
    let mut inside = used.range(block.cidr.network()..=block.cidr.broadcast());
    inside.find(|(address, _)| !block.except.iter().any(|hole| hole.contains(*address)))
}
