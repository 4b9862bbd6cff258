//! Memory may be promised beyond what there is.
//!
//! # What
//! The running value of `vm.overcommit_memory`, which the kubelet wants to be 1. Asked only where
//! `protectKernelDefaults` is on: the kubelet then refuses to start on a difference; otherwise it
//! sets the value itself at its start.
//!
//! # Why
//! Pods are placed by what they request, not by what they may grow to; the kernel must not refuse
//! what the kubelet has already promised. Where the kubelet may not set the value, a difference
//! keeps the node away after its next reboot.
//!
//! # Remedy
//! Write `vm.overcommit_memory = 1` into a file of `/etc/sysctl.d` and load it with `sysctl
//! --system`.
//!
//! # What the remedy may break
//! What was tuned on purpose for other software of the machine.
//!
//! # References
//! - https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/
//! - https://github.com/kubernetes/kubernetes/issues/66241

use kuberlock_model::{Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;
use crate::sysctl::kubelet_wants;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Low, question: Question::Host(evaluate) };

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    kubelet_wants(machine, "vm.overcommit_memory", "1")
}
