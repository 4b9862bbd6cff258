//! Pods get a service account, and its token only where they may.
//!
//! # What
//! The admission plugin ServiceAccount, by `--enable-admission-plugins` and
//! `--disable-admission-plugins` of kube-apiserver over the plugins that the release has on by
//! default, of which it is one. It fails where the plugin is switched off.
//!
//! # Why
//! The plugin gives every pod a service account and refuses accounts that do not exist. Without it
//! pods run without an identity, and a pod may name the account of another namespace's secret.
//!
//! # Remedy
//! Take ServiceAccount out of `--disable-admission-plugins`.
//!
//! # What the remedy may break
//! Nothing on a cluster where it was on; where it was off, pods that name an account which does not
//! exist are refused.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#serviceaccount

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
    admission::must_be_on(api_server, "ServiceAccount", None)
}
