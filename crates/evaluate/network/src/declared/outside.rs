//! What is reached from outside: routes and the services behind them, exposed services.

use std::collections::BTreeSet;

use kuberlock_model::network::{Backend, BackendPort, Protocol, Route, Service, ServiceType};
use kuberlock_model::{FieldPath, Kind, ObjectKey};

use super::ReasonKind;
use super::edges::{Edges, reason};
use crate::traffic::{Directory, ServedBy, Who};

/// Words in the images and labels of what leads routes' traffic in, with the classes that name it.
static CONTROLLERS: [(&str, &str); 14] = [
    ("ingress-nginx", "nginx"),
    ("nginx-ingress", "nginx"),
    ("traefik", "traefik"),
    ("haproxy", "haproxy"),
    ("contour", "contour"),
    ("envoy", "envoy"),
    ("kong", "kong"),
    ("ambassador", "ambassador"),
    ("emissary", "ambassador"),
    ("istio-ingressgateway", "istio"),
    ("istio-proxyv2-gateway", "istio"),
    ("apisix", "apisix"),
    ("skipper", "skipper"),
    ("openshift-router", "openshift"),
];

/// Connections from what leads traffic in to the pods behind each route.
pub(super) fn of_routes(directory: &Directory<'_>, edges: &mut Edges) {
    let controllers = controllers(directory);
    for route in directory.cluster.routes() {
        let own =
            ObjectKey::new(route.kind, route.metadata.namespace.as_deref(), &route.metadata.name);
        let leading = leading(route, &controllers);
        for backend in &route.backends {
            let why = reason(ReasonKind::Route, own.clone(), &route.metadata, backend.path.clone());
            let by = pods_behind(directory, backend);
            for ServedBy { head, protocol, port } in by {
                if leading.is_empty() {
                    edges.add(&Who::Anybody, Who::Workload(head.clone()), protocol, port, &why);
                }
                for controller in &leading {
                    let from = Who::Workload((*controller).clone());
                    edges.add(&from, Who::Workload(head.clone()), protocol, port, &why);
                }
            }
        }
        if leading.is_empty() && !route.backends.is_empty() {
            edges.unled(own);
        }
    }
}

/// Connections from outside to the pods of services that are reached there.
pub(super) fn of_services(directory: &Directory<'_>, edges: &mut Edges) {
    for service in directory.cluster.services() {
        if !matches!(service.service_type, ServiceType::LoadBalancer | ServiceType::NodePort) {
            continue;
        }
        let namespace = service.metadata.namespace.as_deref();
        let own = ObjectKey::new(Kind::Service, namespace, &service.metadata.name);
        let why = reason(ReasonKind::Exposed, own, &service.metadata, FieldPath::of("spec.type"));
        for port in &service.ports {
            for by in directory.behind(service, port.protocol, port.port) {
                edges.add(&Who::Anybody, Who::Workload(by.head), by.protocol, by.port, &why);
            }
        }
    }
}

fn pods_behind(directory: &Directory<'_>, backend: &Backend) -> Vec<ServedBy> {
    let Some(service) = directory.service(&backend.namespace, &backend.service) else {
        return Vec::new();
    };
    let behind = |wanted: &dyn Fn(&Service, usize) -> bool| {
        let ports = service.ports.iter().enumerate().filter(|(at, _)| wanted(service, *at));
        ports.flat_map(|(_, port)| directory.behind(service, port.protocol, port.port)).collect()
    };
    match &backend.port {
        BackendPort::Any => behind(&|_, _| true),
        BackendPort::Number(number) => {
            behind(&|service, at| service.ports.get(at).is_some_and(|port| port.port == *number))
        }
        BackendPort::Name(name) => behind(&|service, at| {
            service.ports.get(at).is_some_and(|port| port.name.as_ref() == Some(name))
        }),
        BackendPort::Target(port) => {
            let by = |head: &ObjectKey| ServedBy {
                head: head.clone(),
                protocol: Protocol::Tcp,
                port: *port,
            };
            directory.selected(service).map(|(head, _)| by(head)).collect()
        }
    }
}

/// Workloads that lead traffic in, with the class that names them.
fn controllers<'d>(directory: &'d Directory<'_>) -> Vec<(&'d ObjectKey, &'static str)> {
    let mut found = Vec::new();
    for (key, head) in &directory.heads {
        let images = head.specs().flat_map(|spec| &spec.containers).map(|of| of.image.as_str());
        let names = head.labels().filter_map(|labels| labels.get("app.kubernetes.io/name"));
        let texts: BTreeSet<&str> = images.chain(names.map(String::as_str)).collect();
        let is = |word: &str| texts.iter().any(|text| text.contains(word));
        if let Some((_, class)) = CONTROLLERS.iter().find(|(word, _)| is(word)) {
            found.push((key, *class));
        }
    }
    found
}

/// Those that lead this route's traffic in: by class where it names one, else all of them.
fn leading<'d>(route: &Route, controllers: &[(&'d ObjectKey, &'static str)]) -> Vec<&'d ObjectKey> {
    let of_class = |wanted: &str| -> Vec<&'d ObjectKey> {
        let own = controllers.iter().filter(|(_, class)| wanted.contains(class));
        own.map(|(key, _)| *key).collect()
    };
    let named = match (&route.class, route.kind) {
        (Some(class), _) => of_class(class),
        (None, Kind::Route) => of_class("openshift"),
        _ => Vec::new(),
    };
    match named.is_empty() {
        true => controllers.iter().map(|(key, _)| *key).collect(),
        false => named,
    }
}
