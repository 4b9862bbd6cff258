//! Random reviews: half of them made to hit a rule, half of those then changed in one place.

use kuberlock_access::{Action, Request, user_name};
use kuberlock_conformance::Chance;
use kuberlock_model::rbac::{Binding, PolicyRule, Principal, RoleRef};
use kuberlock_model::{Cluster, Kind, Object, ObjectKey};
use serde_json::{Value, json};

use crate::objects::{
    ACCOUNTS, GROUPS, MEMBERSHIPS, NAMES, NAMESPACES, RESOURCES, URLS, USERS, VERBS,
};

const PATHS: [&str; 9] =
    ["/metrics", "/metrics/x", "/logs", "/logs/a", "/a/c/b", "/api/v1", "/x/", "/other", "/y"];

pub fn random(chance: &mut Chance, cluster: &Cluster, count: usize) -> Vec<Request> {
    // Aimed at our own bindings only: which others there are is the cluster's affair, and the same
    // seed shall ask the same. That the others count is asked by chance.
    let ours = |name: &str| name.strip_prefix('t').is_some_and(|n| n.parse::<u32>().is_ok());
    let bindings: Vec<&Binding> =
        cluster.bindings().filter(|binding| ours(&binding.metadata.name)).collect();
    let mut requests = Vec::with_capacity(count);
    while requests.len() < count {
        let hit = chance.one(&bindings).and_then(|binding| aimed(chance, cluster, binding));
        match hit {
            Some(request) if chance.once_in(2) => requests.push(request),
            Some(request) if chance.once_in(2) => requests.push(changed(chance, request)),
            _ => {
                let groups = memberships(chance);
                let action = action(chance);
                requests.push(Request { user: user(chance), groups, action });
            }
        }
    }
    requests
}

/// A request that one rule of the binding's role should allow.
fn aimed(chance: &mut Chance, cluster: &Cluster, binding: &Binding) -> Option<Request> {
    let namespace = binding.metadata.namespace.as_deref();
    let key = match &binding.role {
        RoleRef::Role(name) => ObjectKey::new(Kind::Role, namespace, name),
        RoleRef::ClusterRole(name) => ObjectKey::new(Kind::ClusterRole, None, name),
    };
    let Some(Object::Role(role)) = cluster.get(&key) else { return None };
    let mut rules: Vec<&PolicyRule> = role.rules.iter().collect();
    rules.sort();
    let rule = chance.one(&rules)?;
    let (user, groups) = match chance.one(&binding.subjects)? {
        Principal::Group { name } => (user(chance), vec![name.clone()]),
        named => (user_name(named)?, memberships(chance)),
    };
    // The server takes a group's members for what the groups say; nodes have an authorizer of
    // their own, and masters another.
    let apart = ["system:masters", "system:nodes"];
    let within = namespace.map(str::to_owned);
    let within = within.unwrap_or_else(|| chance.word(&["", "n1", "n2", "elsewhere"]));
    let action = allowed_by(chance, rule, &within)?;
    let fair = !groups.iter().any(|group| apart.contains(&group.as_str()));
    fair.then_some(Request { user, groups, action })
}

fn allowed_by(chance: &mut Chance, rule: &PolicyRule, namespace: &str) -> Option<Action> {
    let verb = filled(chance, &rule.verbs, &VERBS)?;
    if let Some(url) = chance.one(&rule.non_resource_urls) {
        let path = url.trim_end_matches('*').to_owned() + if chance.once_in(2) { "z" } else { "" };
        return Some(Action::Path { verb, path: if path.is_empty() { "/".into() } else { path } });
    }
    let group = filled(chance, &rule.api_groups, &GROUPS)?;
    let resource = filled(chance, &rule.resources, &RESOURCES)?.replace("*/", "deployments/");
    let (resource, subresource) = resource.split_once('/').unwrap_or((&resource, ""));
    Some(Action::Resource {
        verb,
        group,
        resource: resource.to_owned(),
        subresource: subresource.to_owned(),
        namespace: namespace.to_owned(),
        name: match chance.one(&rule.resource_names) {
            Some(name) => name.clone(),
            None => chance.word(&["", "", "a", "b"]),
        },
    })
}

/// One of the rule's words, a star made into any word.
fn filled(chance: &mut Chance, of: &[String], all: &[&str]) -> Option<String> {
    match chance.one(of)?.as_str() {
        "*" => Some(chance.word(all)),
        word => Some(word.to_owned()),
    }
}

fn changed(chance: &mut Chance, mut request: Request) -> Request {
    let other = action(chance);
    match (chance.below(7), &mut request.action, other) {
        (0, _, _) => request.user = user(chance),
        (1, _, _) => request.groups = memberships(chance),
        (2, Action::Path { path, .. }, _) => path.push('/'),
        (2 | 3, Action::Resource { verb, .. }, Action::Resource { verb: new, .. })
        | (3, Action::Path { verb, .. }, Action::Path { verb: new, .. }) => *verb = new,
        (4, Action::Resource { namespace, .. }, _) => *namespace = chance.word(&["", "n1", "n3"]),
        (5, Action::Resource { name, .. }, _) => *name = chance.word(&["", "a", "A"]),
        (6, Action::Resource { subresource, .. }, _) => {
            *subresource = chance.word(&["", "log", "scale", "*"]);
        }
        (_, action, other) => *action = other,
    }
    request
}

fn user(chance: &mut Chance) -> String {
    if chance.once_in(3) {
        let (namespace, name) = (chance.word(&NAMESPACES), chance.word(&ACCOUNTS));
        return format!("system:serviceaccount:{namespace}:{name}");
    }
    chance.word(&USERS)
}

fn memberships(chance: &mut Chance) -> Vec<String> {
    match chance.below(40) {
        0 => vec!["dev".into(), "system:masters".into()],
        1..20 => Vec::new(),
        _ => chance.words(&MEMBERSHIPS, 2),
    }
}

fn action(chance: &mut Chance) -> Action {
    let verb = chance.word(&VERBS);
    if chance.once_in(5) {
        let paths = [PATHS.as_slice(), URLS.as_slice()].concat();
        return Action::Path { verb, path: chance.word(&paths) };
    }
    let resource = chance.word(&RESOURCES);
    // Most callers split it; a review may also leave it whole.
    let (resource, subresource) = match resource.split_once('/') {
        Some((resource, subresource)) if !chance.once_in(8) => {
            (resource.to_owned(), subresource.to_owned())
        }
        _ => (resource, String::new()),
    };
    let mut names = NAMES.to_vec();
    names.extend(["", "", ""]);
    Action::Resource {
        verb,
        group: chance.word(&GROUPS),
        resource,
        subresource,
        namespace: chance.word(&["", "n1", "n2", "n3", "elsewhere"]),
        name: chance.word(&names),
    }
}

/// The request as a SubjectAccessReview.
pub fn review(request: &Request) -> Value {
    let mut spec = json!({"user": request.user, "groups": request.groups});
    match &request.action {
        Action::Resource { verb, group, resource, subresource, namespace, name } => {
            spec["resourceAttributes"] = json!({
                "verb": verb, "group": group, "resource": resource, "subresource": subresource,
                "namespace": namespace, "name": name,
            });
        }
        Action::Path { verb, path } => {
            spec["nonResourceAttributes"] = json!({"verb": verb, "path": path});
        }
    }
    json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec,
    })
}
