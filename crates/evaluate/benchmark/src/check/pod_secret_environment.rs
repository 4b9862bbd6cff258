//! Secrets come as files, not as environment variables.
//!
//! # What
//! `env[].valueFrom.secretKeyRef` and `envFrom[].secretRef` of every container, in all three
//! lists, of running pods and of the templates that make them. What kubeadm itself installs (the
//! control plane's static pods, kube-proxy, CoreDNS) is left out.
//!
//! # Why
//! An environment is inherited by every child process, shown by the runtime, and printed by crash
//! reports and debug pages. A file is read by who opens it.
//!
//! # Remedy
//! Mount the Secret as a volume and let the program read the file.
//!
//! # What the remedy may break
//! Programs that read their settings from the environment only.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/configuration/secret/

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
    let question = "can the program read the secret from a file? Mount it as a volume";
    pods::judge(context, "no secret is in an environment", question, |source| {
        Offence::of_containers(source, "must not have secrets in the environment", offending)
    })
}

fn offending(container: &Container, path: &FieldPath) -> Vec<(FieldPath, String)> {
    let variables = container.variables.iter().filter_map(|variable| {
        let secret = variable.secret()?;
        let name = variable.name.as_deref().unwrap_or("every key");
        Some((variable.path(path), format!("{name} of Secret {secret}")))
    });
    variables.collect()
}
