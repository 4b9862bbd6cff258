//! Containers drop NET_RAW.
//!
//! # What
//! `securityContext.capabilities` of every container, in all three lists, of running pods and of
//! the templates that make them. It fails where `drop` holds neither `NET_RAW` nor `ALL`, or
//! `add` holds `NET_RAW` or `ALL`: runtimes grant it by default. What kubeadm itself installs
//! (the control plane's static pods, kube-proxy, CoreDNS) is left out.
//!
//! # Why
//! With raw sockets a container forges packets: it can answer for others on its network and read
//! what was meant for them.
//!
//! # Remedy
//! Drop `NET_RAW`, or better `ALL`.
//!
//! # What the remedy may break
//! `ping` of old images, and tools that make packets by themselves.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/pod-security-standards/
//! - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/

use kuberlock_model::workload::Container;
use kuberlock_model::{FieldPath, Severity, Subject};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::pods::{self, Offence};

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Objects { needs: &[], about: &PODS, ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let question = "does it make packets by itself? If not, drop `NET_RAW`, or better `ALL`";
    pods::judge(context, "no container has NET_RAW", question, |source| {
        Offence::of_containers(source, "may forge packets", offending)
    })
}

fn offending(container: &Container, path: &FieldPath) -> Vec<(FieldPath, String)> {
    let security = container.security();
    let holds = |names: &[Box<str>]| names.iter().any(|name| matches!(&**name, "NET_RAW" | "ALL"));
    if holds(&security.added) {
        let field = path.key("securityContext").key("capabilities").key("add");
        return vec![(field, "adds NET_RAW".to_owned())];
    }
    if holds(&security.dropped) {
        return Vec::new();
    }
    vec![(path.key("securityContext"), "NET_RAW is not dropped".to_owned())]
}
