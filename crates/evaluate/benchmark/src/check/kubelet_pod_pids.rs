//! A pod may have so many processes and no more.
//!
//! # What
//! `podPidsLimit` of the kubelet's configuration as it takes effect: the flag `--pod-max-pids` over
//! drop-ins over the configuration file over the release's default, which is no limit. It fails
//! where there is none.
//!
//! # Why
//! One pod that forks without end takes all process ids of the node, and every other pod, and the
//! kubelet, with it.
//!
//! # Remedy
//! Set `podPidsLimit`; 4096 is proposed, and suits most workloads.
//!
//! # What the remedy may break
//! Workloads with very many threads (Java servers, databases, build machines): look at
//! `pids.current` of their cgroups first. It takes effect for pods started afterwards.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/policy/pid-limiting/

use kuberlock_model::Severity;

use crate::check::{Check, Outcome, Question};
use crate::field;
use crate::kubelet::Kubelet;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Medium, question: Question::Kubelet(evaluate) };

const NAME: field::Name = ("podPidsLimit", "pod-max-pids");
/// What the remedy proposes.
const PROPOSED: i64 = 4096;

fn evaluate(kubelet: &Kubelet<'_>) -> Outcome {
    field::number(kubelet, NAME, |limit| {
        if limit > 0 {
            return Outcome::pass(format!("a pod may have {limit} processes"));
        }
        let remedy = field::set(kubelet, NAME, PROPOSED);
        Outcome::fail("a pod may have as many processes as the node", remedy)
    })
}
