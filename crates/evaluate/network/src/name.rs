//! Names for sets of endpoints, as short as they can be.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use kuberlock_model::ObjectKey;
use serde::Serialize;

use crate::address::AddressRange;
use crate::endpoint::EndpointKind;
use crate::reachability::Reachability;

/// Workloads of one namespace that are named before the rest is counted.
const NAMED: usize = 3;

/// What a set of endpoints is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Name {
    /// Whether it is all pods of the cluster that are not on their node's network.
    #[serde(rename = "allPods", skip_serializing_if = "is_false")]
    pub all_pods: bool,
    /// Namespaces of which it is all such pods.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
    /// Other workloads, as `namespace/name[Kind]`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub workloads: Vec<String>,
    /// Nodes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<String>,
    /// Ranges of addresses outside.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// Gives names to sets of endpoints of one network.
#[derive(Debug)]
pub struct Names<'r> {
    reachability: &'r Reachability,
    /// How many endpoints each namespace has that are not on their node's network.
    sizes: BTreeMap<&'r str, usize>,
    all: usize,
}

impl<'r> Names<'r> {
    /// Of the endpoints of `reachability`.
    pub fn new(reachability: &'r Reachability) -> Self {
        let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, endpoint) in reachability.endpoints().filter(|(_, e)| !e.is_on_host_network()) {
            if let Some(namespace) = endpoint.namespace() {
                *sizes.entry(namespace).or_default() += 1;
            }
        }
        let all = sizes.values().sum();
        Self { reachability, sizes, all }
    }

    /// The name of a set.
    pub fn name(&self, endpoints: &[usize]) -> Name {
        let mut name = Name::default();
        let mut pods: BTreeMap<&str, (usize, BTreeSet<&ObjectKey>)> = BTreeMap::new();
        let mut ranges: Vec<AddressRange> = Vec::new();
        let known = endpoints.iter().filter_map(|at| self.reachability.endpoint(*at));
        for endpoint in known {
            match &endpoint.kind {
                EndpointKind::Pods { namespace, head } if !endpoint.is_on_host_network() => {
                    let (count, heads) = pods.entry(namespace).or_default();
                    *count += 1;
                    heads.insert(head);
                }
                EndpointKind::Pods { .. } => name.workloads.push(endpoint.to_string()),
                EndpointKind::Node(node) => name.nodes.push(node.to_string()),
                EndpointKind::Outside(range) => ranges.push(*range),
            }
        }
        let count: usize = pods.values().map(|(count, _)| count).sum();
        name.all_pods = count == self.all && self.sizes.len() > 1;
        for (namespace, (count, heads)) in pods.into_iter().filter(|_| !name.all_pods) {
            if self.sizes.get(namespace) == Some(&count) && heads.len() > 1 {
                name.namespaces.push(namespace.to_owned());
            } else {
                let named = heads.iter().map(|h| format!("{namespace}/{}[{}]", h.name, h.kind));
                name.workloads.extend(named);
            }
        }
        name.workloads.sort();
        name.workloads.dedup();
        name.addresses = AddressRange::joined(ranges).iter().map(ToString::to_string).collect();
        name
    }
}

/// `all pods`, `team/*`, `team/web[Deployment]`, `10.0.0.0/8`; of many workloads the first few.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut pieces: Vec<String> = Vec::new();
        if self.all_pods {
            pieces.push("all pods".to_owned());
        }
        pieces.extend(few(self.namespaces.iter().map(|name| format!("{name}/*")), "namespaces"));
        pieces.extend(few(self.workloads.iter().cloned(), "workloads"));
        pieces.extend(few(self.nodes.iter().map(|name| format!("node/{name}")), "nodes"));
        pieces.extend(few(self.addresses.iter().cloned(), "ranges"));
        f.write_str(&pieces.join(", "))
    }
}

/// The first few, and how many more there are.
fn few(all: impl Iterator<Item = String>, what: &str) -> Vec<String> {
    let mut all: Vec<String> = all.collect();
    if all.len() > NAMED + 1 {
        let more = all.len() - NAMED;
        all.truncate(NAMED);
        all.push(format!("{more} more {what}"));
    }
    all
}
