//! No admission plugin lets everything through.
//!
//! # What
//! The admission plugin AlwaysAdmit, by `--enable-admission-plugins` and
//! `--disable-admission-plugins` of kube-apiserver over the plugins that the release has on by
//! default. It fails where the plugin is on.
//!
//! # Why
//! AlwaysAdmit decides nothing, and whoever reads the flag takes it that admission is settled. It
//! is deprecated and will go.
//!
//! # Remedy
//! Take AlwaysAdmit out of `--enable-admission-plugins`.
//!
//! # What the remedy may break
//! Nothing: the plugin decides nothing.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::admission;
use crate::check::{Check, Outcome, Question};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    admission::must_be_off(api_server, "AlwaysAdmit")
}
