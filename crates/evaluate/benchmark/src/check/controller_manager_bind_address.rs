//! The controller manager listens on the loopback only.
//!
//! # What
//! `--bind-address` of kube-controller-manager. It fails where it is no address of the loopback;
//! the default is every address.
//!
//! # Why
//! Port 10257 gives health, metrics and, where it is on, profiling. Nothing off the node needs it
//! on most clusters, and what is not reachable cannot be attacked.
//!
//! # Remedy
//! Set `--bind-address=127.0.0.1`.
//!
//! # What the remedy may break
//! Monitoring that reads the metrics of the controller manager over the network: let it read them
//! through an agent on the node.
//!
//! # References
//! - https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::check::{Check, Outcome, Question};
use crate::flag;
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Component(ComponentKind::ControllerManager, evaluate),
};

fn evaluate(controller_manager: &Running<'_>) -> Outcome {
    flag::loopback(controller_manager, "bind-address")
}
