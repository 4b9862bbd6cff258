//! What an Ingress or a Route lets in from outside.
//!
//! np-guard asks the services of the object's own namespace, and takes every port of a container for
//! one of TCP.

use std::collections::BTreeMap;

use kuberlock_model::network::{
    Backend, BackendPort, Protocol, Route, Service, ServicePort, TargetPort,
};
use kuberlock_model::{Cluster, Kind};

use super::connection::Ports;
use super::peer::{Peer, Pod};
use crate::ports::PortSet;

/// The ports on which each end is led to, by its number.
pub(super) fn led_to(cluster: &Cluster, peers: &[Peer]) -> BTreeMap<usize, Ports> {
    let mut led: BTreeMap<usize, Ports> = BTreeMap::new();
    let routes = cluster.routes().filter(|of| matches!(of.kind, Kind::Ingress | Kind::Route));
    for (route, backend) in routes.flat_map(|of| of.backends.iter().map(move |to| (of, to))) {
        let namespace = Some(&*backend.namespace);
        let service = cluster.services().find(|service| {
            let metadata = &service.metadata;
            metadata.name == *backend.service && metadata.namespace.as_deref() == namespace
        });
        let Some(service) = service else { continue };
        for (at, pod) in behind(service, peers) {
            let found = ports(route, backend, service, pod);
            led.entry(at).or_default().add(&found);
        }
    }
    led
}

/// The ends behind a service.
fn behind<'p>(service: &Service, peers: &'p [Peer]) -> impl Iterator<Item = (usize, &'p Pod)> {
    let (selector, namespace) = (&service.selector, &service.metadata.namespace);
    peers.iter().enumerate().filter_map(move |(at, peer)| {
        let Peer::Pod(pod) = peer else { return None };
        let is_meant = !selector.is_empty()
            && namespace.as_ref() == Some(&pod.namespace)
            && selector.iter().all(|(key, value)| pod.labels.get(key) == Some(value));
        is_meant.then_some((at, pod))
    })
}

fn ports(route: &Route, backend: &Backend, service: &Service, pod: &Pod) -> Ports {
    let meant = service.ports.iter().filter(|port| is_meant(route, &backend.port, port));
    // Only one that names no port means several.
    let count = if backend.port == BackendPort::Any { usize::MAX } else { 1 };
    let mut found = Ports::default();
    for port in meant.take(count) {
        let number = match &port.target {
            TargetPort::Number(number) => Some(*number),
            TargetPort::Name(name) => {
                let named = pod.named(name);
                named.filter(|(of, _)| *of == Protocol::Tcp).map(|(_, number)| number)
            }
        };
        let is_open = |n: &u16| pod.is_machine || pod.ports.iter().any(|(.., port)| port == n);
        if let Some(number) = number.filter(is_open) {
            let port = PortSet::range(Protocol::Tcp, number, number);
            found.numbers = found.numbers.union(&port);
        }
    }
    found
}

fn is_meant(route: &Route, asked: &BackendPort, port: &ServicePort) -> bool {
    match asked {
        BackendPort::Any => true,
        BackendPort::Number(number) | BackendPort::Target(number) => {
            port.port == *number || port.target == TargetPort::Number(*number)
        }
        BackendPort::Name(name) => {
            let is_target = || port.target == TargetPort::Name(name.clone());
            port.name.as_ref() == Some(name) || route.kind == Kind::Route && is_target()
        }
    }
}
