//! Policies that deny by default and let through what is known to be needed, and the proof of it.
//!
//! Always holds: a policy is about those pods only that nothing held before, so none opens what was
//! closed; the network engine says so for every pair of workloads.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use kuberlock_model::cluster::PodSource;
use kuberlock_model::network::{
    Direction, IpBlock, IpNet, Peer, PortMatch, Ports, Protocol, Rule, Service, ServiceType,
};
use kuberlock_model::rbac::Principal;
use kuberlock_model::selector::LabelSelector;
use kuberlock_model::{Kind, Object, ObjectKey};
use kuberlock_network::{Cni, Party};

use super::policy::{manifest, selecting};
use super::{Manifest, Proposal};
use crate::context::Context;
use crate::namespace::dns::{self, Dns, PROTOCOLS};
use crate::namespace::isolation::{self, Policies};
use crate::namespace::mention::{self, Mention};
use crate::namespace::{Space, labels};
use crate::pods;

mod simulate;

use simulate::Wanted;

/// Labels that a pod does not share with those that come after it.
const FLEETING: [&str; 8] = [
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "controller-revision-hash",
    "controller-uid",
    "job-name",
    "pod-template-hash",
    "statefulset.kubernetes.io/pod-name",
];

/// What is being put together for one namespace.
struct Draft<'a, 'c> {
    context: &'a Context<'c>,
    space: &'a Space<'a>,
    /// The workloads that nothing holds, by direction.
    open: BTreeMap<Direction, Vec<&'a PodSource<'a>>>,
    heads: usize,
    manifests: Vec<Manifest>,
    wanted: Vec<Wanted>,
}

pub(super) fn propose<'a>(context: &'a Context<'_>, space: &'a Space<'a>, proposal: &mut Proposal) {
    let policies = Policies::of(context);
    let held = Direction::BOTH.map(|of| (of, isolation::held(space, &policies, of)));
    let mut draft = Draft {
        context,
        space,
        heads: held.iter().map(|(_, held)| held.heads).max().unwrap_or_default(),
        open: BTreeMap::new(),
        manifests: Vec::new(),
        wanted: Vec::new(),
    };
    let denied: Vec<(Direction, Vec<Rule>)> = held
        .iter()
        .filter(|(_, held)| held.whole.is_none())
        .map(|(direction, _)| (*direction, Vec::new()))
        .collect();
    draft.open = held.into_iter().map(|(direction, held)| (direction, held.open())).collect();
    if !denied.is_empty() {
        let why = vec![
            "What no other policy allows is denied, also to pods that are still to come."
                .to_owned(),
        ];
        let name = "kuberlock-default-deny";
        draft.manifests.push(manifest(space.name, name, LabelSelector::default(), &denied, why));
    }
    let mentions = mention::mentions(context);
    draft.dns(proposal);
    draft.within();
    draft.api_server(proposal);
    draft.services(&mentions, proposal);
    draft.take_outside();
    draft.hosts(proposal);
    draft.not_known(proposal);
    simulate::simulate(context, space, &draft.manifests, &draft.wanted, proposal);
    proposal.manifests.append(&mut draft.manifests);
}

impl<'a> Draft<'a, '_> {
    /// The pods that a policy of `direction` is about: all, or those of each workload that nothing
    /// holds, with a name for each.
    fn subjects(&self, direction: Direction) -> Vec<(String, LabelSelector)> {
        let open = self.open.get(&direction).map_or(&[][..], Vec::as_slice);
        if open.len() == self.heads {
            return vec![(String::new(), LabelSelector::default())];
        }
        open.iter().map(|of| (format!("-{}", of.head.name), stable(of))).collect()
    }

    fn is_open(&self, direction: Direction, source: &PodSource<'_>) -> bool {
        let open = self.open.get(&direction).map_or(&[][..], Vec::as_slice);
        open.iter().any(|of| of.head == source.head)
    }

    fn add(
        &mut self,
        name: &str,
        pods: LabelSelector,
        direction: Direction,
        rules: Vec<Rule>,
        why: Vec<String>,
    ) {
        let rules = [(direction, rules)];
        self.manifests.push(manifest(self.space.name, name, pods, &rules, why));
    }

    /// DNS as the cluster runs it.
    fn dns(&mut self, proposal: &mut Proposal) {
        let subjects = self.subjects(Direction::Egress);
        if subjects.is_empty() {
            return;
        }
        let dns = Dns::of(self.context);
        let mut rules = Vec::new();
        let mut why = Vec::new();
        for service in &dns.services {
            let namespace = service.metadata.namespace.as_deref().unwrap_or_default();
            let servers = dns.servers.iter().filter(|server| selects(service, server));
            let ports: BTreeSet<(Protocol, u16)> = servers
                .flat_map(|server| PROTOCOLS.map(|of| (of, dns.ports(server, of))))
                .flat_map(|(of, ports)| ports.into_iter().map(move |port| (of, port)))
                .collect();
            if ports.is_empty() {
                continue;
            }
            why.push(format!(
                "Names are resolved by the pods behind Service {namespace}/{}.",
                service.metadata.name
            ));
            rules
                .push(Rule { peers: [behind(namespace, service)].into(), ports: of_ports(&ports) });
        }
        rules.dedup();
        let mut addresses: Vec<IpAddr> = dns.local.clone();
        if !dns.local.is_empty() {
            why.push("Each node has a cache of its own.".to_owned());
        }
        if matches!(self.context.network().cni(), Cni::Unknown | Cni::KubeRouter | Cni::Aws) {
            let own = dns.services.iter().flat_map(|service| &service.cluster_ips);
            addresses.extend(own);
        }
        if addresses.len() > dns.local.len() {
            why.push("Some network plugins match the address of the service.".to_owned());
        }
        if rules.is_empty() {
            let known = [("k8s-app".to_owned(), "kube-dns".to_owned())];
            let pods = Some(selecting(known.iter().map(|(key, value)| (key, value))));
            let peer = Peer::Pods { namespaces: Some(named("kube-system")), pods };
            rules.push(Rule { peers: [peer].into(), ports: of_ports(&standard()) });
            why.push("Where kubeadm has them: the servers themselves were not seen.".to_owned());
            let told = "no DNS server was seen: the policy for DNS is by kubeadm's layout";
            proposal.unknown.push(told.to_owned());
        }
        let blocks: Vec<Peer> = addresses.into_iter().map(block).collect();
        if !blocks.is_empty() {
            rules.push(Rule { peers: blocks.into(), ports: of_ports(&standard()) });
        }
        for (suffix, pods) in subjects {
            let name = format!("kuberlock-allow-dns{suffix}");
            self.add(&name, pods, Direction::Egress, rules.clone(), why.clone());
        }
        self.want_dns(&dns);
    }

    fn want_dns(&mut self, dns: &Dns<'_>) {
        for source in self.open.get(&Direction::Egress).into_iter().flatten() {
            for server in &dns.servers {
                for protocol in PROTOCOLS {
                    for port in dns.ports(server, protocol) {
                        let said = format!("{} asks DNS", source.head);
                        self.wanted.push(Wanted::pods(source, server, protocol, port, said));
                    }
                }
            }
        }
    }

    /// Neighbours go on as they are: nothing that was seen tells which of them need each other.
    fn within(&mut self) {
        if self.heads == 0 {
            return;
        }
        let neighbours = || Rule {
            peers: [Peer::Pods { namespaces: None, pods: Some(LabelSelector::default()) }].into(),
            ports: Box::default(),
        };
        let names = [(Direction::Ingress, "from"), (Direction::Egress, "to")];
        for (direction, word) in names {
            for (suffix, pods) in self.subjects(direction) {
                let name = format!("kuberlock-allow-{word}-neighbours{suffix}");
                let why = vec![
                    "Pods of the namespace reach each other as before; narrow it when it is known which do."
                        .to_owned(),
                ];
                self.add(&name, pods, direction, vec![neighbours()], why);
            }
        }
    }

    /// The API server, for those who have rights there and a token to show.
    fn api_server(&mut self, proposal: &mut Proposal) {
        let bound = pods::bound(self.context);
        let group =
            Principal::Group { name: format!("system:serviceaccounts:{}", self.space.name) };
        let users: Vec<&PodSource<'_>> = self
            .open
            .get(&Direction::Egress)
            .into_iter()
            .flatten()
            .copied()
            .filter(|source| {
                let account = Principal::ServiceAccount {
                    namespace: self.space.name.to_owned(),
                    name: source.spec.service_account.clone(),
                };
                pods::has_token(self.context, source)
                    && (bound.contains(&account) || bound.contains(&group))
            })
            .collect();
        if users.is_empty() {
            return;
        }
        let ends = self.api_ends();
        if ends.is_empty() {
            let told = users.iter().map(|user| {
                format!("{} has rights at the API server, whose address was not seen", user.head)
            });
            proposal.breaks.extend(told);
            return;
        }
        let mut rules = Vec::new();
        for (address, port) in &ends {
            let ports = of_ports(&BTreeSet::from([(Protocol::Tcp, *port)]));
            rules.push(Rule { peers: [block(*address)].into(), ports });
        }
        for user in users {
            let name = format!("kuberlock-allow-{}-to-api-server", user.head.name);
            let why = vec![format!(
                "A role is bound to the account {} of {}.",
                user.spec.service_account, user.head
            )];
            self.add(&name, stable(user), Direction::Egress, rules.clone(), why);
            for (address, port) in &ends {
                let said = format!("{} asks the API server at {address}", user.head);
                self.wanted.push(Wanted::address(user, *address, *port, said));
            }
        }
    }

    /// The addresses and ports by which pods reach the API server: the service's, and those that
    /// it stands for.
    fn api_ends(&self) -> BTreeSet<(IpAddr, u16)> {
        let key = ObjectKey::new(Kind::Service, Some("default"), "kubernetes");
        let Some(Object::Service(service)) = self.context.cluster.get(&key) else {
            return BTreeSet::new();
        };
        let mut ends = BTreeSet::new();
        let servers = self.context.cluster.nodes().filter(|node| {
            node.metadata.labels.contains_key("node-role.kubernetes.io/control-plane")
        });
        let servers: Vec<IpAddr> = servers.flat_map(|node| node.addresses.to_vec()).collect();
        for port in &service.ports {
            ends.extend(service.cluster_ips.iter().map(|address| (*address, port.port)));
            if let kuberlock_model::network::TargetPort::Number(target) = port.target {
                ends.extend(servers.iter().map(|address| (*address, target)));
            }
        }
        ends
    }

    /// The services that workloads name, here and elsewhere.
    fn services(&mut self, mentions: &[Mention<'_>], proposal: &mut Proposal) {
        for mention in mentions {
            let of_user = mention.user.metadata.namespace.as_deref().unwrap_or_default();
            let of_service = mention.service.metadata.namespace.as_deref().unwrap_or_default();
            if of_user != self.space.name && of_service != self.space.name {
                continue;
            }
            let service = &mention.service.metadata.name;
            let said = format!(
                "{} reaches Service {of_service}/{service} as `{}`",
                mention.user.head, mention.said
            );
            let behind_it = self.behind(mention.service);
            if behind_it.is_empty() {
                if of_service != self.space.name && self.is_open(Direction::Egress, mention.user) {
                    proposal
                        .breaks
                        .push(format!("{said}, and which pods are behind it was not seen"));
                }
                continue;
            }
            let mut ports: BTreeSet<(Protocol, u16)> = BTreeSet::new();
            for pod in &behind_it {
                for port in self.ports(mention, pod) {
                    ports.insert(port);
                    self.wanted.push(Wanted::pods(mention.user, pod, port.0, port.1, said.clone()));
                }
            }
            let ports = of_ports(&ports);
            let user = &mention.user.head.name;
            if of_service != self.space.name && self.is_open(Direction::Egress, mention.user) {
                let name = format!("kuberlock-allow-{user}-to-{of_service}-{service}");
                let peers = [behind(of_service, mention.service)].into();
                let rules = vec![Rule { peers, ports }];
                self.add(
                    &name,
                    stable(mention.user),
                    Direction::Egress,
                    rules,
                    vec![format!("{said}.")],
                );
            } else if of_user != self.space.name
                && behind_it.iter().any(|pod| self.is_open(Direction::Ingress, pod))
            {
                let name = format!("kuberlock-allow-{of_user}-{user}-to-{service}");
                let pods = Some(stable(mention.user));
                let peers = [Peer::Pods { namespaces: Some(named(of_user)), pods }].into();
                let pods = selecting(&mention.service.selector);
                let rules = vec![Rule { peers, ports }];
                self.add(&name, pods, Direction::Ingress, rules, vec![format!("{said}.")]);
            }
        }
    }

    /// The pods behind a service, one of each workload.
    fn behind(&self, service: &Service) -> Vec<&'a PodSource<'a>> {
        let groups = self.context.pod_sources().chunk_by(|a, b| a.head == b.head);
        let first = groups.filter_map(<[_]>::first);
        first
            .filter(|source| source.metadata.namespace == service.metadata.namespace)
            .filter(|source| selects(service, source))
            .collect()
    }

    /// The ports of `pod` that a mention means.
    fn ports(&self, mention: &Mention<'_>, pod: &PodSource<'_>) -> Vec<(Protocol, u16)> {
        let named = mention.service.ports.iter().any(|port| Some(port.port) == mention.port);
        let meant = mention
            .service
            .ports
            .iter()
            .filter(|port| !named || mention.port.is_none_or(|wanted| wanted == port.port));
        meant
            .filter_map(|port| {
                Some((port.protocol, dns::target(pod, &port.target, port.protocol)?))
            })
            .collect()
    }

    /// What is led in from outside the cluster comes from nobody knows where.
    fn take_outside(&mut self) {
        let cluster = self.context.cluster;
        let mut led: BTreeMap<&str, String> = BTreeMap::new();
        for route in cluster.routes() {
            for backend in &route.backends {
                if *backend.namespace == *self.space.name {
                    let by = format!("{} {}", route.kind, route.metadata.name);
                    led.insert(&backend.service, by);
                }
            }
        }
        for service in cluster.services() {
            if service.metadata.namespace.as_deref() != Some(self.space.name) {
                continue;
            }
            let is_public =
                matches!(service.service_type, ServiceType::NodePort | ServiceType::LoadBalancer);
            let by = led.get(service.metadata.name.as_str()).cloned();
            let by = by.or_else(|| is_public.then(|| "its own type".to_owned()));
            let Some(by) = by else { continue };
            let pods = self.behind(service);
            let open: Vec<_> =
                pods.into_iter().filter(|pod| self.is_open(Direction::Ingress, pod)).collect();
            let ports: BTreeSet<(Protocol, u16)> = open
                .iter()
                .flat_map(|pod| {
                    let ports = service.ports.iter();
                    ports.filter_map(|port| {
                        Some((port.protocol, dns::target(pod, &port.target, port.protocol)?))
                    })
                })
                .collect();
            if ports.is_empty() {
                continue;
            }
            let name = format!("kuberlock-allow-outside-to-{}", service.metadata.name);
            let why = vec![format!(
                "Service {} is led to from outside by {by}: narrow it to who leads there, where that \
                 is known.",
                service.metadata.name
            )];
            let rules = vec![Rule { peers: Box::default(), ports: of_ports(&ports) }];
            self.add(&name, selecting(&service.selector), Direction::Ingress, rules, why);
        }
    }

    /// Hosts outside the cluster that workloads name: no NetworkPolicy can.
    fn hosts(&self, proposal: &mut Proposal) {
        for source in self.open.get(&Direction::Egress).into_iter().flatten() {
            let hosts = mention::outside(self.context, source);
            let told = hosts.into_iter().map(|host| {
                format!(
                    "{} names the host {host}, which a NetworkPolicy cannot: allow its addresses",
                    source.head
                )
            });
            proposal.breaks.extend(told);
        }
    }

    fn not_known(&self, proposal: &mut Proposal) {
        let is_open = |direction| self.open.get(&direction).is_some_and(|open| !open.is_empty());
        if is_open(Direction::Egress) {
            proposal.unknown.push(
                "what its pods open to others is known from environment, command lines and config maps \
                 only: what stands in Secrets and programs is denied"
                    .to_owned(),
            );
        }
        if is_open(Direction::Ingress) {
            proposal.unknown.push(
                "who reaches it without naming it (monitoring that finds its targets, webhooks' callers) \
                 was not seen, and is denied"
                    .to_owned(),
            );
        }
    }
}

/// The labels of a pod that those after it have too.
fn stable(source: &PodSource<'_>) -> LabelSelector {
    selecting(source.pod_labels.iter().filter(|(key, _)| !FLEETING.contains(&key.as_str())))
}

fn selects(service: &Service, source: &PodSource<'_>) -> bool {
    source.metadata.namespace == service.metadata.namespace
        && !service.selector.is_empty()
        && service.selector.iter().all(|(key, value)| source.pod_labels.get(key) == Some(value))
}

/// The namespace of this name.
fn named(namespace: &str) -> LabelSelector {
    selecting([(&labels::NAME.to_owned(), &namespace.to_owned())])
}

/// The pods behind a service.
fn behind(namespace: &str, service: &Service) -> Peer {
    let pods = Some(selecting(&service.selector));
    Peer::Pods { namespaces: Some(named(namespace)), pods }
}

fn block(address: IpAddr) -> Peer {
    Peer::Block(IpBlock { cidr: IpNet::from(address), except: Box::default() })
}

fn standard() -> BTreeSet<(Protocol, u16)> {
    PROTOCOLS.into_iter().map(|protocol| (protocol, dns::PORT)).collect()
}

fn of_ports(ports: &BTreeSet<(Protocol, u16)>) -> Box<[PortMatch]> {
    let port = |(protocol, port): &(Protocol, u16)| PortMatch {
        protocol: Some(*protocol),
        ports: Ports::Range(*port, *port),
    };
    ports.iter().map(port).collect()
}

/// The end that a workload is.
fn party(source: &PodSource<'_>) -> Party {
    Party::pod(source.metadata.namespace.as_deref().unwrap_or_default(), &source.head.name)
}
