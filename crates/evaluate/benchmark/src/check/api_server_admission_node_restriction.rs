//! A kubelet may change only its own node and its own pods.
//!
//! # What
//! The admission plugin NodeRestriction, by `--enable-admission-plugins` and
//! `--disable-admission-plugins` of kube-apiserver over the plugins that the release has on by
//! default. It fails where the plugin is off.
//!
//! # Why
//! Without it, whoever holds one kubelet's credential can relabel any node, draw sensitive
//! workloads onto the node they hold, and read the secrets those workloads mount.
//!
//! # Remedy
//! Add NodeRestriction to `--enable-admission-plugins`, keeping what the list has.
//!
//! # What the remedy may break
//! Kubelets that give themselves labels below `node-restriction.kubernetes.io/` or most of
//! `kubernetes.io/`, and programs that borrow a kubelet's credential for other work.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction
//! - https://kubernetes.io/docs/reference/access-authn-authz/node/

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::admission;
use crate::check::{Check, Outcome, Question};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    admission::must_be_on(api_server, "NodeRestriction", None)
}
