//! Who may do what in a made-up cluster: two roles a namespace and one a workload, most of them
//! modest.

use std::io;

use serde_json::{Value, json};

use super::lines::Lines;
use super::{Size, workloads};

const GROUP: &str = "rbac.authorization.k8s.io";

/// Writes the roles and bindings of every namespace.
pub(super) fn write(size: Size, lines: &mut Lines) -> io::Result<()> {
    for number in 0..workloads::namespaces(size) {
        let namespace = workloads::namespace(number);
        let lax = size.is_one_of(20, "role", number);
        let verbs = if lax { json!(["*"]) } else { json!(["get", "list", "watch"]) };
        let reads = json!([{ "apiGroups": ["", "apps"], "resources": ["pods", "deployments"], "verbs": verbs }]);
        let deploys = json!([{ "apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["create", "patch", "update"] }]);
        for (role, rules, group) in
            [("reader", reads, "everyone"), ("deployer", deploys, "deployers")]
        {
            let subjects = json!([{ "kind": "Group", "name": format!("{namespace}:{group}"), "apiGroup": GROUP }]);
            role_and_binding(lines, &namespace, role, &rules, &subjects)?;
        }
        if size.is_one_of(50, "administrators", number) {
            let subjects =
                json!([{ "kind": "ServiceAccount", "name": "default", "namespace": namespace }]);
            let mut bound = binding("ClusterRoleBinding", "", "", "ClusterRole", &subjects);
            workloads::put(&mut bound, "metadata", json!({ "name": format!("{namespace}-admin") }));
            lines.line("clusterrolebindings.rbac.authorization.k8s.io.jsonl", &bound)?;
        }
    }
    for number in 0..workloads::workloads(size) {
        let (namespace, name) = workloads::workload(number);
        let rules = json!([{ "apiGroups": [""], "resources": ["configmaps"], "resourceNames": [name], "verbs": ["get"] }]);
        let subjects = json!([{ "kind": "ServiceAccount", "name": name, "namespace": namespace }]);
        role_and_binding(lines, &namespace, &name, &rules, &subjects)?;
    }
    Ok(())
}

/// A role of a namespace, and its binding to `subjects`.
fn role_and_binding(
    lines: &mut Lines,
    namespace: &str,
    name: &str,
    rules: &Value,
    subjects: &Value,
) -> io::Result<()> {
    lines.line(
        "roles.rbac.authorization.k8s.io.jsonl",
        &json!({
            "apiVersion": format!("{GROUP}/v1"), "kind": "Role",
            "metadata": { "name": name, "namespace": namespace }, "rules": rules,
        }),
    )?;
    lines.line(
        "rolebindings.rbac.authorization.k8s.io.jsonl",
        &binding("RoleBinding", name, namespace, "Role", subjects),
    )
}

/// A binding; without a role's name it gives everything.
fn binding(kind: &str, role: &str, namespace: &str, of: &str, subjects: &Value) -> Value {
    let name = if role.is_empty() { "cluster-admin" } else { role };
    json!({
        "apiVersion": format!("{GROUP}/v1"), "kind": kind,
        "metadata": { "name": name, "namespace": namespace },
        "roleRef": { "apiGroup": GROUP, "kind": of, "name": name },
        "subjects": subjects,
    })
}
