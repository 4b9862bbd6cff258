//! The scheduler listens on the loopback only.
//!
//! # What
//! `--bind-address` of kube-scheduler. It fails where it is no address of the loopback; the default
//! is every address.
//!
//! # Why
//! Port 10259 gives health, metrics and, where it is on, profiling. Nothing off the node needs it
//! on most clusters, and what is not reachable cannot be attacked.
//!
//! # Remedy
//! Set `--bind-address=127.0.0.1`.
//!
//! # What the remedy may break
//! Monitoring that reads the metrics of the scheduler over the network: let it read them through an
//! agent on the node.
//!
//! # References
//! - https://kubernetes.io/docs/reference/command-line-tools-reference/kube-scheduler/

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::check::{Check, Outcome, Question};
use crate::flag;
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Component(ComponentKind::Scheduler, evaluate),
};

fn evaluate(scheduler: &Running<'_>) -> Outcome {
    flag::loopback(scheduler, "bind-address")
}
