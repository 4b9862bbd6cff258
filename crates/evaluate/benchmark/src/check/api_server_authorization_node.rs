//! Kubelets are held to what concerns their own node.
//!
//! # What
//! `--authorization-mode` of kube-apiserver, or the authorizers of the file that
//! `--authorization-config` names. It fails where Node is not among them.
//!
//! # Why
//! The Node authorizer lets a kubelet read only the secrets, config maps and volumes of pods that
//! run on its node. Without it kubelets need a role that lets each of them read those of all nodes:
//! one lost node is then the whole cluster.
//!
//! # Remedy
//! Add Node to `--authorization-mode`, keeping what the list has; where a file decides, add an
//! authorizer of that type there, since the API server refuses to start with both.
//!
//! # What the remedy may break
//! Kubelets whose user is not `system:node:NAME` in the group `system:nodes` are not known to it;
//! they keep what other authorizers give them.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/node/
//! - KEP-3221

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::authorization;
use crate::check::{Check, Outcome, Question};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    authorization::must_ask(api_server, "Node")
}
