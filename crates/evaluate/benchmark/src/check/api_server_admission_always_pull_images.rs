//! A pod starts only with images that it may pull itself.
//!
//! # What
//! The admission plugin AlwaysPullImages, by `--enable-admission-plugins` and
//! `--disable-admission-plugins` of kube-apiserver over the plugins that the release has on by
//! default. It fails where the plugin is off.
//!
//! # Why
//! An image that one tenant pulled with their credentials lies on the node, and any other pod there
//! can start it without any. The plugin makes every start ask the registry.
//!
//! # Remedy
//! Add AlwaysPullImages to `--enable-admission-plugins` after making sure that the registry is
//! reachable and quick whenever a pod starts.
//!
//! # What the remedy may break
//! Pods no longer start while the registry is away, restarts of the control plane add-ons among
//! them; images that were loaded onto the node by hand, or lie in no registry (air-gapped nodes,
//! local development), cannot start at all; every start costs a request to the registry.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#alwayspullimages

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::admission;
use crate::check::{Check, Outcome, Question};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    let first = "is the registry reachable whenever a pod starts, and is no image loaded by hand? Then \
                 add AlwaysPullImages to --enable-admission-plugins";
    admission::must_be_on(api_server, "AlwaysPullImages", Some(first))
}
