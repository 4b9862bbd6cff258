//! Services.

use k8s_openapi::api::core::v1 as api;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kuberlock_model::Object;
use kuberlock_model::network::{Protocol, Service, ServicePort, ServiceType, TargetPort};

use super::super::typed::Source;
use super::block::port;

pub(in super::super) fn service(source: &mut Source) -> Result<Object, String> {
    let from: api::Service = source.read()?;
    let spec = from.spec.unwrap_or_default();
    let first = spec.cluster_ip.filter(|ip| !ip.is_empty());
    let headless = first.as_deref() == Some("None");
    let mut addresses = spec.cluster_ips.unwrap_or_default();
    if addresses.is_empty() {
        addresses.extend(first);
    }
    let service_type = match spec.type_.as_deref() {
        Some("NodePort") => ServiceType::NodePort,
        Some("LoadBalancer") => ServiceType::LoadBalancer,
        Some("ExternalName") => ServiceType::ExternalName(spec.external_name.unwrap_or_default()),
        _ => ServiceType::ClusterIp,
    };
    let ports = spec.ports.unwrap_or_default().into_iter().map(service_port);
    Ok(Object::Service(Service {
        metadata: source.metadata(from.metadata)?,
        selector: spec.selector.unwrap_or_default(),
        service_type,
        cluster_ips: addresses.iter().filter_map(|text| text.parse().ok()).collect(),
        headless,
        ports: ports.collect::<Result<_, _>>()?,
    }))
}

fn service_port(from: api::ServicePort) -> Result<ServicePort, String> {
    let number = port(from.port)?;
    let target = match from.target_port {
        // The API server writes the service's own port where none is told.
        None | Some(IntOrString::Int(0)) => TargetPort::Number(number),
        Some(IntOrString::Int(target)) => TargetPort::Number(port(target)?),
        Some(IntOrString::String(name)) => match name.parse::<u16>() {
            Ok(target) if target != 0 => TargetPort::Number(target),
            _ => TargetPort::Name(name.into()),
        },
    };
    Ok(ServicePort {
        name: from.name.filter(|name| !name.is_empty()).map(String::into_boxed_str),
        protocol: from.protocol.as_deref().and_then(Protocol::find).unwrap_or_default(),
        port: number,
        target,
        node_port: from.node_port.filter(|number| *number != 0).map(port).transpose()?,
    })
}
