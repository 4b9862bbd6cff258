//! Roles and bindings.

use k8s_openapi::api::rbac::v1 as api;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kuberlock_model::Object;
use kuberlock_model::rbac::{Binding, PolicyRule, Principal, Role, RoleRef};

use super::metadata::selector;
use super::typed::Source;

const GROUP: &str = "rbac.authorization.k8s.io";

pub(super) fn role(source: &mut Source) -> Result<Object, String> {
    let from: api::Role = source.read()?;
    let rules = from.rules.unwrap_or_default().into_iter().map(rule).collect();
    let metadata = source.metadata(from.metadata)?;
    Ok(Object::Role(Role { metadata, rules, aggregates: Vec::new() }))
}

pub(super) fn cluster_role(source: &mut Source) -> Result<Object, String> {
    let from: api::ClusterRole = source.read()?;
    let rules = from.rules.unwrap_or_default().into_iter().map(rule).collect();
    let selectors = from.aggregation_rule.and_then(|rule| rule.cluster_role_selectors);
    let aggregates = selectors.unwrap_or_default().into_iter().map(selector);
    let aggregates = aggregates.collect::<Result<_, _>>()?;
    Ok(Object::Role(Role { metadata: source.metadata(from.metadata)?, rules, aggregates }))
}

fn rule(from: api::PolicyRule) -> PolicyRule {
    PolicyRule {
        verbs: from.verbs,
        api_groups: from.api_groups.unwrap_or_default(),
        resources: from.resources.unwrap_or_default(),
        resource_names: from.resource_names.unwrap_or_default(),
        non_resource_urls: from.non_resource_urls.unwrap_or_default(),
    }
}

pub(super) fn role_binding(source: &mut Source) -> Result<Object, String> {
    let from: api::RoleBinding = source.read()?;
    binding(source, from.metadata, from.role_ref, from.subjects)
}

pub(super) fn cluster_role_binding(source: &mut Source) -> Result<Object, String> {
    let from: api::ClusterRoleBinding = source.read()?;
    if from.role_ref.kind == "Role" {
        return Err("grants a Role, which a ClusterRoleBinding cannot".to_owned());
    }
    binding(source, from.metadata, from.role_ref, from.subjects)
}

fn binding(
    source: &Source,
    metadata: ObjectMeta,
    role: api::RoleRef,
    subjects: Option<Vec<api::Subject>>,
) -> Result<Object, String> {
    let metadata = source.metadata(metadata)?;
    let role = match role.kind.as_str() {
        "Role" => RoleRef::Role(role.name),
        "ClusterRole" => RoleRef::ClusterRole(role.name),
        "" => return Err("has no `roleRef`".to_owned()),
        other => return Err(format!("grants the unknown kind of role `{other}`")),
    };
    let subjects = subjects.unwrap_or_default().into_iter();
    let subjects = subjects.map(|subject| principal(subject, metadata.namespace.as_deref()));
    let subjects = subjects.collect::<Result<_, _>>()?;
    Ok(Object::Binding(Binding { metadata, role, subjects }))
}

/// A subject with its defaults: an absent group is that of RBAC for users and groups, the core
/// group for service accounts; a service account is by default of the binding's namespace.
fn principal(from: api::Subject, namespace: Option<&str>) -> Result<Principal, String> {
    let group = from.api_group.as_deref().unwrap_or_default();
    match (from.kind.as_str(), group) {
        ("User", "" | GROUP) => Ok(Principal::User { name: from.name }),
        ("Group", "" | GROUP) => Ok(Principal::Group { name: from.name }),
        ("ServiceAccount", "") => {
            let named = from.namespace.filter(|namespace| !namespace.is_empty());
            let namespace = named.unwrap_or_else(|| namespace.unwrap_or_default().to_owned());
            Ok(Principal::ServiceAccount { namespace, name: from.name })
        }
        (kind, group) => {
            Err(format!("has a subject of the unknown kind `{kind}` in group `{group}`"))
        }
    }
}
