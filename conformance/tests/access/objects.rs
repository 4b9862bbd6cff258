//! Random roles and bindings of every shape that the API server takes.

use kuberlock_conformance::Chance;
use serde_json::{Value, json};

pub const NAMESPACES: [&str; 3] = ["n1", "n2", "n3"];
pub const VERBS: [&str; 8] =
    ["get", "list", "create", "delete", "impersonate", "escalate", "*", "frob"];
pub const GROUPS: [&str; 5] = ["", "apps", "batch", "example.com", "*"];
pub const RESOURCES: [&str; 16] = [
    "pods",
    "pods/log",
    "pods/exec",
    "pods/*",
    "deployments",
    "deployments/scale",
    "*/scale",
    "*/log",
    // Ends as `*/log` and `pods/log` do, and is neither.
    "*/prolog",
    "*log",
    "secrets",
    "nodes",
    "nodes/proxy",
    "widgets",
    "*",
    "*/*",
];
pub const NAMES: [&str; 5] = ["a", "b", "c", "a/b", "*"];
pub const URLS: [&str; 11] = [
    "/metrics",
    "/metrics/*",
    "/logs*",
    "/logs/**",
    "*",
    "/*",
    "/a/*/b",
    "/api/*",
    "/x",
    "/x/",
    "/y***",
];
pub const USERS: [&str; 10] =
    ["ann", "ben", "system:serviceaccount:n1:web", "Ann", "a:b", "cat", "dan", "eva", "fay", "gus"];
pub const MEMBERSHIPS: [&str; 9] = [
    "dev",
    "ops",
    "system:serviceaccounts",
    "system:serviceaccounts:n1",
    "system:authenticated",
    "ann",
    "qa",
    "sre",
    "audit",
];
pub const ACCOUNTS: [&str; 5] = ["web", "db", "default", "job", "mail"];
const PARTS: [&str; 4] = ["one", "two", "three", "four"];
const API: &str = "/apis/rbac.authorization.k8s.io/v1";

/// Paths, and what to post to them, in an order that the server takes.
pub fn random(chance: &mut Chance) -> Vec<(String, Vec<Value>)> {
    let namespace = |name: &&str| json!({"metadata": {"name": name}});
    let mut posts = vec![
        ("/api/v1/namespaces".to_owned(), NAMESPACES.iter().map(namespace).collect()),
        (format!("{API}/clusterroles"), (0..100).map(|n| cluster_role(chance, n)).collect()),
        (
            format!("{API}/clusterrolebindings"),
            (0..60).map(|n| binding(chance, "ClusterRole", n)).collect(),
        ),
    ];
    for namespace in NAMESPACES {
        let at = format!("{API}/namespaces/{namespace}");
        let roles = (0..25).map(|n| {
            json!({"metadata": {"name": format!("t{n}")},
            "rules": rules(chance, false)})
        });
        posts.push((format!("{at}/roles"), roles.collect()));
        let bindings = (0..40).map(|n| {
            let kind = chance.word(&["Role", "ClusterRole"]);
            binding(chance, &kind, n)
        });
        posts.push((format!("{at}/rolebindings"), bindings.collect()));
    }
    posts
}

fn cluster_role(chance: &mut Chance, n: usize) -> Value {
    let labels = if chance.once_in(2) { json!({"part": chance.word(&PARTS)}) } else { json!({}) };
    let mut role = json!({"metadata": {"name": format!("t{n}"), "labels": labels}});
    if chance.once_in(4) {
        let selectors: Vec<Value> = (0..=chance.below(2)).map(|_| selector(chance)).collect();
        role["aggregationRule"] = json!({"clusterRoleSelectors": selectors});
    } else {
        role["rules"] = rules(chance, true);
    }
    role
}

fn selector(chance: &mut Chance) -> Value {
    match chance.below(4) {
        0 => json!({"matchExpressions": [
            {"key": "part", "operator": "In", "values": chance.words(&PARTS, 2)}]}),
        1 => json!({"matchExpressions": [
            {"key": "part", "operator": "Exists"},
            {"key": "part", "operator": "NotIn", "values": chance.words(&PARTS, 3)}]}),
        _ => json!({"matchLabels": {"part": chance.word(&PARTS)}}),
    }
}

fn rules(chance: &mut Chance, paths: bool) -> Value {
    (0..chance.below(4)).map(|_| rule(chance, paths)).collect()
}

fn rule(chance: &mut Chance, paths: bool) -> Value {
    // A star makes a rule match half of all questions, so it is rarer than chance would have it.
    let thinned = |chance: &mut Chance, of: &[&str], most| {
        let mut words = chance.words(of, most);
        if !chance.once_in(6) {
            words.retain(|word| word != "*");
        }
        if words.is_empty() {
            of.first().map(|w| (*w).to_owned()).into_iter().collect()
        } else {
            words
        }
    };
    let verbs = thinned(chance, &VERBS, 3);
    if paths && chance.once_in(3) {
        return json!({"verbs": verbs, "nonResourceURLs": thinned(chance, &URLS, 2)});
    }
    let mut rule = json!({
        "verbs": verbs,
        "apiGroups": thinned(chance, &GROUPS, 2),
        "resources": thinned(chance, &RESOURCES, 3),
    });
    if chance.once_in(3) {
        rule["resourceNames"] = json!(chance.words(&NAMES, 2));
    }
    rule
}

/// The role may be missing: there are more names than roles.
fn binding(chance: &mut Chance, kind: &str, n: usize) -> Value {
    let roles = if kind == "Role" { 28 } else { 110 };
    let name = if kind == "ClusterRole" && chance.once_in(10) {
        chance.word(&["view", "edit", "admin", "cluster-admin"])
    } else {
        format!("t{}", chance.below(roles))
    };
    let subjects: Vec<Value> = (0..chance.below(4)).map(|_| subject(chance)).collect();
    json!({
        "metadata": {"name": format!("t{n}")},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
        "subjects": subjects,
    })
}

fn subject(chance: &mut Chance) -> Value {
    let group = "rbac.authorization.k8s.io";
    match chance.below(3) {
        0 => json!({"kind": "User", "apiGroup": group, "name": chance.word(&USERS)}),
        1 => json!({"kind": "Group", "apiGroup": group, "name": chance.word(&MEMBERSHIPS)}),
        _ => json!({"kind": "ServiceAccount", "name": chance.word(&ACCOUNTS),
            "namespace": chance.word(&NAMESPACES)}),
    }
}
