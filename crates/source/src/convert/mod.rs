//! Records become changes of the model's cluster.
//!
//! Enters: redacted records of every source. Leaves: changes, in the order of the records; those of
//! a node's machine at the end, since a file means something only beside the command line that
//! names it. Always holds: an object that does not convert is told with file, name and reason, and
//! the rest goes on; fields and kinds that the model does not know are told once each.

mod admission;
pub mod host;
mod limits;
mod metadata;
mod network;
mod objects;
mod rbac;
mod typed;
mod workload;

use std::collections::BTreeMap;

use kuberlock_model::coverage::{Notice, Reading, Unread};
use kuberlock_model::workload::Pod;
use kuberlock_model::{Change, Kind, Object, Origin};
use rayon::prelude::*;
use serde_json::Value;

pub(crate) use self::metadata::is_template;
use self::typed::Unknown;
use crate::{HostRecord, Record, validate};

/// From how many records on converting them in parallel pays.
const PARALLEL: usize = 64;

/// Makes records into changes.
#[derive(Debug, Default)]
pub struct Converter {
    hosts: BTreeMap<String, Vec<HostRecord>>,
}

impl Converter {
    /// Takes records in and emits the changes that are known at once.
    pub fn push(&mut self, records: Vec<Record>, emit: &mut dyn FnMut(Change)) {
        let mut rest = Vec::with_capacity(records.len());
        for record in records {
            match record {
                Record::Host { node, record } => self.hosts.entry(node).or_default().push(record),
                other => rest.push(other),
            }
        }
        if rest.len() < PARALLEL {
            rest.into_iter().flat_map(changes).for_each(emit);
        } else {
            let converted: Vec<Vec<Change>> = rest.into_par_iter().map(changes).collect();
            converted.into_iter().flatten().for_each(emit);
        }
    }

    /// Emits the changes of the nodes' machines.
    pub fn finish(self, emit: &mut dyn FnMut(Change)) {
        let mut hosts = self.hosts.into_iter();
        loop {
            // A few at a time: what a node's files say is larger than the files.
            let some: Vec<_> = hosts.by_ref().take(PARALLEL).collect();
            if some.is_empty() {
                break;
            }
            let changes: Vec<Vec<Change>> =
                some.into_par_iter().map(|(node, records)| host::changes(&node, records)).collect();
            changes.into_iter().flatten().for_each(&mut *emit);
        }
    }
}

/// Converts the pod of a static pod file. Its name is that of the file: the kubelet's suffix is not
/// applied.
pub fn pod(value: &Value, origin: Origin) -> Result<Pod, String> {
    let (version, kind) = named(value)?;
    if kind_of(version, kind) != Some(Kind::Pod) {
        return Err(format!("holds `{version} {kind}`, not a pod"));
    }
    match convert(value.clone(), Kind::Pod, origin)?.0 {
        Object::Pod(pod) => Ok(pod),
        other => Err(format!("holds `{}`, not a pod", other.kind())),
    }
}

fn changes(record: Record) -> Vec<Change> {
    match record {
        Record::Object { object, origin } => object_changes(object, &origin),
        Record::Name(name) => vec![Change::Name(name)],
        Record::Collected(at) => vec![Change::Collected(at)],
        Record::Release(release) => vec![Change::Release(release)],
        Record::Reading(reading) => vec![Change::Reading(reading)],
        // Held back by `push`.
        Record::Host { .. } => Vec::new(),
    }
}

fn object_changes(object: Value, origin: &Origin) -> Vec<Change> {
    let notice = |notice: Notice| Change::Reading(Reading::Notice(notice, origin.clone()));
    let (version, kind) = match named(&object) {
        Ok(named) => named,
        Err(reason) => return vec![unread(origin, reason)],
    };
    let Some(known) = kind_of(version, kind) else {
        return vec![notice(Notice::UnknownKind { kind: format!("{version} {kind}") })];
    };
    let label = label(&object);
    // The server's own knowledge, where it is ours too; else that of the types we read into.
    let unknown_fields = validate::unknown_fields(&object);
    match convert(validate::as_served(object), known, origin.clone()) {
        Ok((object, unknown)) => {
            let fields = unknown_fields.unwrap_or(unknown.fields).into_iter().map(|field| {
                let kind = known.to_string();
                notice(Notice::UnknownField { kind, field })
            });
            let mut changes: Vec<Change> = fields.collect();
            changes.push(Change::upsert(object));
            changes
        }
        Err(reason) => vec![unread(origin, format!("{label} {reason}"))],
    }
}

fn unread(origin: &Origin, reason: String) -> Change {
    Change::Reading(Reading::Unread(Unread::new(origin.clone(), reason)))
}

/// How to name an object that did not convert: `Pod team/web`.
pub(crate) fn label(object: &Value) -> String {
    let kind = object.get("kind").and_then(Value::as_str).unwrap_or_default();
    let of = |key: &str| object.get("metadata")?.get(key)?.as_str();
    let cut = |text: &str| text.chars().filter(|c| !c.is_control()).take(80).collect::<String>();
    match (of("namespace"), of("name").or_else(|| of("generateName"))) {
        (Some(namespace), Some(name)) => {
            format!("{} `{}/{}`", cut(kind), cut(namespace), cut(name))
        }
        (None, Some(name)) => format!("{} `{}`", cut(kind), cut(name)),
        _ => cut(kind),
    }
}

/// `apiVersion` and `kind`.
fn named(object: &Value) -> Result<(&str, &str), String> {
    let of = |key: &str| match object.get(key) {
        Some(Value::String(text)) if !text.is_empty() && text.len() <= 253 => Ok(text.as_str()),
        Some(Value::String(_)) => Err(format!("`{key}` is empty or longer than 253 bytes")),
        Some(_) => Err(format!("`{key}` is no text")),
        None => Err(format!("an object without `{key}`")),
    };
    Ok((of("apiVersion")?, of("kind")?))
}

/// The kind, in whatever version it is written, and in whatever group it lived before.
pub(crate) fn kind_of(version: &str, kind: &str) -> Option<Kind> {
    kind_in(version.split_once('/').map_or("", |(group, _)| group), kind)
}

/// The same by its group.
pub(crate) fn kind_in(group: &str, kind: &str) -> Option<Kind> {
    Kind::find(group, kind).or_else(|| {
        let moved = MOVED.contains(&kind) && group == "extensions";
        let is_meant = moved || MISPLACED.contains(&(group, kind));
        let known = || Kind::all().iter().find(|known| known.name == kind).map(|known| known.kind);
        is_meant.then(known).flatten()
    })
}

/// What lived in `extensions` before.
const MOVED: [&str; 5] = ["Deployment", "DaemonSet", "ReplicaSet", "NetworkPolicy", "Ingress"];

/// What some write down in a group that never had it, and mean all the same.
const MISPLACED: [(&str, &str); 3] = [
    ("apps", "Pod"),
    ("nmstate.io", "UserDefinedNetwork"),
    ("nmstate.io", "ClusterUserDefinedNetwork"),
];

fn convert(object: Value, kind: Kind, origin: Origin) -> Result<(Object, Unknown), String> {
    let mut source = typed::Source::new(object, kind, origin)?;
    let object = match kind {
        Kind::Namespace => objects::namespace(&mut source)?,
        Kind::Node => objects::node(&mut source)?,
        Kind::ServiceAccount => objects::service_account(&mut source)?,
        Kind::ConfigMap => objects::config_map(&mut source)?,
        Kind::Secret => objects::secret(&mut source)?,
        Kind::Pod => workload::pod(&mut source)?,
        Kind::Deployment => workload::deployment(&mut source)?,
        Kind::StatefulSet => workload::stateful_set(&mut source)?,
        Kind::DaemonSet => workload::daemon_set(&mut source)?,
        Kind::ReplicaSet => workload::replica_set(&mut source)?,
        Kind::ReplicationController => workload::replication_controller(&mut source)?,
        Kind::Job => workload::job(&mut source)?,
        Kind::CronJob => workload::cron_job(&mut source)?,
        Kind::Role => rbac::role(&mut source)?,
        Kind::ClusterRole => rbac::cluster_role(&mut source)?,
        Kind::RoleBinding => rbac::role_binding(&mut source)?,
        Kind::ClusterRoleBinding => rbac::cluster_role_binding(&mut source)?,
        Kind::NetworkPolicy => network::network_policy(&mut source)?,
        Kind::MultiNetworkPolicy => network::multi_network_policy(&mut source)?,
        Kind::AdminNetworkPolicy
        | Kind::BaselineAdminNetworkPolicy
        | Kind::ClusterNetworkPolicy => network::tiered_policy(&mut source)?,
        Kind::Service => network::service(&mut source)?,
        Kind::Ingress => network::ingress(&mut source)?,
        Kind::Route => network::open_shift_route(&mut source)?,
        Kind::Gateway => network::gateway(&mut source)?,
        Kind::HttpRoute | Kind::GrpcRoute | Kind::TlsRoute | Kind::TcpRoute | Kind::UdpRoute => {
            network::gateway_route(&mut source)?
        }
        Kind::UserDefinedNetwork | Kind::ClusterUserDefinedNetwork => {
            network::user_defined_network(&mut source)?
        }
        Kind::NetworkAttachmentDefinition => network::attachment_definition(&mut source)?,
        Kind::VirtualMachine => workload::virtual_machine(&mut source)?,
        Kind::VirtualMachineInstance => workload::virtual_machine_instance(&mut source)?,
        Kind::ResourceQuota => limits::resource_quota(&mut source)?,
        Kind::LimitRange => limits::limit_range(&mut source)?,
        Kind::ValidatingWebhookConfiguration => admission::webhooks(&mut source)?,
        Kind::ValidatingAdmissionPolicy => admission::policy(&mut source)?,
        Kind::ValidatingAdmissionPolicyBinding => admission::policy_binding(&mut source)?,
    };
    Ok((object, source.unknown))
}

#[cfg(test)]
mod tests;
