//! AdminNetworkPolicy, BaselineAdminNetworkPolicy and ClusterNetworkPolicy: what their definitions
//! say.

mod pieces;
mod v1alpha1;
mod v1alpha2;

use kuberlock_model::FieldPath;
use serde_json::Value;

use super::fault::{Fault, FaultKind, Faults};
use super::schema::Fields;

/// The two definitions that each of these kinds is published in. Which of them a cluster has
/// installed no manifest tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Without peers that are nodes or domain names; v1alpha1 without named ports too.
    Standard,
    /// With all fields.
    Experimental,
}

/// The schema of a kind's `spec`.
pub(super) fn schema(version: &str, kind: &str, channel: Channel) -> Option<&'static Fields> {
    let (standard, experimental) = match (version, kind) {
        ("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy") => {
            (&v1alpha1::ADMIN, &v1alpha1::ADMIN_EXPERIMENTAL)
        }
        ("policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy") => {
            (&v1alpha1::BASELINE, &v1alpha1::BASELINE_EXPERIMENTAL)
        }
        ("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy") => {
            (&v1alpha2::CLUSTER, &v1alpha2::CLUSTER_EXPERIMENTAL)
        }
        _ => return None,
    };
    Some(match channel {
        Channel::Standard => standard,
        Channel::Experimental => experimental,
    })
}

/// There is one BaselineAdminNetworkPolicy, and its name is fixed. The server names the object, not
/// the field.
pub(super) fn check_name(object: &Value, kind: &str, faults: &mut Faults) {
    let name = object.get("metadata").and_then(|metadata| metadata.get("name"));
    if kind == "BaselineAdminNetworkPolicy" && name.and_then(Value::as_str) != Some("default") {
        faults.all.push(Fault {
            path: String::new(),
            field: FieldPath::of("metadata.name"),
            kind: FaultKind::Invalid,
            reason: "the only policy of this kind is named `default`".to_owned(),
        });
    }
}
