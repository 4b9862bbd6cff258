//! DNS as the cluster runs it: the service and its pods, and the cache on each node where there is
//! one.

use std::net::IpAddr;

use kuberlock_model::ObjectKey;
use kuberlock_model::cluster::PodSource;
use kuberlock_model::network::{Protocol, Service, TargetPort};
use kuberlock_network::{Connection, Party, Reachability, Verdict};

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

    /// Whether the pods of `from` may ask the servers by `protocol`: any of them, since each answers.
    pub(crate) fn asked(
        &self,
        network: &Reachability,
        from: &ObjectKey,
        protocol: Protocol,
    ) -> Verdict {
        let from = Party::pod(from.namespace.as_deref().unwrap_or_default(), &from.name);
        let ask = |to: Party, port: u16| {
            let connection = Connection { from: from.clone(), to, protocol, port };
            // Who is not known to the engine was not seen: that decides nothing.
            network.verdict(&connection).unwrap_or(Verdict::ImplementationDefined)
        };
        let is_allowed = |address: &IpAddr| ask(Party::Address(*address), PORT) == Verdict::Allowed;
        if self.local.iter().any(is_allowed) {
            return Verdict::Allowed;
        }
        let mut verdicts = Vec::new();
        for server in &self.servers {
            let namespace = server.head.namespace.as_deref().unwrap_or_default();
            for port in self.ports(server, protocol) {
                verdicts.push(ask(Party::pod(namespace, &server.head.name), port));
            }
        }
        let mut addresses = self.services.iter().flat_map(|service| &service.cluster_ips);
        match best(&verdicts) {
            // Some plugins match the service's address, others have replaced it by the pod's before
            // they look.
            Verdict::Denied if addresses.any(is_allowed) => Verdict::ImplementationDefined,
            // The pods ask the cache of their node, and whether a policy is held against that the
            // API does not say.
            Verdict::Allowed if !self.local.is_empty() => Verdict::ImplementationDefined,
            verdict => verdict,
        }
    }

    /// The ports of `server` that the services send `protocol` to.
    pub(crate) fn ports(&self, server: &PodSource<'_>, protocol: Protocol) -> Vec<u16> {
        let ports = self.services.iter().flat_map(|service| &service.ports);
        let ports = ports.filter(|port| port.port == PORT && port.protocol == protocol);
        let mut ports: Vec<u16> =
            ports.filter_map(|port| target(server, &port.target, protocol)).collect();
        ports.sort_unstable();
        ports.dedup();
        ports
    }
}

/// The port of a pod that a service sends to.
pub(crate) fn target(to: &PodSource<'_>, target: &TargetPort, protocol: Protocol) -> Option<u16> {
    match target {
        TargetPort::Number(port) => Some(*port),
        TargetPort::Name(name) => {
            let ports = to.spec.containers.iter().flat_map(|container| &container.ports);
            let mut ports = ports.filter(|port| port.protocol == protocol);
            ports.find(|port| port.name.as_deref() == Some(&**name)).map(|port| port.port)
        }
    }
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
