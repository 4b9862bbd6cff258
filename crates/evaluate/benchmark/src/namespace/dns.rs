//! DNS as the cluster runs it: the service and its pods, and the cache on each node where there is
//! one.

use std::net::IpAddr;

use kuberlock_model::cluster::PodSource;
use kuberlock_model::network::{
    Direction, NetworkPolicy, Peer, PortMatch, Ports, Protocol, Rule, Service,
};
use kuberlock_network::Verdict;

use super::isolation::Policies;
use super::reach::{self, End};
use crate::context::Context;

/// The port of DNS.
pub(crate) const PORT: u16 = 53;
/// The protocols of DNS: an answer that is too long for UDP is asked again by TCP.
pub(crate) const PROTOCOLS: [Protocol; 2] = [Protocol::Udp, Protocol::Tcp];
/// Where NodeLocal DNSCache listens unless told otherwise.
const LOCAL: &str = "169.254.20.10";
/// The namespaces that installers run DNS in.
const HOMES: [&str; 2] = ["kube-system", "openshift-dns"];

/// The servers of a cluster.
#[derive(Debug)]
pub(crate) struct Dns<'a> {
    /// The services that lead to them.
    pub(crate) services: Vec<&'a Service>,
    /// The pods behind the services, one of each workload.
    pub(crate) servers: Vec<&'a PodSource<'a>>,
    /// The addresses of the cache on each node, where one runs.
    pub(crate) local: Vec<IpAddr>,
}

impl<'a> Dns<'a> {
    /// The servers of the cluster of `context`.
    pub(crate) fn of(context: &'a Context<'_>) -> Self {
        let services: Vec<&Service> = context.cluster.services().filter(|s| is_dns(s)).collect();
        let mut servers: Vec<&PodSource<'_>> = Vec::new();
        let mut local = Vec::new();
        for source in context.pod_sources() {
            let namespace = source.metadata.namespace.as_deref();
            if !namespace.is_some_and(|namespace| HOMES.contains(&namespace)) {
                continue;
            }
            if source.pod_labels.get("k8s-app").is_some_and(|app| app == "node-local-dns") {
                local.extend(addresses(source));
            }
            let leads = |service: &&Service| {
                service.metadata.namespace.as_deref() == namespace
                    && service.selector.iter().all(|(k, v)| source.pod_labels.get(k) == Some(v))
            };
            let is_new = servers.last().is_none_or(|last| last.head != source.head);
            if is_new && services.iter().any(leads) {
                servers.push(source);
            }
        }
        local.sort();
        local.dedup();
        Self { services, servers, local }
    }

    /// Whether `from` may ask the servers by `protocol`: any of them, since each answers.
    pub(crate) fn asked(
        &self,
        context: &'a Context<'_>,
        policies: &Policies<'_>,
        from: &End<'_>,
        protocol: Protocol,
    ) -> Verdict {
        let mut verdicts: Vec<Verdict> = Vec::new();
        for server in &self.servers {
            let to = End::of(context.cluster, server);
            for port in self.ports(&to, protocol) {
                verdicts.push(reach::connection(policies, from, &to, protocol, port));
            }
        }
        if !self.local.is_empty() && self.by_local_address(policies, from, protocol) {
            return Verdict::Allowed;
        }
        match best(&verdicts) {
            Verdict::Denied if self.by_address(policies, from) => Verdict::ImplementationDefined,
            // The pods ask the cache of their node, and whether a policy is held against that the
            // API does not say.
            Verdict::Allowed if !self.local.is_empty() => Verdict::ImplementationDefined,
            verdict => verdict,
        }
    }

    /// The ports of `to` that the services send `protocol` to.
    pub(crate) fn ports(&self, to: &End<'_>, protocol: Protocol) -> Vec<u16> {
        let ports = self.services.iter().flat_map(|service| &service.ports);
        let ports = ports.filter(|port| port.port == PORT && port.protocol == protocol);
        let mut ports: Vec<u16> =
            ports.filter_map(|port| to.target(&port.target, protocol)).collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    }

    /// Whether a rule names the address of a service: some plugins match it, others have replaced
    /// it by the pod's before they look.
    fn by_address(&self, policies: &Policies<'_>, from: &End<'_>) -> bool {
        let addresses = self.services.iter().flat_map(|service| &service.cluster_ips);
        let addresses: Vec<&IpAddr> = addresses.chain(&self.local).collect();
        blocks(policies, from, |_| true).any(|contains| addresses.iter().any(|a| contains(a)))
    }

    fn by_local_address(
        &self,
        policies: &Policies<'_>,
        from: &End<'_>,
        protocol: Protocol,
    ) -> bool {
        let covers = |rule: &Rule| {
            let is_port = |of: &PortMatch| {
                let ports = &of.ports;
                of.protocol.is_none_or(|of| of == protocol)
                    && match ports {
                        Ports::All => true,
                        Ports::Range(first, last) => (*first..=*last).contains(&PORT),
                        Ports::Named(_) => false,
                    }
            };
            rule.ports.is_empty() || rule.ports.iter().any(is_port)
        };
        let anywhere = selecting(policies, from)
            .flat_map(|policy| policy.rules(Direction::Egress))
            .any(|rule| rule.peers.is_empty() && covers(rule));
        anywhere
            || blocks(policies, from, covers).any(|contains| self.local.iter().any(|a| contains(a)))
    }
}

fn selecting<'p>(
    policies: &'p Policies<'_>,
    from: &'p End<'_>,
) -> impl Iterator<Item = &'p NetworkPolicy> {
    policies.within(from.namespace).iter().copied().filter(|policy| {
        policy.isolates(Direction::Egress) && policy.pods.matches(from.source.pod_labels)
    })
}

/// The blocks of the egress rules for `from` that `wanted` lets through, each as a question.
fn blocks<'p>(
    policies: &'p Policies<'_>,
    from: &'p End<'_>,
    wanted: impl Fn(&Rule) -> bool + 'p,
) -> impl Iterator<Item = impl Fn(&IpAddr) -> bool + 'p> {
    let rules = selecting(policies, from).flat_map(|policy| policy.rules(Direction::Egress));
    let peers = rules.filter(move |rule| wanted(rule)).flat_map(|rule| &rule.peers);
    peers.filter_map(|peer| match peer {
        Peer::Block(block) => Some(move |address: &IpAddr| {
            block.cidr.contains(address) && !block.except.iter().any(|hole| hole.contains(address))
        }),
        Peer::Pods { .. } => None,
    })
}

/// The best of several ways.
fn best(verdicts: &[Verdict]) -> Verdict {
    match verdicts {
        _ if verdicts.contains(&Verdict::Allowed) => Verdict::Allowed,
        _ if verdicts.contains(&Verdict::ImplementationDefined) => Verdict::ImplementationDefined,
        _ => Verdict::Denied,
    }
}

/// Whether a service is the cluster's DNS: it answers at port 53 by UDP, in a namespace of the
/// installer's.
fn is_dns(service: &Service) -> bool {
    let home = service.metadata.namespace.as_deref();
    home.is_some_and(|namespace| HOMES.contains(&namespace))
        && !service.selector.is_empty()
        && service.ports.iter().any(|port| port.port == PORT && port.protocol == Protocol::Udp)
}

/// The addresses that the cache listens at, by its own command line.
fn addresses(source: &PodSource<'_>) -> Vec<IpAddr> {
    let words = source.spec.containers.iter().flat_map(|c| c.command.iter().chain(&c.args));
    let told = words.flat_map(|word| word.split([',', '=', ' ']));
    let told: Vec<IpAddr> = told.filter_map(|text| text.parse().ok()).collect();
    let is_local = |address: &&IpAddr| match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local() || address.is_unique_local(),
    };
    let local: Vec<IpAddr> = told.iter().filter(is_local).copied().collect();
    if local.is_empty() { LOCAL.parse().into_iter().collect() } else { local }
}
