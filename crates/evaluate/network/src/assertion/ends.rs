//! Whom the selectors of an assertion mean.

use std::net::IpAddr;

use fixedbitset::FixedBitSet as Bits;
use ipnet::IpNet;
use kuberlock_model::network::PortMatch;

use super::Selector;
use crate::address::AddressRange;
use crate::endpoint::{Endpoint, EndpointKind};
use crate::near::is_of_node;
use crate::policy::RulePorts;
use crate::ports::{PortSet, PortTable};
use crate::reachability::Reachability;

/// The endpoints that selectors mean.
pub(super) struct Ends<'s> {
    selectors: &'s [Selector],
    /// Those of which any part is meant.
    pub(super) meant: Bits,
    /// Those that are meant as a whole: of a range outside there may be a part that is not.
    whole: Bits,
}

impl<'s> Ends<'s> {
    pub(super) fn of(reach: &Reachability, selectors: &'s [Selector]) -> Self {
        let size = reach.endpoints.len();
        let mut ends =
            Self { selectors, meant: Bits::with_capacity(size), whole: Bits::with_capacity(size) };
        for (at, endpoint) in reach.endpoints() {
            for selector in selectors {
                let (any, all) = means(selector, endpoint);
                ends.meant.set(at, any || ends.meant.contains(at));
                ends.whole.set(at, all || ends.whole.contains(at));
            }
        }
        ends
    }

    /// Every other pod that is not on its node's network, and every other address outside. What traffic of
    /// nodes does is not for policies to say.
    pub(super) fn others(&self, reach: &Reachability) -> Bits {
        let mut others = reach.alive.clone();
        others.difference_with(&self.whole);
        for (at, _) in reach.endpoints().filter(|(_, endpoint)| is_of_node(endpoint)) {
            others.set(at, false);
        }
        others
    }

    /// An address of a range that the selectors mean, or that they do not.
    pub(super) fn address(&self, range: AddressRange, is_meant: bool) -> IpAddr {
        let bounds = self.selectors.iter().filter_map(|selector| match selector {
            Selector::Block { cidr, except } => Some((cidr, except)),
            _ => None,
        });
        let mut candidates = vec![range.first];
        for (cidr, except) in bounds {
            candidates.push(cidr.network());
            candidates.extend(next(cidr.broadcast()));
            candidates.extend(except.iter().flat_map(|net| {
                [Some(net.network()), next(net.broadcast())].into_iter().flatten()
            }));
        }
        let holds = |address: &IpAddr| {
            let there = range.first.is_ipv4() == address.is_ipv4()
                && (range.first..=range.last).contains(address);
            there && self.selectors.iter().any(|selector| holds(selector, *address)) == is_meant
        };
        candidates.into_iter().find(holds).unwrap_or(range.first)
    }
}

fn next(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(v4) => u32::from(v4).checked_add(1).map(|next| IpAddr::V4(next.into())),
        IpAddr::V6(v6) => u128::from(v6).checked_add(1).map(|next| IpAddr::V6(next.into())),
    }
}

fn holds(selector: &Selector, address: IpAddr) -> bool {
    match selector {
        Selector::Any | Selector::Outside => true,
        Selector::Block { cidr, except } => {
            cidr.contains(&address) && !except.iter().any(|net| net.contains(&address))
        }
        _ => false,
    }
}

/// Whether a selector means any of an endpoint, and whether all of it.
fn means(selector: &Selector, endpoint: &Endpoint) -> (bool, bool) {
    let both = |yes: bool| (yes, yes);
    match (&endpoint.kind, selector) {
        (EndpointKind::Outside(range), Selector::Block { cidr, except }) => {
            of_range(*range, cidr, except)
        }
        (EndpointKind::Outside(_), _) => {
            both(matches!(selector, Selector::Any | Selector::Outside))
        }
        (EndpointKind::Node(name), _) => both(match selector {
            Selector::Nodes => true,
            Selector::Node(wanted) => **name == **wanted,
            Selector::NodesWith(labels) => labels.matches(endpoint.labels()),
            _ => false,
        }),
        (EndpointKind::Pods { namespace, head }, _) => both(match selector {
            Selector::Any | Selector::Pods => !endpoint.host_network,
            Selector::Nodes => endpoint.host_network,
            Selector::Labelled { names, namespaces, pods, workload } => {
                let owned = |name: &String| {
                    *name == head.name || endpoint.members.iter().any(|pod| pod.key.name == *name)
                };
                (names.is_empty() || names.iter().any(|name| **name == **namespace))
                    && namespaces.matches(endpoint.namespace_labels())
                    && pods.matches(endpoint.labels())
                    && workload.as_ref().is_none_or(owned)
            }
            _ => false,
        }),
    }
}

/// Whether a block means any address of a range, and whether all of them.
fn of_range(range: AddressRange, cidr: &IpNet, except: &[IpNet]) -> (bool, bool) {
    if cidr.network().is_ipv4() != range.first.is_ipv4() {
        return (false, false);
    }
    let (first, last) = (range.first.max(cidr.network()), range.last.min(cidr.broadcast()));
    if first > last {
        return (false, false);
    }
    let meets = |net: &IpNet| net.network() <= last && net.broadcast() >= first;
    let inside: Vec<&IpNet> = except.iter().filter(|net| meets(net)).collect();
    // What the holes leave of it, in order.
    let mut holes: Vec<(IpAddr, IpAddr)> =
        inside.iter().map(|net| (net.network(), net.broadcast())).collect();
    holes.sort_unstable();
    let mut covered = Some(first);
    let mut any = false;
    for (from, to) in holes {
        let Some(start) = covered else { break };
        any |= from > start;
        if to >= start {
            covered = next(to);
        }
    }
    any |= covered.is_some_and(|start| start <= last);
    let all = inside.is_empty() && first == range.first && last == range.last;
    (any, all)
}

/// Targets by the ports that are asked of them: names are what each destination has by them.
pub(super) fn by_ports(
    reach: &Reachability,
    ports: &[PortMatch],
    targets: &Bits,
) -> Vec<(PortSet, Bits)> {
    let mut table: PortTable = reach.table.clone();
    let rule = RulePorts::of(ports, &mut table);
    if rule.names.is_empty() {
        return vec![(table.set(rule.numbers).clone(), targets.clone())];
    }
    let mut all: Vec<(PortSet, Bits)> = Vec::new();
    for at in targets.ones() {
        let Some(endpoint) = reach.endpoint(at) else { continue };
        let id = rule.at(&endpoint.ports, &mut table);
        let set = table.set(id);
        match all.iter_mut().find(|(held, _)| held == set) {
            Some((_, whom)) => whom.insert(at),
            None => {
                let mut whom = Bits::with_capacity(reach.endpoints.len());
                whom.insert(at);
                all.push((set.clone(), whom));
            }
        }
    }
    all.retain(|(ports, _)| !ports.is_empty());
    all
}
