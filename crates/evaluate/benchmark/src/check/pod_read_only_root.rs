//! Containers do not write to their own files.
//!
//! # What
//! `securityContext.readOnlyRootFilesystem` of every container, in all three lists, of running
//! pods and of the templates that make them. What kubeadm itself installs (the control plane's
//! static pods, kube-proxy, CoreDNS) is left out.
//!
//! # Why
//! Whoever breaks into a program wants to leave something behind: a tool, a changed script. Where
//! nothing can be written, it is gone with the process.
//!
//! # Remedy
//! Set `readOnlyRootFilesystem: true` and mount empty directories where the program writes.
//!
//! # What the remedy may break
//! Programs that write beside their own files: caches, pid files, temporary files.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/

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
    let question = "where does it write? Mount an empty directory there and set `readOnlyRootFilesystem: true`";
    pods::judge(context, "no container writes to its own files", question, |source| {
        Offence::of_containers(source, "may write to the root filesystem", offending)
    })
}

fn offending(container: &Container, path: &FieldPath) -> Vec<(FieldPath, String)> {
    match container.security().read_only_root {
        Some(true) => Vec::new(),
        Some(false) => {
            let field = path.key("securityContext").key("readOnlyRootFilesystem");
            vec![(field, "readOnlyRootFilesystem: false".to_owned())]
        }
        None => vec![(path.clone(), "readOnlyRootFilesystem is not set".to_owned())],
    }
}
