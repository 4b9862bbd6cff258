//! The controller manager offers no profiling.
//!
//! # What
//! `--profiling` of kube-controller-manager, which is on unless it is set to false.
//!
//! # Why
//! The profiling endpoints give goroutines, memory and timings to who may ask them, and let them
//! slow the program down.
//!
//! # Remedy
//! Set `--profiling=false`.
//!
//! # What the remedy may break
//! Nothing but the gathering of profiles.
//!
//! # References
//! - https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::check::{Check, Outcome, Question};
use crate::flag::{self, Said};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Component(ComponentKind::ControllerManager, evaluate),
};

const SAID: Said = Said { pass: "profiling is off", fail: "profiling is on" };

fn evaluate(controller_manager: &Running<'_>) -> Outcome {
    flag::boolean(controller_manager, "profiling", false, SAID)
}
