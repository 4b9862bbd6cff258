//! Pods keep to the Pod Security Standard baseline.
//!
//! # What
//! Every control of the level `baseline`, as the API server's own admission plugin holds it
//! against pods, for running pods and for the templates that make them. What kubeadm itself
//! installs (the control plane's static pods, kube-proxy, CoreDNS) is left out.
//!
//! # Why
//! What the level forbids gives the node away: privileged containers, its namespaces, files and
//! ports.
//!
//! # Remedy
//! Change what the evidence names; then label the namespace `pod-security.kubernetes.io/enforce:
//! baseline`.
//!
//! # What the remedy may break
//! Workloads that need what is forbidden: node agents belong into a namespace of their own.
//!
//! # Parameters
//! - `version` = `latest`: the version of the standard, such as `v1.33`
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/pod-security-standards/
//! - https://kubernetes.io/docs/concepts/security/pod-security-admission/

use kuberlock_admission::{Level, Standard, Version};
use kuberlock_model::{Severity, Subject};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::pods::{self, Offence};

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Objects { needs: &[], about: &PODS, ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let version = context.parameter("pod-security-baseline", "version");
    let Ok(version) = version.parse::<Version>() else {
        let message = format!("`{version}` is no version of the standards");
        return vec![(Subject::Cluster, Outcome::unknown(message))];
    };
    let standard = Standard { level: Level::Baseline, version };
    let question = "which of it does the workload need? Change the rest, or keep it in a namespace \
                    for workloads that do";
    pods::judge(context, "it keeps to the standard", question, |source| {
        Offence::of_violations(kuberlock_admission::evaluate(standard, &pods::pod(source)))
    })
}
