//! Few may approve certificates.
//!
//! # What
//! Everybody whom bindings let update or patch the subresource `approval` of certificate signing
//! requests. The grants that Kubernetes and its installers make for their own parts are left out. A
//! role that was not seen leaves the question open.
//!
//! # Why
//! Who makes such a request and approves it has a client certificate with the name of anybody, which
//! cannot be revoked.
//!
//! # Remedy
//! Take the right away, or limit it by a role on `signers` with `approve` for one signer only.
//!
//! # What the remedy may break
//! Approvers of the kubelets' serving certificates, which need just the signer
//! `kubernetes.io/kubelet-serving`.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/rbac-good-practices/#csrs-and-certificate-issuing

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
    let resource = "certificatesigningrequests/approval";
    let actions =
        ["update", "patch"].map(|verb| Action::resource(verb, "certificates.k8s.io", resource));
    let actions = actions.to_vec();
    power::judge(
        context,
        &Power {
            does: "approve certificates",
            within: Vec::new(),
            whole: actions,
            granted_by: &[power::EVERYTHING],
            question: "which certificates does it approve? Take the right away if nobody knows",
        },
    )
}
