//! Which pod, node or address an end of a flow is.

use std::net::IpAddr;

use kuberlock_model::flow::{Entity, FlowEnd};
use kuberlock_model::network::Service;
use kuberlock_model::workload::Pod;
use kuberlock_model::{Kind, ObjectKey};

use super::directory::{Directory, Holder};
use super::name::{is_volatile, may_have_made, pattern_is_of};
use super::who::Who;

/// What an end of a flow is.
#[derive(Clone, Debug)]
pub(super) enum Placed<'a> {
    /// Somebody.
    Who(Who),
    /// A service, by its own address.
    Service(&'a Service),
    /// Nobody that is known, and why; half a sentence.
    Nobody(String),
}

impl<'a> Directory<'a> {
    /// Places an end of a flow.
    pub(super) fn place(&self, end: &FlowEnd) -> Placed<'a> {
        if let Some(namespace) = end.namespace.as_deref()
            && (end.pod.is_some() || end.workload.is_some())
        {
            return match self.pods_called(namespace, end) {
                Some(who) => Placed::Who(who),
                None => Placed::Nobody(format!("no pod or workload has made `{end}`")),
            };
        }
        if let Some(node) = end.node.as_deref() {
            return Placed::Who(Who::Node(node.to_owned()));
        }
        if end.entity == Some(Entity::ApiServer) {
            return Placed::Who(Who::ApiServer);
        }
        match (end.address, end.entity) {
            (Some(address), Some(Entity::World)) => Placed::Who(Who::Address(address)),
            (Some(address), entity) => match (self.at(address), entity) {
                (Placed::Nobody(_), Some(entity)) if entity.is_node() => Placed::Who(Who::Nodes),
                (placed, _) => placed,
            },
            (None, Some(Entity::World)) => Placed::Who(Who::Outside),
            (None, Some(_)) => Placed::Who(Who::Nodes),
            (None, None) => Placed::Nobody("nothing is told of it".to_owned()),
        }
    }

    fn pods_called(&self, namespace: &str, end: &FlowEnd) -> Option<Who> {
        if let Some(name) = end.pod.as_deref() {
            if let Some(pod) = self.pods.get(&(namespace, name)) {
                return Some(self.of_pod(pod));
            }
            if let Some(head) = self.made(namespace, |head| may_have_made(head, name)) {
                return Some(Who::Workload(head));
            }
        }
        let name = end.workload.as_deref().or(end.pod.as_deref());
        let exact = name.and_then(|name| self.made(namespace, |head| head.name == name));
        let pattern =
            || name.and_then(|name| self.made(namespace, |head| pattern_is_of(head, name)));
        exact.or_else(pattern).or_else(|| self.labelled(namespace, end)).map(Who::Workload)
    }

    /// The workload with the longest name of those that fit.
    fn made(&self, namespace: &str, fits: impl Fn(&ObjectKey) -> bool) -> Option<ObjectKey> {
        let own = self.heads.keys().filter(|key| key.namespace.as_deref() == Some(namespace));
        own.filter(|key| fits(key)).max_by_key(|key| key.name.len()).cloned()
    }

    /// The only workload of the namespace that has all the flow's lasting labels.
    fn labelled(&self, namespace: &str, end: &FlowEnd) -> Option<ObjectKey> {
        let lasting: Vec<_> = end.labels.iter().filter(|(key, _)| !is_volatile(key)).collect();
        let mut fits = self.heads.iter().filter(|(key, head)| {
            key.namespace.as_deref() == Some(namespace)
                && head.labels().any(|own| lasting.iter().all(|(k, v)| own.get(*k) == Some(*v)))
        });
        let (key, _) = fits.next().filter(|_| !lasting.is_empty())?;
        fits.next().is_none().then(|| key.clone())
    }

    pub(super) fn of_pod(&self, pod: &Pod) -> Who {
        Who::Pod {
            head: self.cluster.head(Kind::Pod, &pod.metadata),
            name: pod.metadata.name.clone(),
        }
    }

    /// Who has an address.
    pub(super) fn at(&self, address: IpAddr) -> Placed<'a> {
        match self.holders.get(&address) {
            Some(Holder::Pod(pod)) => Placed::Who(self.of_pod(pod)),
            Some(Holder::Node(node)) => Placed::Who(Who::Node(node.metadata.name.clone())),
            Some(Holder::Service(service)) => Placed::Service(service),
            None if self.is_of_the_cluster(address) => Placed::Nobody(format!(
                "`{address}` is an address of the cluster that nobody has now"
            )),
            None => Placed::Who(Who::Address(address)),
        }
    }

    /// Whether an address that nobody has was most likely a pod's or a service's: it lies beside
    /// one that is, or it is private and no pod's address is known.
    fn is_of_the_cluster(&self, address: IpAddr) -> bool {
        match self.has_pod_addresses {
            true => self.neighbourhoods.contains(&neighbourhood(address)),
            false => is_private(address),
        }
    }
}

/// The addresses beside one: the same first 24 bits of IPv4, 64 of IPv6.
pub(super) fn neighbourhood(address: IpAddr) -> (bool, u128) {
    match address {
        IpAddr::V4(address) => (false, u128::from(address.to_bits() >> 8)),
        IpAddr::V6(address) => (true, address.to_bits() >> 64),
    }
}

/// Whether an address is of those that networks use within themselves.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_private() || (first == 100 && second & 0xc0 == 64)
        }
        IpAddr::V6(address) => address.is_unique_local(),
    }
}
