//! Pods that may reach others and cannot ask for their names.

use std::collections::BTreeMap;
use std::net::IpAddr;

use fixedbitset::FixedBitSet as Bits;
use kuberlock_model::network::{Direction, Protocol, Service, TargetPort};
use kuberlock_model::{FieldPath, Finding, Severity};

use super::Lint;
use super::context::Context;
use super::group::Group;
use super::named::key;
use super::report::{Report, at};
use crate::near::is_of_node;
use crate::ports::PortSet;
use crate::profile::Isolated;

pub(super) static LINT: Lint = Lint {
    id: "netpol-egress-without-dns",
    title: "Pods are isolated against egress and cannot reach DNS",
    severity: Severity::Medium,
    what: "What pods that policies isolate against egress may reach. It fails where they may \
           reach other pods, and neither the pods behind the cluster's DNS service, nor that \
           service's address, nor port 53 of a node. Where no DNS is seen, port 53 of anybody \
           will do. Pods that may reach nobody are left out.",
    why: "Names of services do not resolve, so that what is allowed is not used. Whoever looks \
          for the cause often opens everything.",
    remedy: "do the pods go by names? Then allow UDP and TCP 53 to the DNS pods",
    may_break: "Nothing. Through DNS data can leave the cluster; allow it to the DNS pods alone.",
    references: &["https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/"],
    ask,
};

/// Names of the DNS service, as distributions have it.
const SERVICES: [&str; 4] = ["kube-dns", "coredns", "dns-default", "rke2-coredns-rke2-coredns"];
const NAMESPACES: [&str; 2] = ["kube-system", "openshift-dns"];
/// Where node-local-dns listens.
const NODE_LOCAL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(169, 254, 20, 10));
/// Workloads that are named in a message.
const NAMED: usize = 3;

/// Who answers for names.
struct Servers {
    pods: Bits,
    ports: PortSet,
    /// Addresses that stand for them, as ranges outside.
    ranges: Bits,
}

fn ask(context: &Context<'_>) -> Vec<Finding> {
    let servers = servers(context);
    let mut without: BTreeMap<_, (Vec<String>, &kuberlock_model::Origin)> = BTreeMap::new();
    for group in &context.groups(Direction::Egress).all {
        if group.selected.isolated != Isolated::Yes || !talks(context, group) {
            continue;
        }
        if resolves(context, group, &servers) {
            continue;
        }
        let mut policies = group.selected.policies.iter();
        let Some(policy) = policies.find(|p| !p.rules(Direction::Egress).is_empty()) else {
            continue;
        };
        let origin = &policy.source.metadata.origin;
        let (heads, _) = without.entry(key(&policy.source)).or_insert((Vec::new(), origin));
        let members = group.members.difference(&servers.pods);
        heads.extend(members.filter_map(|at| Some(context.reach.endpoint(at)?.to_string())));
    }
    let mut report = Report::new(&LINT);
    for (policy, (mut heads, origin)) in without {
        heads.sort();
        heads.dedup();
        if heads.is_empty() {
            continue;
        }
        let own =
            at("UDP and TCP 53 are not among its rules", origin, FieldPath::of("spec.egress"));
        report.add(&policy, format!("no DNS for {}", few(&heads)), [own]);
    }
    report.findings()
}

fn few(heads: &[String]) -> String {
    let shown = heads.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match heads.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Whether policies let it reach any other pod.
fn talks(context: &Context<'_>, group: &Group<'_>) -> bool {
    let table = &context.reach.table;
    group.profile.parts.iter().any(|(through, peers)| {
        let reaches = !table.set(through.possible).is_empty();
        let is_pod = |at: usize| context.reach.endpoint(at).is_some_and(|e| e.is_pods());
        let is_other =
            |at: &usize| !group.members.contains(*at) || group.members.count_ones(..) > 1;
        reaches && peers.ones().filter(is_other).any(is_pod)
    })
}

fn resolves(context: &Context<'_>, group: &Group<'_>, servers: &Servers) -> bool {
    let table = &context.reach.table;
    let meets = |a: &PortSet, b: &PortSet| !a.intersection(b).is_empty();
    group.profile.parts.iter().any(|(through, peers)| {
        let ports = table.set(through.possible);
        if servers.pods.is_clear() {
            return meets(ports, &dns());
        }
        let of_node = |at: usize| context.reach.endpoint(at).is_some_and(is_of_node);
        (meets(ports, &servers.ports) && !peers.is_disjoint(&servers.pods))
            || (meets(ports, &dns())
                && (!peers.is_disjoint(&servers.ranges) || peers.ones().any(of_node)))
    })
}

/// Port 53.
fn dns() -> PortSet {
    PortSet::range(Protocol::Udp, 53, 53).union(&PortSet::range(Protocol::Tcp, 53, 53))
}

fn servers(context: &Context<'_>) -> Servers {
    let reach = context.reach;
    let size = reach.endpoints.len();
    let mut servers = Servers {
        pods: Bits::with_capacity(size),
        ports: dns(),
        ranges: Bits::with_capacity(size),
    };
    let mut range = |address: IpAddr| {
        if let Some(at) = reach.places.outside.get(reach.cuts.index(address)) {
            servers.ranges.insert(*at);
        }
    };
    range(NODE_LOCAL);
    let services: Vec<&Service> = context.cluster.services().filter(|s| is_dns(s)).collect();
    for service in &services {
        service.cluster_ips.iter().copied().for_each(&mut range);
    }
    for (at, endpoint) in reach.endpoints().filter(|(_, endpoint)| endpoint.is_pods()) {
        let namespace = endpoint.namespace().unwrap_or_default();
        let mut behind = services.iter().filter(|service| {
            service.metadata.namespace.as_deref() == Some(namespace)
                && !service.selector.is_empty()
                && service.selector.iter().all(|(k, v)| endpoint.labels().get(k) == Some(v))
        });
        let named = endpoint.labels().get("k8s-app").is_some_and(|app| app == "kube-dns");
        let service = behind.next();
        if service.is_some() || (named && NAMESPACES.contains(&namespace)) {
            servers.pods.insert(at);
        }
        if let Some(service) = service {
            servers.ports = servers.ports.union(&targets(service, endpoint));
        }
    }
    servers
}

fn is_dns(service: &Service) -> bool {
    let namespace = service.metadata.namespace.as_deref().unwrap_or_default();
    NAMESPACES.contains(&namespace) && SERVICES.contains(&service.metadata.name.as_str())
}

/// The ports of the pod that the service's port 53 leads to.
fn targets(service: &Service, endpoint: &crate::Endpoint) -> PortSet {
    let ports = service.ports.iter().filter(|port| port.port == 53);
    ports.fold(PortSet::none(), |all, port| match &port.target {
        TargetPort::Number(number) => all.union(&PortSet::range(port.protocol, *number, *number)),
        TargetPort::Name(name) => {
            let named = endpoint.ports.iter();
            let named = named.filter(|p| p.name == *name && p.protocol == port.protocol);
            named.fold(all, |all, p| all.union(&PortSet::range(p.protocol, p.port, p.port)))
        }
    })
}
