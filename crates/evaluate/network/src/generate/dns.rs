//! DNS as the cluster runs it.

use std::collections::BTreeSet;
use std::net::IpAddr;

use kuberlock_model::network::{Protocol, Service};
use kuberlock_model::{Kind, ObjectKey};

use super::evidence::Evidence;
use super::external::single;
use super::rules::{PeerKey, Wanted};
use super::selection::Selection;
use crate::cni::Cni;
use crate::traffic::{Directory, Who};

/// DNS's port.
const DNS: u16 = 53;

/// Where the cache on each node listens, unless its arguments tell otherwise.
const NODE_LOCAL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(169, 254, 20, 10));

/// Names of the service in distributions that do not label it `k8s-app: kube-dns`.
static NAMES: [&str; 4] = ["coredns", "dns-default", "kube-dns", "rke2-coredns-rke2-coredns"];

/// Protocols of DNS.
const PROTOCOLS: [Protocol; 2] = [Protocol::Tcp, Protocol::Udp];

/// DNS, as found.
#[derive(Debug, Default)]
pub(super) struct Dns {
    /// The pods that answer, by their workloads.
    pub(super) heads: BTreeSet<ObjectKey>,
    /// The pods' ports.
    pub(super) ports: BTreeSet<(Protocol, u16)>,
    pods: BTreeSet<PeerKey>,
    blocks: BTreeSet<IpAddr>,
    /// What was found, in words.
    pub(super) found: Vec<String>,
}

impl Dns {
    /// Finds DNS by its services and the cache on each node.
    pub(super) fn find(directory: &Directory<'_>, cni: Cni) -> Self {
        let mut dns = Self::default();
        let cache = node_local(directory);
        for service in directory.cluster.services().filter(|service| is_dns(service)) {
            dns.service(directory, service, cni, cache.is_some());
        }
        if let Some((key, addresses)) = cache {
            dns.found.push(format!("{key}, which listens on the nodes"));
            dns.blocks.extend(addresses);
        }
        dns
    }

    fn service(&mut self, directory: &Directory<'_>, service: &Service, cni: Cni, cached: bool) {
        let namespace = service.metadata.namespace.clone();
        let behind: Vec<_> = PROTOCOLS
            .into_iter()
            .flat_map(|protocol| directory.behind(service, protocol, DNS))
            .collect();
        if behind.is_empty() {
            return;
        }
        let ports: BTreeSet<u16> = behind.iter().map(|by| by.port).collect();
        // Large answers come by TCP even where the service tells of UDP alone.
        for protocol in PROTOCOLS {
            self.ports.extend(ports.iter().map(|port| (protocol, *port)));
        }
        self.heads.extend(behind.into_iter().map(|by| by.head));
        let selection = Selection { labels: service.selector.clone(), absent: BTreeSet::new() };
        self.pods.insert(PeerKey::Pods(namespace.clone(), selection));
        let name = &service.metadata.name;
        self.found.push(format!("Service {}/{name}", namespace.unwrap_or_default()));
        // The service's own address is asked where the plugin judges before it is translated, and
        // where the cache on the node answers in its place.
        if cached || matches!(cni, Cni::KubeRouter | Cni::Unknown) {
            self.blocks.extend(&service.cluster_ips);
        }
    }

    /// Whether nothing was found.
    pub(super) fn is_unknown(&self) -> bool {
        self.pods.is_empty() && self.blocks.is_empty()
    }

    /// Whether a connection is one for DNS, which every pod may open anyway.
    pub(super) fn is(&self, to: &Who, protocol: Protocol, port: u16) -> bool {
        match to {
            Who::Address(address) => port == DNS && self.blocks.contains(address),
            other => {
                other.head().is_some_and(|head| self.heads.contains(head))
                    && self.ports.contains(&(protocol, port))
            }
        }
    }

    /// What every pod of `namespace` may ask.
    pub(super) fn wanted(&self, namespace: &str) -> Wanted {
        let connection = match self.is_unknown() {
            true => "DNS, which was not found: anybody may be asked".to_owned(),
            false => format!("DNS: {}", self.found.join(", ")),
        };
        let evidence = Evidence { connection, ..Evidence::default() };
        let mut wanted = Wanted::default();
        for peer in &self.pods {
            let own = match peer {
                PeerKey::Pods(Some(of), selection) if of == namespace => {
                    PeerKey::Pods(None, selection.clone())
                }
                other => other.clone(),
            };
            for (protocol, port) in &self.ports {
                wanted.add(own.clone(), *protocol, *port, &evidence);
            }
        }
        for protocol in PROTOCOLS {
            for address in &self.blocks {
                let block = PeerKey::Block(single(*address), Vec::new());
                wanted.add(block, protocol, DNS, &evidence);
            }
            if self.is_unknown() {
                wanted.add(PeerKey::All, protocol, DNS, &evidence);
            }
        }
        wanted
    }
}

fn is_dns(service: &Service) -> bool {
    let labels = &service.metadata.labels;
    let labelled = labels.get("k8s-app").is_some_and(|app| app == "kube-dns");
    let named = NAMES.contains(&service.metadata.name.as_str())
        && matches!(service.metadata.namespace.as_deref(), Some("kube-system" | "openshift-dns"));
    (labelled || named) && service.ports.iter().any(|port| port.port == DNS)
}

/// The cache on each node, and the addresses it listens on (`-localip`).
fn node_local(directory: &Directory<'_>) -> Option<(ObjectKey, Vec<IpAddr>)> {
    let is_cache = |key: &ObjectKey| {
        key.kind == Kind::DaemonSet && (key.name == "node-local-dns" || key.name == "nodelocaldns")
    };
    let (key, head) = directory.heads.iter().find(|(key, head)| {
        is_cache(key)
            || head.labels().any(|labels| {
                labels
                    .get("k8s-app")
                    .is_some_and(|app| app == "node-local-dns" || app == "nodelocaldns")
            })
    })?;
    let mut addresses = Vec::new();
    for container in head.specs().flat_map(|spec| &spec.containers) {
        let words = container.command.iter().chain(&container.args).map(String::as_str);
        let mut is_next = false;
        for word in words {
            let value = match word.trim_start_matches('-').split_once('=') {
                Some(("localip", value)) => value,
                _ if is_next => word,
                _ => "",
            };
            is_next = word.trim_start_matches('-') == "localip";
            addresses.extend(value.split(',').filter_map(|one| one.trim().parse::<IpAddr>().ok()));
        }
    }
    if addresses.is_empty() {
        addresses.push(NODE_LOCAL);
    }
    Some((key.clone(), addresses))
}
