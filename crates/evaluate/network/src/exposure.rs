//! What workloads are open to that is not there yet: pods that somebody may still create.
//!
//! Enters: a computed network. Leaves: for each way in or out the newcomers that get through. Always
//! holds: a newcomer is a pod that the rules name and nobody has seen, or one without any label; what
//! it gets is what the engine says of such a pod, put into the cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kuberlock_model::network::{Direction, Peer, TierPeer};
use kuberlock_model::object::Namespace;
use kuberlock_model::selector::{LabelSelector, Requirement};
use kuberlock_model::workload::{Pod, PodSpec};
use kuberlock_model::{Change, Metadata, Object, Origin};
use serde::Serialize;

use crate::endpoint::EndpointKind;
use crate::facts::Labels;
use crate::ports::PortSet;
use crate::reachability::Reachability;

/// The label that the API server gives every namespace.
const NAME: &str = "kubernetes.io/metadata.name";
/// Begins the names of what is only supposed; no name of the API may hold a colon.
const SUPPOSED: &str = "supposed:";

/// A pod that is not there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Newcomer {
    /// The namespace that it would be in, where that exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The labels of its namespace, where that does not exist; beside them it has any.
    #[serde(rename = "namespaceLabels", skip_serializing_if = "Labels::is_empty")]
    pub namespace_labels: Labels,
    /// Its labels; beside them it has any that no rule asks about.
    #[serde(skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
}

/// What a workload is open to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposed {
    /// Endpoints of the network, by number, that are all open in the same way.
    pub endpoints: Vec<usize>,
    /// Whether it is reached by the newcomer, or reaches it.
    pub direction: Direction,
    /// Who would get through.
    pub newcomer: Newcomer,
    /// On which ports, certainly.
    pub certain: PortSet,
    /// On which ports, possibly.
    pub possible: PortSet,
}

/// What a network is open to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// By direction and newcomer.
    pub exposed: Vec<Exposed>,
    /// Pods that no policy is about, by direction: everybody gets through.
    pub unprotected: BTreeMap<Direction, Vec<usize>>,
}

impl Reachability {
    /// What the pods of this network are open to that is not there yet.
    pub fn exposure(&self) -> Exposure {
        let newcomers: Vec<Newcomer> = self.newcomers().into_iter().collect();
        let with = self.with(&supposed(&newcomers));
        let places: BTreeMap<&str, usize> = with
            .endpoints()
            .filter_map(|(at, endpoint)| match &endpoint.kind {
                EndpointKind::Pods { head, .. } => Some((head.name.strip_prefix(SUPPOSED)?, at)),
                _ => None,
            })
            .collect();
        let mut found: BTreeMap<(Direction, usize, PortSet, PortSet), Vec<usize>> = BTreeMap::new();
        for (at, _) in self.endpoints().filter(|(_, e)| e.is_pods() && !e.is_on_host_network()) {
            for (number, place) in &places {
                let Ok(newcomer) = number.parse::<usize>() else { continue };
                for direction in Direction::BOTH {
                    let reach = match direction {
                        Direction::Ingress => with.between(*place, at),
                        Direction::Egress => with.between(at, *place),
                    };
                    if !reach.possible.is_empty() {
                        let key = (direction, newcomer, reach.certain, reach.possible);
                        found.entry(key).or_default().push(at);
                    }
                }
            }
        }
        let exposed = found.into_iter().filter_map(|((direction, at, certain, possible), of)| {
            let newcomer = newcomers.get(at)?.clone();
            Some(Exposed { endpoints: of, direction, newcomer, certain, possible })
        });
        let mut exposed: Vec<Exposed> = exposed.collect();
        implied(&mut exposed);
        Exposure { exposed, unprotected: self.unprotected() }
    }

    /// Every newcomer that rules tell apart: none of the labels that they ask for, or what one asks for.
    fn newcomers(&self) -> BTreeSet<Newcomer> {
        let mut all = BTreeSet::new();
        all.insert(Newcomer {
            namespace: None,
            namespace_labels: Labels::new(),
            labels: Labels::new(),
        });
        for policy in self.policies.values() {
            let own = policy.source.metadata.namespace.as_deref().unwrap_or_default();
            for direction in Direction::BOTH.into_iter().filter(|d| policy.source.isolates(*d)) {
                for peer in policy.source.rules(direction).iter().flat_map(|rule| &rule.peers) {
                    if let Peer::Pods { namespaces, pods } = peer {
                        all.extend(self.newcomer(Some(own), namespaces.as_ref(), pods.as_ref()));
                    }
                }
            }
        }
        for policy in self.tiered.values() {
            let rules = Direction::BOTH.into_iter().flat_map(|d| policy.source.rules(d));
            for peer in rules.flat_map(|rule| &rule.peers) {
                if let TierPeer::Pods(selection) = peer {
                    let pods = selection.pods.as_ref();
                    all.extend(self.newcomer(None, Some(&selection.namespaces), pods));
                }
            }
        }
        all
    }

    fn newcomer(
        &self,
        own: Option<&str>,
        namespaces: Option<&LabelSelector>,
        pods: Option<&LabelSelector>,
    ) -> Option<Newcomer> {
        let labels = pods.map_or_else(|| Some(Labels::new()), least)?;
        let Some(selector) = namespaces else {
            let namespace = own.map(str::to_owned);
            return Some(Newcomer { namespace, namespace_labels: Labels::new(), labels });
        };
        let mut namespace_labels = least(selector)?;
        let namespace = namespace_labels.remove(NAME);
        if namespace.is_some() {
            namespace_labels.clear();
        }
        Some(Newcomer { namespace, namespace_labels, labels })
    }

    fn unprotected(&self) -> BTreeMap<Direction, Vec<usize>> {
        let mut unprotected: BTreeMap<Direction, Vec<usize>> = BTreeMap::new();
        for (at, _) in self.endpoints().filter(|(_, e)| e.is_pods() && !e.is_on_host_network()) {
            for (direction, profiles) in
                [(Direction::Ingress, &self.ingress), (Direction::Egress, &self.egress)]
            {
                if profiles.get(at).is_some_and(|profile| profile.is_default) {
                    unprotected.entry(direction).or_default().push(at);
                }
            }
        }
        unprotected
    }
}

/// The fewest labels that a selector is content with; `None` where it contradicts itself.
fn least(selector: &LabelSelector) -> Option<Labels> {
    let mut labels = Labels::new();
    for requirement in &selector.requirements {
        match requirement {
            Requirement::In(key, values) => {
                let allowed = |value: &&String| {
                    selector.requirements.iter().all(|of| !forbids(of, key, value))
                };
                let value = values.iter().find(allowed)?;
                labels.insert(key.clone(), value.clone());
            }
            Requirement::Exists(key) => {
                labels.entry(key.clone()).or_insert_with(|| "any".to_owned());
            }
            Requirement::NotIn(..) | Requirement::DoesNotExist(_) => {}
        }
    }
    selector.matches(&labels).then_some(labels)
}

/// Whether a requirement is not content with a value of a key.
fn forbids(requirement: &Requirement, of: &str, value: &String) -> bool {
    match requirement {
        Requirement::In(key, values) => key == of && !values.contains(value),
        Requirement::NotIn(key, values) => key == of && values.contains(value),
        Requirement::Exists(_) => false,
        Requirement::DoesNotExist(key) => key == of,
    }
}

/// The newcomers, put into the cluster: each with a namespace of its own, unless that exists.
fn supposed(newcomers: &[Newcomer]) -> Vec<Change> {
    let mut changes = Vec::new();
    for (at, newcomer) in newcomers.iter().enumerate() {
        let namespace = match &newcomer.namespace {
            Some(name) => name.clone(),
            None => {
                let name = format!("{SUPPOSED}{at}");
                let metadata = metadata(&name, None, &newcomer.namespace_labels);
                changes.push(Change::upsert(Object::Namespace(Namespace { metadata })));
                name
            }
        };
        let name = format!("{SUPPOSED}{at}");
        changes.push(Change::upsert(Object::Pod(Pod {
            metadata: metadata(&name, Some(namespace), &newcomer.labels),
            spec: PodSpec::default(),
            finished: false,
            addresses: Box::default(),
        })));
    }
    changes
}

fn metadata(name: &str, namespace: Option<String>, labels: &Labels) -> Metadata {
    Metadata {
        name: name.to_owned(),
        namespace,
        uid: None,
        labels: labels.clone(),
        annotations: Labels::new(),
        controller: None,
        origin: Origin::whole(Arc::from("supposed")),
    }
}

impl Newcomer {
    /// Whether it may be any pod, in any namespace.
    pub fn is_anybody(&self) -> bool {
        self.namespace.is_none() && self.namespace_labels.is_empty() && self.labels.is_empty()
    }
}

/// Takes out what says no more than that anybody gets through.
fn implied(exposed: &mut Vec<Exposed>) {
    let anybody: BTreeMap<(Direction, usize), PortSet> = exposed
        .iter()
        .filter(|one| one.newcomer.is_anybody())
        .flat_map(|one| one.endpoints.iter().map(|at| ((one.direction, *at), one.possible.clone())))
        .collect();
    for one in exposed.iter_mut() {
        if !one.newcomer.is_anybody() {
            let direction = one.direction;
            one.endpoints.retain(|at| anybody.get(&(direction, *at)) != Some(&one.possible));
        }
    }
    exposed.retain(|one| !one.endpoints.is_empty());
}
