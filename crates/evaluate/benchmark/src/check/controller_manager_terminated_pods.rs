//! Finished pods are cleared away.
//!
//! # What
//! `--terminated-pod-gc-threshold` of kube-controller-manager: how many finished pods may lie about
//! before the oldest are deleted. It fails for zero, which never deletes, and above `most`. The
//! benchmark leaves the number to the reader; the release's own default is taken for sane.
//!
//! # Why
//! Finished pods fill etcd and every list of pods until the control plane slows down, by accident
//! (a CronJob that fails) or by intent.
//!
//! # Remedy
//! Set `--terminated-pod-gc-threshold` to what people still look at, or leave it at the default.
//!
//! # What the remedy may break
//! Logs of deleted pods are gone with them: ship logs off the node before lowering the number much.
//!
//! # Parameters
//! - `most` = `12500`: the most finished pods
//!
//! # References
//! - https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::check::{Check, Outcome, Question};
use crate::flag::{self, Number};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Component(ComponentKind::ControllerManager, evaluate),
};

fn evaluate(controller_manager: &Running<'_>) -> Outcome {
    let most = controller_manager.context.parameter("controller-manager-terminated-pods", "most");
    let (flag, unit) = ("terminated-pod-gc-threshold", "finished pods");
    let bounds = Number { flag, least: Some("1"), most: Some(most), zero: None, unit };
    flag::number(controller_manager, bounds)
}
