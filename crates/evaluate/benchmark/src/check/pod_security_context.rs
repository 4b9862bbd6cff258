//! Pods and containers have a security context.
//!
//! # What
//! `securityContext` of each container and of its pod, in running pods and in templates. It fails
//! where a container has none, and its pod neither. What kubeadm itself installs (the control
//! plane's static pods, kube-proxy, CoreDNS) is left out.
//!
//! # Why
//! A pod without one runs with whatever the image and the runtime bring along: often as root,
//! with capabilities nobody asked for.
//!
//! # Remedy
//! Write down for each pod as whom it runs and what it may do.
//!
//! # What the remedy may break
//! Depends on what is written down.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
//! - https://kubernetes.io/docs/concepts/security/pod-security-standards/

use kuberlock_model::workload::Container;
use kuberlock_model::{FieldPath, Severity, Subject};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::pods::{self, Offence};

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Objects { needs: &[], about: &PODS, ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let question = "as whom does it run, and with which rights? Write a `securityContext`";
    pods::judge(context, "every container has a security context", question, |source| {
        let of_pod = source.spec.security.is_some();
        let offence = || Offence::of_containers(source, "must have a security context", offending);
        (!of_pod).then(offence).flatten()
    })
}

fn offending(container: &Container, path: &FieldPath) -> Vec<(FieldPath, String)> {
    if container.security.is_some() {
        return Vec::new();
    }
    vec![(path.clone(), "securityContext is not set".to_owned())]
}
