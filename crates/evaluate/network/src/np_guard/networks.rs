//! The networks of pods, as np-guard names them.

use std::collections::{BTreeMap, BTreeSet};

use kuberlock_model::Cluster;
use kuberlock_model::network::{Direction, NetworkPolicy, NetworkRole, UserDefinedNetwork};

use super::connection::Ports;
use super::line::{Network, NetworkKind};
use super::matching;
use super::peer::{Peer, Pod};
use super::policies::rule_ports;
use crate::facts::namespace_labels;

/// The networks of a cluster besides the one that all pods share.
#[derive(Debug, Default)]
pub(super) struct Networks {
    /// By namespace.
    primary: BTreeMap<String, Network>,
    /// By the definition's name: the namespaces that have one of that name.
    secondary: BTreeMap<String, BTreeSet<String>>,
}

impl Networks {
    pub(super) fn of(cluster: &Cluster) -> Self {
        let mut networks = Self::default();
        for network in cluster.user_defined_networks() {
            if network.role == NetworkRole::Primary {
                networks.take_in(cluster, network);
            }
        }
        for definition in cluster.network_attachments() {
            let known = networks.secondary.entry(definition.metadata.name.clone()).or_default();
            known.extend(definition.metadata.namespace.clone());
        }
        networks
    }

    /// A namespace that no object names, or without the label, has no network of its own.
    fn take_in(&mut self, cluster: &Cluster, network: &UserDefinedNetwork) {
        for namespace in cluster.namespaces() {
            let (name, labels) = (&namespace.metadata.name, &namespace.metadata.labels);
            if !labels.contains_key(UserDefinedNetwork::NAMESPACE_LABEL) {
                continue;
            }
            let found = match &network.namespaces {
                None if network.metadata.namespace.as_ref() == Some(name) => {
                    Network { kind: NetworkKind::UserDefined, name: name.clone() }
                }
                Some(selector) if selector.matches(&namespace_labels(name, labels)) => {
                    let name = network.metadata.name.clone();
                    Network { kind: NetworkKind::ClusterUserDefined, name }
                }
                _ => continue,
            };
            self.primary.insert(name.clone(), found);
        }
    }

    /// Whether all pods share one network, and have no other.
    pub(super) fn is_empty(&self) -> bool {
        self.primary.is_empty() && self.secondary.is_empty()
    }

    /// The network that a pod has first of all.
    pub(super) fn primary(&self, pod: &Pod) -> Network {
        let own = self.primary.get(&pod.namespace);
        own.cloned().unwrap_or_else(Network::of_pods)
    }

    /// The secondary networks of a pod: those that it asks for where a definition is.
    pub(super) fn secondary(&self, pod: &Pod) -> BTreeSet<&str> {
        let there = |name: &str, namespace: &str| {
            let known = self.secondary.get_key_value(name);
            known.filter(|(_, namespaces)| namespaces.contains(namespace)).map(|(name, _)| name)
        };
        let asked = pod.attachments.iter();
        asked.filter_map(|of| Some(there(&of.name, &of.namespace)?.as_str())).collect()
    }

    /// What a pod is called on its first network.
    pub(super) fn written(&self, pod: &Pod) -> String {
        match self.primary.get(&pod.namespace) {
            Some(Network { kind: NetworkKind::UserDefined, .. }) => {
                format!("{}[udn]/{}", pod.namespace, pod.name)
            }
            _ => pod.written(),
        }
    }

    /// What the policies for a secondary network let through in one direction.
    pub(super) fn with(
        &self,
        cluster: &Cluster,
        network: &str,
        [subject, other]: [&Pod; 2],
        d: Direction,
    ) -> Ports {
        let known = self.secondary.get(network);
        let is_for = |policy: &NetworkPolicy| {
            policy.networks.iter().any(|of| {
                &*of.name == network && known.is_some_and(|known| known.contains(&*of.namespace))
            })
        };
        let (target, peer) = (if d == Direction::Ingress { subject } else { other }, other.clone());
        let (peer, own) = (Peer::Pod(peer), Peer::Pod(subject.clone()));
        let mut isolated = false;
        let mut allowed = Ports::default();
        for policy in cluster.multi_network_policies().filter(|policy| is_for(policy)) {
            if !policy.isolates(d) || !matching::selects(policy, &own) {
                continue;
            }
            isolated = true;
            let namespace = &subject.namespace;
            for rule in policy.rules(d) {
                if matching::secondary_rule(namespace, rule, &peer) {
                    allowed.add(&rule_ports(&rule.ports, target));
                }
            }
        }
        if isolated { allowed } else { Ports::all() }
    }
}
