//! Ingress, OpenShift's Route, the Gateway API.

use k8s_openapi::api::networking::v1 as api;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kuberlock_model::network::{Backend, BackendPort, Gateway, ParentReference, Route};
use kuberlock_model::{FieldPath, Kind, Object};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::super::typed::{Source, Unasked};
use super::block::port;

const CLASS_ANNOTATION: &str = "kubernetes.io/ingress.class";

pub(in super::super) fn ingress(source: &mut Source) -> Result<Object, String> {
    let from: api::Ingress = source.read()?;
    let metadata = source.metadata(from.metadata)?;
    let namespace = metadata.namespace.clone().unwrap_or_default();
    let spec = from.spec.unwrap_or_default();
    let mut backends = Vec::new();
    let mut add = |backend: api::IngressBackend, path: FieldPath| {
        if let Some(service) = backend.service {
            let port = backend_port(service.port.unwrap_or_default())?;
            let (namespace, service) = (namespace.as_str().into(), service.name.into());
            backends.push(Backend { namespace, service, port, path: path.key("service") });
        }
        Ok::<(), String>(())
    };
    if let Some(backend) = spec.default_backend {
        add(backend, FieldPath::of("spec.defaultBackend"))?;
    }
    let mut hosts = Vec::new();
    for (at, rule) in spec.rules.unwrap_or_default().into_iter().enumerate() {
        hosts.extend(rule.host.filter(|host| !host.is_empty()).map(String::into_boxed_str));
        let base = FieldPath::of("spec.rules").index(at).key("http").key("paths");
        for (at, path) in rule.http.into_iter().flat_map(|http| http.paths).enumerate() {
            add(path.backend, base.index(at).key("backend"))?;
        }
    }
    let class =
        spec.ingress_class_name.or_else(|| metadata.annotations.get(CLASS_ANNOTATION).cloned());
    Ok(Object::Route(Route {
        kind: Kind::Ingress,
        metadata,
        hosts: hosts.into(),
        class: class.map(String::into_boxed_str),
        parents: Box::default(),
        backends: backends.into(),
    }))
}

fn backend_port(from: api::ServiceBackendPort) -> Result<BackendPort, String> {
    match (from.name.filter(|name| !name.is_empty()), from.number.filter(|number| *number != 0)) {
        (Some(name), _) => Ok(BackendPort::Name(name.into())),
        (None, Some(number)) => Ok(BackendPort::Number(port(number)?)),
        (None, None) => Ok(BackendPort::Any),
    }
}

/// Fields that every document has, and those that are asked of a custom resource.
#[derive(Deserialize)]
struct Document<S> {
    #[serde(rename = "apiVersion")]
    _api_version: Unasked,
    #[serde(rename = "kind")]
    _kind: Unasked,
    metadata: ObjectMeta,
    spec: S,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RouteSpec {
    host: Option<String>,
    to: RouteTarget,
    alternate_backends: Option<Vec<RouteTarget>>,
    port: Option<RoutePort>,
    #[serde(rename = "tls")]
    _tls: Option<Unasked>,
    #[serde(rename = "path")]
    _path: Option<Unasked>,
    #[serde(rename = "wildcardPolicy")]
    _wildcard_policy: Option<Unasked>,
    #[serde(rename = "subdomain")]
    _subdomain: Option<Unasked>,
    #[serde(rename = "httpHeaders")]
    _http_headers: Option<Unasked>,
}

#[derive(Deserialize)]
struct RouteTarget {
    kind: Option<String>,
    name: String,
    #[serde(rename = "weight")]
    _weight: Option<Unasked>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RoutePort {
    target_port: IntOrString,
}

pub(in super::super) fn open_shift_route(source: &mut Source) -> Result<Object, String> {
    let from: Document<RouteSpec> = source.read()?;
    let metadata = source.metadata(from.metadata)?;
    let namespace = metadata.namespace.clone().unwrap_or_default();
    // A number is the pods' port; a name is the service's (`RoutePort` of route.openshift.io/v1).
    let port = match from.spec.port.map(|port| port.target_port) {
        None => BackendPort::Any,
        Some(IntOrString::Int(number)) => BackendPort::Target(port(number)?),
        Some(IntOrString::String(name)) => match name.parse::<u16>() {
            Ok(number) if number != 0 => BackendPort::Target(number),
            _ => BackendPort::Name(name.into()),
        },
    };
    let alternates = from.spec.alternate_backends.unwrap_or_default().into_iter().enumerate();
    let alternates =
        alternates.map(|(at, target)| (target, FieldPath::of("spec.alternateBackends").index(at)));
    let targets = std::iter::once((from.spec.to, FieldPath::of("spec.to"))).chain(alternates);
    let services =
        targets.filter(|(target, _)| target.kind.as_deref().is_none_or(|kind| kind == "Service"));
    let backends = services.map(|(target, path)| Backend {
        namespace: namespace.as_str().into(),
        service: target.name.into(),
        port: port.clone(),
        path,
    });
    let backends = backends.collect();
    Ok(Object::Route(Route {
        kind: Kind::Route,
        metadata,
        hosts: from.spec.host.into_iter().map(String::into_boxed_str).collect(),
        class: None,
        parents: Box::default(),
        backends,
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GatewaySpec {
    gateway_class_name: String,
    #[serde(flatten)]
    _rest: IgnoredAny,
}

pub(in super::super) fn gateway(source: &mut Source) -> Result<Object, String> {
    let from: Document<GatewaySpec> = source.read()?;
    Ok(Object::Gateway(Gateway {
        metadata: source.metadata(from.metadata)?,
        class: from.spec.gateway_class_name.into(),
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GatewayRouteSpec {
    parent_refs: Option<Vec<ParentRef>>,
    hostnames: Option<Vec<String>>,
    rules: Option<Vec<RouteRule>>,
    #[serde(flatten)]
    _rest: IgnoredAny,
}

#[derive(Deserialize)]
struct ParentRef {
    kind: Option<String>,
    namespace: Option<String>,
    name: String,
    #[serde(flatten)]
    _rest: IgnoredAny,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RouteRule {
    backend_refs: Option<Vec<BackendRef>>,
    #[serde(flatten)]
    _rest: IgnoredAny,
}

#[derive(Deserialize)]
struct BackendRef {
    kind: Option<String>,
    namespace: Option<String>,
    name: String,
    port: Option<i32>,
    #[serde(flatten)]
    _rest: IgnoredAny,
}

pub(in super::super) fn gateway_route(source: &mut Source) -> Result<Object, String> {
    let from: Document<GatewayRouteSpec> = source.read()?;
    let metadata = source.metadata(from.metadata)?;
    let own = metadata.namespace.clone().unwrap_or_default();
    let parents = from.spec.parent_refs.unwrap_or_default().into_iter();
    let parents = parents.map(|parent| ParentReference {
        kind: parent.kind.map_or_else(|| "Gateway".into(), String::into_boxed_str),
        namespace: parent.namespace.unwrap_or_else(|| own.clone()).into(),
        name: parent.name.into(),
    });
    let parents = parents.collect();
    let mut backends = Vec::new();
    for (at, rule) in from.spec.rules.unwrap_or_default().into_iter().enumerate() {
        let base = FieldPath::of("spec.rules").index(at).key("backendRefs");
        for (at, backend) in rule.backend_refs.unwrap_or_default().into_iter().enumerate() {
            if backend.kind.as_deref().is_none_or(|kind| kind == "Service") {
                backends.push(Backend {
                    namespace: backend.namespace.unwrap_or_else(|| own.clone()).into(),
                    service: backend.name.into(),
                    port: backend.port.map_or(Ok(BackendPort::Any), |number| {
                        port(number).map(BackendPort::Number)
                    })?,
                    path: base.index(at),
                });
            }
        }
    }
    let hosts = from.spec.hostnames.unwrap_or_default().into_iter();
    Ok(Object::Route(Route {
        kind: source.kind.kind,
        metadata,
        hosts: hosts.map(String::into_boxed_str).collect(),
        class: None,
        parents,
        backends: backends.into(),
    }))
}
