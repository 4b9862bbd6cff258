//! What the API server would refuse to create.
//!
//! Enters: one network policy of any of the four kinds, as written. Leaves: every fault that a
//! Kubernetes 1.37 API server would name, with the path of the field as the server prints it.
//! Always holds: nothing is read but the object; a version that the server does not serve is not
//! judged; what an empty list follows is accepted by the server, as the conformance test
//! `network_validation` proves against a real one.
//!
//! Only manifests are judged. An object of a live server, or of a snapshot of one, exists: it may
//! be older than a rule that today holds for new objects only, since the server lets unchanged
//! values be. So may a manifest that was exported from a server: it holds the `uid` and the `resourceVersion`
//! that only a server gives.

mod cidr;
mod fault;
mod metadata;
mod policy;
mod schema;
mod selector;
mod served;
mod text;
mod tiered;
mod typed;
mod unknown;

use serde_json::Value;

pub use self::fault::{Fault, FaultKind};
pub(crate) use self::served::as_served;
pub use self::tiered::Channel;
pub(crate) use self::unknown::fields as unknown_fields;

use self::fault::{At, Faults};
use crate::convert;

/// The faults of a network policy; none of any other kind, or of another version of it.
pub fn faults(object: &Value, channel: Channel) -> Vec<Fault> {
    let of = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
    let mut faults = Faults::default();
    match (of("apiVersion"), of("kind")) {
        ("networking.k8s.io/v1", "NetworkPolicy") => network_policy(object, &mut faults),
        (version, kind) => {
            if let Some(schema) = tiered::schema(version, kind, channel) {
                custom(object, kind, schema, &mut faults);
            }
        }
    }
    faults.all
}

/// The faults that keep a manifest from being in a cluster. There are none where nothing can be said:
/// of a template, which will be written otherwise, and of what was exported from a server.
///
/// Of a tiered kind each of the two definitions takes what the other refuses: only what both refuse is
/// in no cluster.
pub(crate) fn refusal(object: &Value) -> Vec<Fault> {
    let is_template = |key: &str| {
        let text = object.get("metadata").and_then(|metadata| metadata.get(key));
        text.and_then(Value::as_str).is_some_and(convert::is_template)
    };
    if is_exported(object) || is_template("name") || is_template("namespace") {
        return Vec::new();
    }
    let told = faults(object, Channel::Experimental);
    if told.is_empty() || faults(object, Channel::Standard).is_empty() {
        return Vec::new();
    }
    told
}

/// Whether a document holds what only a server writes: it was read from one, and exists there.
fn is_exported(object: &Value) -> bool {
    let has = |key: &str| {
        let text = object.get("metadata").and_then(|metadata| metadata.get(key));
        text.and_then(Value::as_str).is_some_and(|text| !text.is_empty())
    };
    has("uid") && has("resourceVersion")
}

/// A kind that the server has types of its own for: an object that does not decode is looked at no
/// further.
fn network_policy(object: &Value, faults: &mut Faults) {
    typed::check(object, &typed::NETWORK_POLICY, At::ROOT, faults);
    if faults.all.is_empty() {
        metadata::check(object, metadata::Finalizers::Qualified, faults);
        policy::check(object.get("spec"), At::ROOT.key("spec"), faults);
    }
}

/// A custom resource: its metadata has a type, all else a schema.
fn custom(object: &Value, kind: &str, schema: &'static schema::Fields, faults: &mut Faults) {
    typed::check(object, &typed::CUSTOM, At::ROOT, faults);
    if !faults.all.is_empty() {
        return;
    }
    metadata::check(object, metadata::Finalizers::Any, faults);
    let seen = schema::seen(object, schema);
    schema::check(&seen, schema, faults);
    // Rules are not asked of what has not even the form.
    if !faults.all.iter().any(|fault| fault.kind.hides_rules()) {
        tiered::check_name(object, kind, faults);
        schema::check_rules(&seen, schema, faults);
    }
}

#[cfg(test)]
mod tests;
