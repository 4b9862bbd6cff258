//! Containers get the runtime's seccomp profile unless they name one.
//!
//! # What
//! `seccompDefault`, or the flag `--seccomp-default`. It fails where it is off, which it is unless
//! it is set. As it takes effect: the flag over drop-ins over the configuration file over the
//! release's default.
//!
//! # Why
//! Without a profile a container may use every system call of the kernel; many break-outs needed
//! one that the runtime's profile refuses.
//!
//! # Remedy
//! Set `seccompDefault: true` and restart the kubelet, on a few nodes first.
//!
//! # What the remedy may break
//! Workloads that need a refused call (some debuggers, nested containers, old io_uring users) fail
//! with EPERM unless they name `seccompProfile: Unconfined`. Running pods keep what they have.
//!
//! # References
//! - https://kubernetes.io/docs/tutorials/security/seccomp/

use kuberlock_model::Severity;

use crate::check::{Check, Outcome, Question};
use crate::field;
use crate::flag::Said;
use crate::kubelet::Kubelet;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Medium, question: Question::Kubelet(evaluate) };

const NAME: field::Name = ("seccompDefault", "seccomp-default");
const SAID: Said =
    Said { pass: "containers get the runtime's profile", fail: "containers run without a profile" };

fn evaluate(kubelet: &Kubelet<'_>) -> Outcome {
    field::boolean(kubelet, NAME, true, SAID)
}
