//! What the API server asks, and who asks it.

use kuberlock_model::network::{Protocol, TargetPort};
use kuberlock_model::rbac::{Binding, Principal, RoleRef};
use kuberlock_model::{FieldPath, Kind, ObjectKey};

use super::ReasonKind;
use super::edges::{Edges, reason};
use crate::traffic::{Directory, Who};

/// The API server's port, as kubeadm and most others set it, where the service does not tell.
const API_SERVER: u16 = 6443;

/// The API server's port behind the service `kubernetes`.
pub(super) fn api_server_port(directory: &Directory<'_>) -> u16 {
    let service = directory.service("default", "kubernetes");
    let target = service.and_then(|service| service.ports.first()).map(|port| &port.target);
    match target {
        Some(TargetPort::Number(port)) => *port,
        _ => API_SERVER,
    }
}

/// Connections of the API server to the pods behind webhooks.
pub(super) fn of_webhooks(directory: &Directory<'_>, edges: &mut Edges) {
    for set in directory.cluster.validating_webhooks() {
        let own = ObjectKey::new(Kind::ValidatingWebhookConfiguration, None, &set.metadata.name);
        for (at, webhook) in set.webhooks.iter().enumerate() {
            let Some(asked) = &webhook.service else { continue };
            let Some(service) = directory.service(&asked.namespace, &asked.name) else { continue };
            let path = FieldPath::of("webhooks").index(at).key("clientConfig").key("service");
            let why = reason(ReasonKind::Webhook, own.clone(), &set.metadata, path);
            for by in directory.behind(service, Protocol::Tcp, asked.port) {
                edges.add(&Who::ApiServer, Who::Workload(by.head), by.protocol, by.port, &why);
            }
        }
    }
}

/// The role by which whoever serves an API behind the API server learns whom to trust: every such
/// server needs it, and nobody else has a use for it.
const SERVES_API: &str = "extension-apiserver-authentication-reader";

/// Connections of the API server to the pods that serve APIs behind it, such as metrics-server.
pub(super) fn of_extensions(directory: &Directory<'_>, edges: &mut Edges) {
    let reads = |binding: &&Binding| {
        binding.metadata.namespace.as_deref() == Some("kube-system")
            && binding.role == RoleRef::Role(SERVES_API.to_owned())
    };
    for binding in directory.cluster.bindings().filter(reads) {
        let own = ObjectKey::new(
            binding.kind(),
            binding.metadata.namespace.as_deref(),
            &binding.metadata.name,
        );
        let why = reason(ReasonKind::Extension, own, &binding.metadata, FieldPath::of("subjects"));
        for service in directory.cluster.services() {
            let namespace = service.metadata.namespace.as_deref().unwrap_or_default();
            let serves = directory.selected(service).any(|(_, head)| {
                head.specs().any(|spec| names(binding, namespace, &spec.service_account))
            });
            for port in service.ports.iter().filter(|_| serves) {
                for by in directory.behind(service, port.protocol, port.port) {
                    edges.add(&Who::ApiServer, Who::Workload(by.head), by.protocol, by.port, &why);
                }
            }
        }
    }
}

/// Connections to the API server of pods whose service account somebody gave a right: what has none
/// but everybody's asks for nothing.
pub(super) fn of_bindings(directory: &Directory<'_>, edges: &mut Edges) {
    let port = api_server_port(directory);
    for source in directory.cluster.pod_sources() {
        let namespace = source.metadata.namespace.as_deref().unwrap_or_default();
        let account = source.spec.service_account.as_str();
        if source.spec.automount_token == Some(false) || source.spec.host_network {
            continue;
        }
        let bound = directory.cluster.bindings().find(|binding| names(binding, namespace, account));
        if let Some(binding) = bound {
            let own = ObjectKey::new(
                binding.kind(),
                binding.metadata.namespace.as_deref(),
                &binding.metadata.name,
            );
            let path = FieldPath::of("subjects");
            let why = reason(ReasonKind::Binding, own, &binding.metadata, path);
            let from = Who::Workload(source.head.clone());
            edges.add(&from, Who::ApiServer, Protocol::Tcp, port, &why);
        }
    }
}

fn names(binding: &Binding, namespace: &str, account: &str) -> bool {
    binding.subjects.iter().any(|subject| match subject {
        Principal::ServiceAccount { namespace: of, name } => of == namespace && name == account,
        _ => false,
    })
}
