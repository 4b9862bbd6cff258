//! Who may do what in a made-up cluster: two roles a namespace, most of them modest.

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
            lines.line(
                "roles.rbac.authorization.k8s.io.jsonl",
                &json!({
                    "apiVersion": format!("{GROUP}/v1"), "kind": "Role",
                    "metadata": { "name": role, "namespace": namespace }, "rules": rules,
                }),
            )?;
            let subjects = json!([{ "kind": "Group", "name": format!("{namespace}:{group}"), "apiGroup": GROUP }]);
            lines.line(
                "rolebindings.rbac.authorization.k8s.io.jsonl",
                &binding("RoleBinding", role, &namespace, "Role", &subjects),
            )?;
        }
        if size.is_one_of(50, "administrators", number) {
            let subjects =
                json!([{ "kind": "ServiceAccount", "name": "default", "namespace": namespace }]);
            let mut bound = binding("ClusterRoleBinding", "", "", "ClusterRole", &subjects);
            workloads::put(&mut bound, "metadata", json!({ "name": format!("{namespace}-admin") }));
            lines.line("clusterrolebindings.rbac.authorization.k8s.io.jsonl", &bound)?;
        }
    }
    Ok(())
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
