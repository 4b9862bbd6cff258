//! Services may claim no addresses of others.
//!
//! # What
//! The admission plugin DenyServiceExternalIPs, by `--enable-admission-plugins` and
//! `--disable-admission-plugins` of kube-apiserver over the plugins that the release has on by
//! default. It fails where the plugin is off.
//!
//! # Why
//! Who may create a Service may otherwise write any address into `spec.externalIPs`, and every node
//! then sends the traffic for that address to their pods (CVE-2020-8554).
//!
//! # Remedy
//! Add DenyServiceExternalIPs to `--enable-admission-plugins`, keeping what the list has.
//!
//! # What the remedy may break
//! New Services that use `externalIPs`, and changes that add such addresses; Services that have
//! them keep them. Bare-metal clusters that publish services this way stop being able to.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#denyserviceexternalips
//! - CVE-2020-8554

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
    admission::must_be_on(api_server, "DenyServiceExternalIPs", None)
}
