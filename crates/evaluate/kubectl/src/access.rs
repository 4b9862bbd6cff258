//! `kubectl auth can-i VERB RESOURCE --as USER`

use kuberlock_access::{Access, Action, Request, implied_groups};
use kuberlock_model::Cluster;
use kuberlock_model::object::{Kind, Object, ObjectKey};
use kuberlock_model::rbac::{Principal, RoleRef};

use crate::arguments::Arguments;
use crate::output::{NotAnswered, Output, not_answered};
use crate::resource::{self, Named};

const ROLES: [Kind; 4] =
    [Kind::Role, Kind::ClusterRole, Kind::RoleBinding, Kind::ClusterRoleBinding];

/// The verbs that kubectl knows; another one is asked all the same, with a warning.
const VERBS: [&str; 16] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "impersonate",
    "*",
    "approve",
    "sign",
    "escalate",
    "attest",
];

/// Answers `can-i`. The verb is one word, whatever is in it: no role that is not written with `*`
/// grants the verb `get,list,watch`, and so the answer to that is no.
pub(crate) fn can_i(
    arguments: &Arguments,
    words: &[&str],
    cluster: &Cluster,
) -> Result<Output, NotAnswered> {
    let [verb, what] = words else {
        return not_answered("`kubectl auth can-i` is answered for a verb and a resource only");
    };
    let Some(user) = &arguments.user else {
        return not_answered("who asks is not known: `kubectl auth can-i` has no `--as`");
    };
    for kind in ROLES {
        super::get::covered(kind, cluster)?;
    }
    let (action, warning) = action(arguments, verb, what, cluster)?;
    let mut groups = arguments.groups.clone();
    groups.extend(implied_groups(&Principal::User { name: user.clone() }));
    let access = Access::new(cluster);
    let request = |action| Request { user: user.clone(), groups: groups.clone(), action };
    let review = Action::resource("create", "authorization.k8s.io", "selfsubjectaccessreviews");
    if !access.evaluate(&request(review)).allowed {
        return Ok(Output::failure(1, warning + &may_not_ask(user)));
    }
    let allowed = access.evaluate(&request(action)).allowed;
    let answer = if allowed {
        "yes\n".to_owned()
    } else {
        format!("no{}\n", reason(user, &groups, arguments, cluster))
    };
    let stdout = if arguments.quiet { String::new() } else { answer };
    Ok(Output { stdout, stderr: warning, status: u8::from(!allowed) })
}

fn may_not_ask(user: &str) -> String {
    format!(
        "Error from server (Forbidden): selfsubjectaccessreviews.authorization.k8s.io is \
         forbidden: User {user:?} cannot create resource \"selfsubjectaccessreviews\" in API group \
         \"authorization.k8s.io\" at the cluster scope\n"
    )
}

/// What is asked, and the warning that kubectl gives first.
fn action(
    arguments: &Arguments,
    verb: &str,
    what: &str,
    cluster: &Cluster,
) -> Result<(Action, String), NotAnswered> {
    if what.starts_with('/') {
        let known = ["get", "put", "post", "head", "options", "delete", "patch", "*"];
        let warning = unknown_verb(verb, known.contains(&verb));
        return Ok((Action::path(verb, what), warning));
    }
    let (word, name) = what.split_once('/').unwrap_or((what, ""));
    let (group, resource, namespaced) = match resource::named(word, cluster) {
        Named::Kinds(kinds, _) => match kinds.as_slice() {
            [kind] => {
                let names = kind.names();
                (names.group, names.resource, names.namespaced)
            }
            _ => return not_answered(format!("the resource `{word}` is not answered")),
        },
        _ if word == "*" => ("", "*", true),
        _ => return not_answered(format!("the model does not know the resource `{word}`")),
    };
    let subresource = arguments.subresource.as_deref().unwrap_or_default();
    let full = match subresource {
        "" => resource.to_owned(),
        subresource => format!("{resource}/{subresource}"),
    };
    let namespace = match arguments.all_namespaces {
        true => "",
        false => arguments.namespace.as_deref().unwrap_or("default"),
    };
    let mut warning = String::new();
    if !arguments.all_namespaces {
        if !namespaced {
            let of = if group.is_empty() { String::new() } else { format!(" in group '{group}'") };
            warning = format!("Warning: resource '{resource}' is not namespace scoped{of}\n\n");
        }
        warning += &unknown_verb(verb, VERBS.contains(&verb));
    }
    Ok((Action::resource(verb, group, &full).in_namespace(namespace).named(name), warning))
}

fn unknown_verb(verb: &str, is_known: bool) -> String {
    if is_known { String::new() } else { format!("Warning: verb '{verb}' is not a known verb\n\n") }
}

/// Why not, as far as the API server tells: bindings of the user whose role is not there.
fn reason(user: &str, groups: &[String], arguments: &Arguments, cluster: &Cluster) -> String {
    let asked = Principal::User { name: user.to_owned() };
    let asked_in =
        (!arguments.all_namespaces).then(|| arguments.namespace.as_deref().unwrap_or("default"));
    let missing: Vec<String> = cluster
        .bindings()
        .filter(|binding| match &binding.metadata.namespace {
            Some(namespace) => asked_in == Some(namespace.as_str()),
            None => true,
        })
        .filter(|binding| {
            binding.subjects.iter().any(|subject| match subject {
                Principal::Group { name } => groups.contains(name),
                other => kuberlock_access::canonical(other) == kuberlock_access::canonical(&asked),
            })
        })
        .filter_map(|binding| {
            missing_role(&binding.role, binding.metadata.namespace.as_deref(), cluster)
        })
        .collect();
    // Since 1.37 each authorizer's reason has its name before it.
    let name = match cluster.release() {
        Some(release) if release.minor < 37 => "",
        _ => "rbac: ",
    };
    match missing.as_slice() {
        [] => String::new(),
        [one] => format!(" - {name}RBAC: {one}"),
        many => format!(" - {name}RBAC: [{}]", many.join(", ")),
    }
}

fn missing_role(role: &RoleRef, namespace: Option<&str>, cluster: &Cluster) -> Option<String> {
    let (kind, namespace, name) = match role {
        RoleRef::Role(name) => (Kind::Role, namespace, name),
        RoleRef::ClusterRole(name) => (Kind::ClusterRole, None, name),
    };
    let is_there =
        matches!(cluster.get(&ObjectKey::new(kind, namespace, name)), Some(Object::Role(_)));
    let resource = kind.names().name.to_ascii_lowercase();
    (!is_there).then(|| format!("{resource}.rbac.authorization.k8s.io {name:?} not found"))
}
