//! Nothing is created in a namespace that is not there, or about to go.
//!
//! # What
//! The admission plugin NamespaceLifecycle, by `--enable-admission-plugins` and
//! `--disable-admission-plugins` of kube-apiserver over the plugins that the release has on by
//! default, of which it is one. It fails where the plugin is switched off.
//!
//! # Why
//! Without the plugin objects can be made in namespaces that are being deleted, or do not exist:
//! policies, quotas and bindings of the namespace never reach them. It also keeps `default`,
//! `kube-system` and `kube-public` from being deleted.
//!
//! # Remedy
//! Take NamespaceLifecycle out of `--disable-admission-plugins`.
//!
//! # What the remedy may break
//! Programs that create objects in a namespace before the namespace itself.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#namespacelifecycle

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
    admission::must_be_on(api_server, "NamespaceLifecycle", None)
}
