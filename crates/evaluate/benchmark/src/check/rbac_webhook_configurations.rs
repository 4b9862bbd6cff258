//! Few may change admission webhooks.
//!
//! # What
//! Everybody whom bindings let create, change or delete validating or mutating webhook
//! configurations. The grants that Kubernetes and its installers make for their own parts are left
//! out. A role that was not seen leaves the question open.
//!
//! # Why
//! A webhook sees every object that is written, secrets among them, and a mutating one changes it;
//! who deletes one switches off the control that it was.
//!
//! # Remedy
//! Leave it to whoever installs them.
//!
//! # What the remedy may break
//! Operators that register a webhook of their own as they start: name their configuration in
//! `resourceNames`, and create it while installing.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#control-admission-webhooks

use kuberlock_access::Action;
use kuberlock_model::{Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::power::{self, Power};

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Objects { needs: &power::ROLES, about: &[], ask: evaluate },
};

const GROUP: &str = "admissionregistration.k8s.io";

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let verbs = ["create", "update", "patch", "delete", "deletecollection"];
    let kinds = ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"];
    let on = |kind: &'static str| verbs.map(|verb| Action::resource(verb, GROUP, kind));
    let actions = kinds.into_iter().flat_map(on).collect();
    power::judge(
        context,
        &Power {
            does: "change admission webhooks",
            within: Vec::new(),
            whole: actions,
            granted_by: &[power::EVERYTHING],
            question: "does it register a webhook of its own? Name that one in resourceNames",
        },
    )
}
