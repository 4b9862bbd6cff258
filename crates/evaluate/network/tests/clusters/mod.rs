//! Small clusters by chance, with everything in them that an evaluator of policies can get wrong.
//!
//! Enters: a seed. Leaves: objects, as a source would convert them. Always holds: the same seed makes
//! the same objects; each is one that the API server would take.

mod changes;
mod pods;
mod policies;
mod random;
mod selectors;
mod tiers;

use std::collections::BTreeMap;

use kuberlock_model::network::{NetworkPolicy, PortMatch, Ports};
use kuberlock_model::{Change, Cluster, Metadata, Object, Origin};
use kuberlock_network::{Cni, Connection, Party};

pub use changes::{apply, changes};
pub use random::Random;

/// Namespaces; the last may be one that no Namespace object names.
const NAMESPACES: [&str; 4] = ["east", "north", "south", "west"];

/// A small cluster.
pub fn objects(random: &mut Random) -> Vec<Object> {
    let namespaces = &NAMESPACES[..random.between(2, 4)];
    let named = if random.one_in(3) { namespaces.len() - 1 } else { namespaces.len() };
    let mut objects: Vec<Object> =
        namespaces[..named].iter().map(|name| pods::namespace(random, name)).collect();
    for number in 0..random.below(3) {
        objects.push(pods::node(random, number));
    }
    for number in 0..random.between(2, 8) {
        let namespace = *random.pick(namespaces);
        objects.extend(pods::pod_or_workload(random, namespace, number));
    }
    for number in 0..random.below(5) {
        let namespace = *random.pick(namespaces);
        objects.push(Object::NetworkPolicy(policies::policy(random, namespace, number)));
    }
    for number in 0..random.below(4) {
        objects.push(Object::TieredPolicy(tiers::policy(random, number)));
    }
    objects
}

/// A plugin; every third time none is known.
pub fn cni(random: &mut Random) -> Cni {
    if random.one_in(3) { Cni::Unknown } else { *random.pick(&Cni::NAMED) }
}

/// The cluster of these objects.
pub fn cluster(objects: &[Object]) -> Cluster {
    let mut cluster = Cluster::default();
    for object in objects {
        cluster.apply(Change::upsert(object.clone()));
    }
    cluster
}

/// Who may be at either end: everybody in the cluster, some who are not, and addresses of all sorts.
pub fn parties(random: &mut Random, objects: &[Object]) -> Vec<Party> {
    let mut parties = vec![Party::pod("east", "nobody")];
    let mut addresses = Vec::new();
    for object in objects {
        let metadata = object.metadata();
        let namespace = metadata.namespace.as_deref().unwrap_or_default();
        match object {
            Object::Node(node) => {
                parties.push(Party::Node(metadata.name.clone()));
                addresses.extend_from_slice(&node.addresses);
            }
            Object::Pod(pod) => {
                parties.push(Party::pod(namespace, &metadata.name));
                // On a node's network an address is the node's, and that of any number of pods.
                if !pod.spec.host_network {
                    addresses.extend_from_slice(&pod.addresses);
                }
            }
            Object::Workload(_) => parties.push(Party::pod(namespace, &metadata.name)),
            _ => {}
        }
    }
    let outside = policies::OUTSIDE.map(|text| text.parse().expect("an address"));
    parties.extend((0..3).map(|_| Party::Address(*random.pick(&outside))));
    if !addresses.is_empty() {
        parties.push(Party::Address(*random.pick(&addresses)));
    }
    parties.sort();
    parties.dedup();
    parties
}

/// Ports at which something may change, and one at which nothing does.
pub fn ports(random: &mut Random, objects: &[Object], at_most: usize) -> Vec<u16> {
    let mut ports = vec![7];
    let mut ranges = |matches: &[PortMatch]| {
        for port in matches {
            if let Ports::Range(first, last) = port.ports {
                let around = [first.saturating_sub(1).max(1), first, last, last.saturating_add(1)];
                ports.extend(around);
            }
        }
    };
    let mut told = Vec::new();
    for object in objects {
        match object {
            Object::NetworkPolicy(NetworkPolicy { ingress_rules, egress_rules, .. }) => {
                ingress_rules.iter().chain(egress_rules).for_each(|rule| ranges(&rule.ports));
            }
            Object::TieredPolicy(policy) => {
                policy.ingress.iter().chain(&policy.egress).for_each(|rule| ranges(&rule.ports));
            }
            Object::Pod(pod) => told.extend(pods::told(&pod.spec)),
            Object::Workload(workload) => told.extend(pods::told(&workload.spec)),
            _ => {}
        }
    }
    ports.extend(told);
    ports.sort_unstable();
    ports.dedup();
    while ports.len() > at_most {
        ports.remove(random.below(ports.len()));
    }
    ports
}

/// All connections between `parties`.
pub fn connections(parties: &[Party], ports: &[u16]) -> impl Iterator<Item = Connection> {
    parties.iter().flat_map(move |from| {
        parties.iter().flat_map(move |to| {
            kuberlock_model::network::Protocol::ALL.into_iter().flat_map(move |protocol| {
                ports.iter().map(move |port| Connection {
                    from: from.clone(),
                    to: to.clone(),
                    protocol,
                    port: *port,
                })
            })
        })
    })
}

fn metadata(namespace: Option<&str>, name: &str, labels: BTreeMap<String, String>) -> Metadata {
    Metadata {
        name: name.to_owned(),
        namespace: namespace.map(str::to_owned),
        uid: None,
        labels,
        annotations: BTreeMap::new(),
        controller: None,
        origin: Origin::whole("by chance"),
    }
}
