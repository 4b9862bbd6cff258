//! No workload violates the standard that its namespace enforces.
//!
//! # What
//! The label `pod-security.kubernetes.io/enforce` of each namespace, and its version, read as the API
//! server's admission plugin of this release reads them; and every workload of the namespace. It
//! fails where one violates the standard. Namespaces that enforce nothing are left out, and so is
//! what kubeadm itself installs.
//!
//! # Why
//! Pods are judged when they are made, not while they run: such a workload runs on until its
//! next pod is refused, at the drain of a node or in the middle of an outage. And until then it
//! does what the namespace promises not to.
//!
//! # Remedy
//! Change what the evidence names, or move the workload to a namespace that allows it.
//!
//! # What the remedy may break
//! Whatever the workload needs of what is forbidden.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/pod-security-admission/

use std::collections::BTreeMap;

use kuberlock_admission::{Level, Policy, Standard};
use kuberlock_model::{Kind, Severity, Subject};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::pods::{self, Offence};

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Objects { needs: &[Kind::Namespace], about: &PODS, ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let enforced = enforced(context);
    let question = "change what its namespace forbids, or move it to one that allows it";
    let pass = "it keeps to the standard that its namespace enforces";
    let standard_of = |namespace: Option<&str>| enforced.get(namespace?).copied();
    let judged = pods::judge(context, pass, question, |source| {
        let standard = standard_of(source.metadata.namespace.as_deref())?;
        Offence::of_violations(kuberlock_admission::evaluate(standard, &pods::pod(source)))
    });
    let is_held = |subject: &Subject| match subject {
        Subject::Object(key) => standard_of(key.namespace.as_deref()).is_some(),
        _ => true,
    };
    judged.into_iter().filter(|(subject, _)| is_held(subject)).collect()
}

/// The standards that namespaces enforce, by namespace.
fn enforced<'a>(context: &Context<'a>) -> BTreeMap<&'a str, Standard> {
    let release = context.cluster.release();
    let standard = |labels| {
        let mut standard = Policy::of(labels).enforce.standard;
        if let Some(release) = &release {
            standard.version = standard.version.at(release);
        }
        standard
    };
    let namespaces = context.cluster.namespaces().map(|n| &n.metadata);
    namespaces
        .map(|metadata| (metadata.name.as_str(), standard(&metadata.labels)))
        .filter(|(_, standard)| standard.level != Level::Privileged)
        .collect()
}
