//! What np-guard lists.

use std::collections::BTreeMap;
use std::fmt;

use kuberlock_model::Cluster;
use kuberlock_model::network::{Direction, IpNet, Peer as RulePeer, TierPeer};

use super::connection::Ports;
use super::ingress;
use super::line::{Line, Network, NetworkKind, row};
use super::networks::Networks;
use super::peer::{Peer, Pod, misread, outside, pods, workloads};
use super::policies::{Policies, network_policies, tiered};
use crate::address::{AddressRange, Cuts};

/// Every connection that np-guard lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connections {
    /// Its lines, in its order: by source, destination, network.
    pub lines: Vec<Line>,
    /// The networks of each workload, where the cluster has more than one: the first, and others.
    pub networks: Option<BTreeMap<String, (Network, Vec<Network>)>>,
}

/// All connections between workloads, and between workloads and addresses outside.
pub fn connections(cluster: &Cluster) -> Connections {
    let networks = Networks::of(cluster);
    let pods = pods(cluster);
    let ends = Ends::of(cluster, workloads(&pods), Vec::new());
    let policies = Policies::new(cluster, &ends.peers);
    let mut lines = ends.lines(cluster, &policies, &networks);
    lines.sort();
    Connections { lines, networks: ends.networks(&networks) }
}

/// The ends of connections: workloads, the one that Ingress and Route come from, unseen pods, ranges.
#[derive(Debug)]
pub(super) struct Ends {
    pub(super) peers: Vec<Peer>,
    /// How many workloads there are; they come first, and next the ingress controller.
    pub(super) workloads: usize,
    /// Ranges that rules of ingress tell apart, by number.
    sources: Vec<usize>,
    /// Ranges that rules of egress tell apart, by number.
    targets: Vec<usize>,
}

impl Ends {
    pub(super) fn of(cluster: &Cluster, pods: Vec<Pod>, unseen: Vec<Peer>) -> Self {
        let workloads = pods.len();
        let mut peers: Vec<Peer> = pods.into_iter().map(Peer::Pod).collect();
        peers.push(Peer::Pod(Pod::ingress_controller()));
        peers.extend(unseen);
        let mut add = |ranges: Vec<AddressRange>| {
            let from = peers.len();
            peers.extend(ranges.into_iter().map(Peer::Range));
            (from..peers.len()).collect()
        };
        let sources = add(ranges(cluster, Direction::Ingress));
        let targets = add(ranges(cluster, Direction::Egress));
        Self { peers, workloads, sources, targets }
    }

    /// What gets through from one end to another on their first network.
    pub(super) fn between(&self, policies: &Policies<'_>, from: usize, to: usize) -> Ports {
        let egress = policies.with(&self.peers, from, Direction::Egress, to);
        if egress.is_empty() {
            return egress;
        }
        egress.and_in(&policies.with(&self.peers, to, Direction::Ingress, from))
    }

    /// The lines of all pairs, in no order.
    pub(super) fn lines(
        &self,
        cluster: &Cluster,
        policies: &Policies<'_>,
        networks: &Networks,
    ) -> Vec<Line> {
        let mut lines = Vec::new();
        let sources = (0..self.workloads).chain(self.sources.iter().copied());
        for from in sources {
            let targets = (0..self.workloads).chain(self.targets.iter().copied());
            for to in targets.filter(|to| *to != from) {
                let ends = (self.peers.get(from), self.peers.get(to));
                let (Some(source), Some(target)) = ends else { continue };
                let Some(network) = shared(networks, source, target) else { continue };
                let found = self.between(policies, from, to);
                lines.extend(line(networks, source, target, &found, network));
            }
        }
        for (to, led) in ingress::led_to(cluster, &self.peers) {
            let from = self.workloads;
            let ends = (self.peers.get(from), self.peers.get(to));
            let (Some(source), Some(target)) = ends else { continue };
            let Some(network) = shared(networks, source, target) else { continue };
            let found = led.and_in(&self.between(policies, from, to));
            lines.extend(line(networks, source, target, &found, network));
        }
        lines.extend(self.on_secondary(cluster, networks));
        lines
    }

    /// The lines of networks that pods have beside their first.
    fn on_secondary(&self, cluster: &Cluster, networks: &Networks) -> Vec<Line> {
        let pods: Vec<&Pod> = self.peers.iter().take(self.workloads).filter_map(pod).collect();
        let mut lines = Vec::new();
        for from in &pods {
            let of_source = networks.secondary(from);
            if of_source.is_empty() {
                continue;
            }
            for to in pods.iter().filter(|to| to.written() != from.written()) {
                for name in of_source.intersection(&networks.secondary(to)) {
                    let with = |ends, d| networks.with(cluster, name, ends, d);
                    let egress = with([from, to], Direction::Egress);
                    let found = egress.and_in(&with([to, from], Direction::Ingress));
                    let network = Network { kind: NetworkKind::Attached, name: (*name).to_owned() };
                    lines.extend((!found.is_empty()).then(|| Line {
                        src: from.written(),
                        dst: to.written(),
                        conn: found.to_string(),
                        network: Some(network),
                    }));
                }
            }
        }
        lines
    }

    fn networks(&self, networks: &Networks) -> Option<BTreeMap<String, (Network, Vec<Network>)>> {
        let of = |pod: &Pod| {
            let attached = networks
                .secondary(pod)
                .into_iter()
                .map(|name| Network { kind: NetworkKind::Attached, name: name.to_owned() });
            (pod.written(), (networks.primary(pod), attached.collect()))
        };
        let pods = self.peers.iter().take(self.workloads).filter_map(pod);
        (!networks.is_empty()).then(|| pods.map(of).collect())
    }
}

fn pod(peer: &Peer) -> Option<&Pod> {
    match peer {
        Peer::Pod(pod) => Some(pod),
        _ => None,
    }
}

/// The first network of both ends; what is outside is on every one.
fn shared(networks: &Networks, a: &Peer, b: &Peer) -> Option<Network> {
    let of = |peer| pod(peer).filter(|of| !of.is_ingress_controller).map(|of| networks.primary(of));
    match (of(a), of(b)) {
        (Some(a), Some(b)) => (a == b).then_some(a),
        (Some(one), None) | (None, Some(one)) => Some(one),
        (None, None) => None,
    }
}

fn line(
    networks: &Networks,
    source: &Peer,
    target: &Peer,
    found: &Ports,
    network: Network,
) -> Option<Line> {
    let written = |peer: &Peer| match peer {
        Peer::Pod(pod) => networks.written(pod),
        Peer::Range(range) => outside(range),
        Peer::Representative(unseen) => unseen.written(),
    };
    (!found.is_empty()).then(|| Line {
        src: written(source),
        dst: written(target),
        conn: found.to_string(),
        network: (!networks.is_empty()).then_some(network),
    })
}

/// The ranges of IPv4 that rules of one direction tell apart.
fn ranges(cluster: &Cluster, d: Direction) -> Vec<AddressRange> {
    let mut nets: Vec<IpNet> = Vec::new();
    for peer in network_policies(cluster).iter().flat_map(|of| of.rules(d)).flat_map(|r| &r.peers) {
        if let RulePeer::Block(block) = peer {
            nets.extend(std::iter::once(&block.cidr).chain(&block.except).map(misread));
        }
    }
    for peer in tiered(cluster).iter().flat_map(|of| of.rules(d)).flat_map(|r| &r.peers) {
        if let TierPeer::Networks(of) = peer {
            nets.extend(of);
        }
    }
    let ranges = Cuts::new(nets.iter()).ranges();
    ranges.into_iter().filter(|range| range.first.is_ipv4()).collect()
}

impl Connections {
    /// As comma-separated values: `src`, `dst`, `conn` and, where the cluster has more than one
    /// network, `network`.
    pub fn csv(&self) -> String {
        let has_networks = self.networks.is_some();
        let heading = ["src", "dst", "conn"].into_iter().chain(has_networks.then_some("network"));
        let mut text = row(heading);
        for line in &self.lines {
            let network = line.network.as_ref().map(|network| network.name.as_str());
            let values = [line.src.as_str(), &line.dst, &line.conn].into_iter().chain(network);
            text.push_str(&row(values));
        }
        text
    }

    fn sections(&self) -> BTreeMap<Option<&Network>, Vec<&Line>> {
        let mut sections: BTreeMap<Option<&Network>, Vec<&Line>> = BTreeMap::new();
        for line in &self.lines {
            sections.entry(line.network.as_ref()).or_default().push(line);
        }
        sections
    }
}

/// As text: lines by network, then the networks of each workload.
impl fmt::Display for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sections = self.sections();
        let of_pods = Network::of_pods();
        let is_other = |network: &Option<&Network>| network.is_some_and(|of| *of != of_pods);
        if sections.keys().any(&is_other) {
            writeln!(f, "{HEADING}{}:", NetworkKind::Pods.heading())?;
            if !sections.contains_key(&Some(&of_pods)) {
                let mut all = self.networks.iter().flat_map(BTreeMap::values);
                let is_there = all.any(|(first, _)| *first == of_pods);
                f.write_str(if is_there { BLOCKED } else { NOBODY })?;
            }
        }
        for (network, lines) in sections {
            if let Some(other) = network.filter(|_| is_other(&network)) {
                writeln!(f, "\n{HEADING}{} {}:", other.kind.heading(), other.name)?;
            }
            lines.into_iter().try_for_each(|line| writeln!(f, "{line}"))?;
        }
        let Some(networks) = &self.networks else { return Ok(()) };
        f.write_str("\nWorkload-to-Networks Mapping:\n")?;
        for (workload, (first, others)) in networks {
            writeln!(f, "{workload}: \n\tPrimary Network: {first}")?;
            if !others.is_empty() {
                let others: Vec<String> = others.iter().map(Network::to_string).collect();
                writeln!(f, "\tSecondary Networks: {}", others.join(","))?;
            }
        }
        Ok(())
    }
}

const HEADING: &str = "Permitted connectivity analyzed in ";
const NOBODY: &str =
    "all input workloads are configured with (C)UDN as their primary network interface\n";
const BLOCKED: &str = "All connections are not allowed for the workloads in the pod-network\n";
