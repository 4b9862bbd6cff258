//! Containers are held to an amount of memory.
//!
//! # What
//! `resources.limits.memory` of every container, in all three lists, of running pods and of the
//! templates that make them. Ephemeral containers, which may have none, are left out. What
//! kubeadm itself installs (the control plane's static pods, kube-proxy, CoreDNS) is left out.
//!
//! # Why
//! A container without a limit takes what its node has: its neighbours are ended, and the kubelet
//! with them.
//!
//! # Remedy
//! Set a limit above what the program is seen to use.
//!
//! # What the remedy may break
//! A program that needs more than its limit is ended.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/

use kuberlock_model::workload::{Container, ContainerList};
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
    let question = "how much memory does it use at most? Set `resources.limits.memory` above that";
    pods::judge(context, "every container is held to an amount of memory", question, |source| {
        Offence::of_containers(source, "may take all memory of the node", offending)
    })
}

fn offending(container: &Container, path: &FieldPath) -> Vec<(FieldPath, String)> {
    if container.list == ContainerList::Ephemeral || container.resources.limits.memory > 0 {
        return Vec::new();
    }
    vec![(path.clone(), "resources.limits.memory is not set".to_owned())]
}
