//! The kubelet asks before it obeys.
//!
//! # What
//! `authorization.mode` of the kubelet's configuration as it takes effect: the flag
//! `--authorization-mode` over drop-ins over the configuration file over the release's default,
//! which is Webhook with a configuration file and AlwaysAllow without one. It fails where it is
//! AlwaysAllow.
//!
//! # Why
//! With AlwaysAllow whoever the kubelet lets in may run commands in every container of the node and
//! read all logs.
//!
//! # Remedy
//! Set `authorization.mode: Webhook` in the file that decides it today and restart the kubelet.
//!
//! # What the remedy may break
//! Callers without the right to `nodes/proxy`, `nodes/log`, `nodes/stats` or `nodes/metrics`:
//! monitoring that signs in as itself needs a role. The kubelet has to reach the API server to ask.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/

use kuberlock_model::Severity;

use crate::check::{Check, Outcome, Question};
use crate::field;
use crate::kubelet::Kubelet;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Critical, question: Question::Kubelet(evaluate) };

const NAME: field::Name = ("authorization.mode", "authorization-mode");

fn evaluate(kubelet: &Kubelet<'_>) -> Outcome {
    let setting = match field::setting(kubelet, NAME) {
        Ok(setting) => setting,
        Err(outcome) => return *outcome,
    };
    match setting.value.as_deref() {
        Some("AlwaysAllow") => {
            Outcome::fail("every request is obeyed", field::set(kubelet, NAME, "Webhook"))
        }
        Some("Webhook") => Outcome::pass("the API server is asked"),
        _ => Outcome::unknown("its value is no mode that Kubernetes has"),
    }
    .with(setting.evidence)
}
