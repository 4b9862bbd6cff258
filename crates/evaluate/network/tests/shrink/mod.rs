//! Makes a case small before somebody has to read it.
//!
//! Enters: objects, and whether a case is still one. Leaves: as few objects, rules, peers, ports,
//! labels and requirements as the case needs. Always holds: what is left is still a case.

use kuberlock_model::Object;
use kuberlock_model::network::{Peer, Rule, TierRule};
use kuberlock_model::selector::LabelSelector;

/// What is left of `objects`.
pub fn shrink(mut objects: Vec<Object>, is_case: impl Fn(&[Object]) -> bool) -> Vec<Object> {
    loop {
        let smaller = (0..objects.len()).find_map(|at| {
            let without = [&objects[..at], &objects[at + 1..]].concat();
            let simpler = simpler(&objects[at]).into_iter().map(|object| {
                let mut objects = objects.clone();
                objects[at] = object;
                objects
            });
            std::iter::once(without).chain(simpler).find(|objects| is_case(objects))
        });
        match smaller {
            Some(smaller) => objects = smaller,
            None => return objects,
        }
    }
}

/// The same object with one thing less, in every way.
fn simpler(object: &Object) -> Vec<Object> {
    match object {
        Object::NetworkPolicy(policy) => {
            let with = |change: &dyn Fn(&mut kuberlock_model::network::NetworkPolicy)| {
                let mut policy = policy.clone();
                change(&mut policy);
                Object::NetworkPolicy(policy)
            };
            let ingress = fewer_rules(&policy.ingress_rules);
            let egress = fewer_rules(&policy.egress_rules);
            let pods = fewer_requirements(&policy.pods);
            let ingress = ingress.map(|rules| with(&move |p| p.ingress_rules = rules.clone()));
            let egress = egress.map(|rules| with(&move |p| p.egress_rules = rules.clone()));
            let pods = pods.map(|pods| with(&move |p| p.pods = pods.clone()));
            ingress.chain(egress).chain(pods).collect()
        }
        Object::TieredPolicy(policy) => {
            let with = |change: &dyn Fn(&mut kuberlock_model::network::TieredPolicy)| {
                let mut policy = policy.clone();
                change(&mut policy);
                Object::TieredPolicy(policy)
            };
            let ingress = fewer_tier_rules(&policy.ingress);
            let egress = fewer_tier_rules(&policy.egress);
            let ingress = ingress.map(|rules| with(&move |p| p.ingress = rules.clone()));
            let egress = egress.map(|rules| with(&move |p| p.egress = rules.clone()));
            ingress.chain(egress).collect()
        }
        Object::Pod(pod) => {
            let mut less = Vec::new();
            for at in 0..pod.spec.containers.len() {
                let mut pod = pod.clone();
                pod.spec.containers.remove(at);
                less.push(Object::Pod(pod));
            }
            for addresses in fewer(&pod.addresses) {
                less.push(Object::Pod(kuberlock_model::workload::Pod { addresses, ..pod.clone() }));
            }
            for key in pod.metadata.labels.keys() {
                let mut pod = pod.clone();
                pod.metadata.labels.remove(key);
                less.push(Object::Pod(pod));
            }
            less
        }
        _ => Vec::new(),
    }
}

fn fewer<T: Clone>(all: &[T]) -> impl Iterator<Item = Box<[T]>> {
    (0..all.len()).map(|at| [&all[..at], &all[at + 1..]].concat().into())
}

/// The same list with one element made simpler.
fn each<T: Clone, I: Iterator<Item = T>>(
    all: &[T],
    simpler: impl Fn(&T) -> I,
) -> impl Iterator<Item = Box<[T]>> {
    all.iter().enumerate().flat_map(move |(at, one)| {
        simpler(one).map(move |one| {
            let mut all: Box<[T]> = all.into();
            all[at] = one;
            all
        })
    })
}

fn fewer_rules(rules: &[Rule]) -> impl Iterator<Item = Box<[Rule]>> {
    fewer(rules).chain(each(rules, |rule| {
        let ports = fewer(&rule.ports).map(|ports| Rule { ports, ..rule.clone() });
        let peers = fewer(&rule.peers).chain(each(&rule.peers, simpler_peer));
        ports
            .chain(peers.map(|peers| Rule { peers, ..rule.clone() }))
            .collect::<Vec<_>>()
            .into_iter()
    }))
}

fn simpler_peer(peer: &Peer) -> std::vec::IntoIter<Peer> {
    match peer {
        Peer::Block(block) => fewer(&block.except)
            .map(|except| {
                let mut block = block.clone();
                block.except = except;
                Peer::Block(block)
            })
            .collect::<Vec<_>>(),
        Peer::Pods { namespaces, pods } => {
            let of_pods = pods.iter().flat_map(fewer_requirements).map(|selector| Peer::Pods {
                namespaces: namespaces.clone(),
                pods: Some(selector),
            });
            let of_namespaces = namespaces.iter().flat_map(fewer_requirements);
            let of_namespaces = of_namespaces
                .map(|selector| Peer::Pods { namespaces: Some(selector), pods: pods.clone() });
            of_pods.chain(of_namespaces).collect()
        }
    }
    .into_iter()
}

fn fewer_tier_rules(rules: &[TierRule]) -> impl Iterator<Item = Box<[TierRule]>> {
    fewer(rules).chain(each(rules, |rule| {
        let ports = fewer(&rule.ports).map(|ports| TierRule { ports, ..rule.clone() });
        // No peer at all is no policy that the API would take.
        let peers = fewer(&rule.peers).filter(|peers| !peers.is_empty());
        let peers = peers.map(|peers| TierRule { peers, ..rule.clone() });
        ports.chain(peers).collect::<Vec<_>>().into_iter()
    }))
}

fn fewer_requirements(selector: &LabelSelector) -> impl Iterator<Item = LabelSelector> {
    let less = fewer(&selector.requirements);
    less.map(|requirements| LabelSelector {
        requirements: requirements.into_vec(),
        ..LabelSelector::default()
    })
}

/// The objects as lines to read.
pub fn told(objects: &[Object]) -> String {
    objects.iter().map(|object| format!("  {}\n", line(object))).collect()
}

fn line(object: &Object) -> String {
    let key = object.key();
    let labels = &object.metadata().labels;
    match object {
        Object::NetworkPolicy(policy) => format!(
            "{key}: of {:?}, ingress {} {:?}, egress {} {:?}",
            policy.pods.requirements,
            policy.ingress,
            policy.ingress_rules,
            policy.egress,
            policy.egress_rules
        ),
        Object::TieredPolicy(policy) => format!(
            "{key}: {} {} of {:?}, ingress {:?}, egress {:?}",
            policy.tier, policy.priority, policy.subject, policy.ingress, policy.egress
        ),
        Object::Pod(pod) => format!(
            "{key}: {labels:?} {:?} on {:?}, host network {}, finished {}, ports {:?}",
            pod.addresses,
            pod.spec.node_name,
            pod.spec.host_network,
            pod.finished,
            ports(&pod.spec)
        ),
        Object::Workload(workload) => format!(
            "{key}: {:?} of {:?}, host network {}, ports {:?}",
            workload.pod_labels,
            workload.metadata.controller.as_ref().map(|owner| &owner.name),
            workload.spec.host_network,
            ports(&workload.spec)
        ),
        Object::Node(node) => format!("{key}: {labels:?} {:?}", node.addresses),
        _ => format!("{key}: {labels:?}"),
    }
}

fn ports(spec: &kuberlock_model::workload::PodSpec) -> Vec<String> {
    let containers = spec.containers.iter();
    let lines = containers.flat_map(|container| {
        container.ports.iter().map(|port| {
            format!(
                "{}={}/{} ({:?} {})",
                port.name.as_deref().unwrap_or("-"),
                port.port,
                port.protocol,
                container.list,
                container.is_sidecar
            )
        })
    });
    lines.collect()
}
