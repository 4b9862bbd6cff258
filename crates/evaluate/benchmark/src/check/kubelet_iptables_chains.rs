//! The kubelet keeps the iptables chains it needs.
//!
//! # What
//! `makeIPTablesUtilChains`, or the flag `--make-iptables-util-chains`. It fails where it is false.
//! As it takes effect: the flag over drop-ins over the configuration file over the release's
//! default.
//!
//! # Why
//! Other programs of the node count on these chains; without them rules that people write by hand
//! take their place and fall behind the network as it changes.
//!
//! # Remedy
//! Set `makeIPTablesUtilChains: true` and restart the kubelet.
//!
//! # What the remedy may break
//! Hand-written rules in chains of the same names.
//!
//! # References
//! - https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/

use kuberlock_model::Severity;

use crate::check::{Check, Outcome, Question};
use crate::field;
use crate::flag::Said;
use crate::kubelet::Kubelet;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Low, question: Question::Kubelet(evaluate) };

const NAME: field::Name = ("makeIPTablesUtilChains", "make-iptables-util-chains");
const SAID: Said = Said { pass: "it keeps its chains", fail: "it keeps no chains" };

fn evaluate(kubelet: &Kubelet<'_>) -> Outcome {
    field::boolean(kubelet, NAME, true, SAID)
}
