//! Every namespace enforces a Pod Security Standard.
//!
//! # What
//! The label `pod-security.kubernetes.io/enforce` of each namespace, read as the API server's
//! admission plugin reads it. It fails below `baseline`, and in a sensitive namespace (`kuberlock
//! namespace check` says which are, and why) below `restricted`. A word that the plugin cannot read
//! counts as `restricted`, as it does there. Kubernetes' own namespaces are left out.
//!
//! # Why
//! Where nothing is enforced, who may make a pod may take the node: privileged, with its files, its
//! network and its processes.
//!
//! # Remedy
//! `kuberlock namespace secure NAME` proposes the highest level that all workloads of the namespace
//! keep to, and says which hinder a higher one.
//!
//! # What the remedy may break
//! Workloads that need what the standard forbids are refused at their next start.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/pod-security-admission/
//! - https://kubernetes.io/docs/concepts/security/pod-security-standards/

use kuberlock_admission::{Level, Mode, Policy};
use kuberlock_model::{Evidence, FieldPath, Kind, Metadata, Remedy, Severity, Subject};
use serde_json::json;

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::namespace;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Objects { needs: &[Kind::Namespace], about: &PODS, ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    namespace::judge(context, |space| {
        let Some(metadata) = space.metadata else {
            return Outcome::unknown("its labels were not seen");
        };
        let sensitive = context.sensitive(space.name, Some(metadata));
        let least = if sensitive.is_some() { Level::Restricted } else { Level::Baseline };
        let level = Policy::of(&metadata.labels).enforce.standard.level;
        if level >= least {
            return Outcome::pass(format!("it enforces `{level}`")).with(label(metadata));
        }
        let message = match (level, &sensitive) {
            (Level::Privileged, None) => "it enforces no standard".to_owned(),
            (Level::Privileged, Some(why)) => {
                format!("it is sensitive ({why}), and enforces nothing")
            }
            (level, why) => {
                let why = why.as_deref().unwrap_or_default();
                format!("it is sensitive ({why}), and enforces only `{level}`")
            }
        };
        let mode = Mode::Enforce.level_label();
        let remedy = Remedy::PatchObject {
            object: space.key(),
            patch: json!({ "metadata": { "labels": { mode: least.word() } } }),
        };
        Outcome::fail(message, remedy).with(label(metadata))
    })
}

fn label(metadata: &Metadata) -> Evidence {
    let label = Mode::Enforce.level_label();
    let said = match metadata.labels.get(&label) {
        Some(level) => format!("{label}: {level}"),
        None => format!("no label {label}"),
    };
    Evidence::field(said, &metadata.origin, FieldPath::of("metadata").key("labels"))
}
