//! Few may reach the kubelets through the API server.
//!
//! # What
//! Everybody whom bindings give the subresource `nodes/proxy`, with any verb. The grants that
//! Kubernetes and its installers make for their own parts are left out. A role that was not seen
//! leaves the question open.
//!
//! # Why
//! Behind it lies the whole interface of each kubelet: commands in every container of the node, with
//! neither admission nor an audit record of what was done. Even `get` is enough for that, by
//! WebSocket.
//!
//! # Remedy
//! Monitoring needs `nodes/metrics` and `nodes/stats`; from Kubernetes 1.33 on the kubelet asks for
//! such finer rights itself (KEP-2862).
//!
//! # What the remedy may break
//! Monitoring that reads the kubelets through the API server's proxy.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#access-to-proxy-subresource-of-nodes
//! - https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/

use kuberlock_access::Action;
use kuberlock_model::{Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::power::{self, Power};

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Objects { needs: &power::ROLES, about: &[], ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let verbs = ["get", "create", "update", "patch", "delete"];
    let actions = verbs.map(|verb| Action::resource(verb, "", "nodes/proxy")).to_vec();
    power::judge(
        context,
        &Power {
            does: "reach the kubelets of all nodes",
            within: Vec::new(),
            whole: actions,
            granted_by: &[power::EVERYTHING, "system:kubelet-api-admin"],
            question: "what does it ask the kubelets for? nodes/metrics and nodes/stats are enough for monitoring",
        },
    )
}
