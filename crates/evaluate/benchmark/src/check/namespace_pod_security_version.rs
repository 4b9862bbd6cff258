//! The Pod Security Standard of a namespace is pinned to a version.
//!
//! # What
//! The labels `pod-security.kubernetes.io/enforce-version`, `audit-version` and `warn-version` of each
//! namespace whose level they are for. It fails where one is absent, `latest`, or no version.
//! Namespaces that ask for no standard are left out, and so are Kubernetes' own.
//!
//! # Why
//! `latest` moves with the API server: the upgrade of the control plane may refuse pods that ran the
//! day before, in the middle of the upgrade's own restarts.
//!
//! # Remedy
//! Pin the minor of the cluster, and raise it after an upgrade, when `warn` at the newer version is
//! silent.
//!
//! # What the remedy may break
//! Nothing today. A version that is never raised leaves out what later versions forbid.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces

use kuberlock_admission::{Mode, Version};
use kuberlock_model::{Evidence, FieldPath, Kind, Metadata, Remedy, Severity, Subject};
use serde_json::{Map, Value, json};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::namespace;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Objects { needs: &[Kind::Namespace], about: &PODS, ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let pinned = format!("v{}", context.table.table.minor);
    namespace::judge(context, |space| {
        let Some(metadata) = space.metadata else {
            return Outcome::unknown("its labels were not seen");
        };
        let modes = [Mode::Enforce, Mode::Audit, Mode::Warn];
        let asked =
            modes.into_iter().filter(|mode| metadata.labels.contains_key(&mode.level_label()));
        let asked: Vec<Mode> = asked.collect();
        if asked.is_empty() {
            return Outcome::not_applicable("it asks for no standard");
        }
        let moving: Vec<String> = asked
            .iter()
            .map(|mode| mode.version_label())
            .filter(|label| !is_pinned(metadata, label))
            .collect();
        if moving.is_empty() {
            let said = asked.iter().map(|mode| fact(metadata, &mode.version_label()));
            return Outcome::pass("its standards are pinned").with_all(said);
        }
        let labels: Map<String, Value> =
            moving.iter().map(|label| (label.clone(), json!(pinned))).collect();
        let patch = json!({ "metadata": { "labels": labels } });
        let evidence = moving.iter().map(|label| fact(metadata, label));
        let remedy = Remedy::PatchObject { object: space.key(), patch };
        Outcome::fail("its standard moves with the API server", remedy).with_all(evidence)
    })
}

fn is_pinned(metadata: &Metadata, label: &str) -> bool {
    let version = metadata.labels.get(label).map(|text| text.parse::<Version>());
    matches!(version, Some(Ok(Version::Minor(_))))
}

fn fact(metadata: &Metadata, label: &str) -> Evidence {
    let said = match metadata.labels.get(label) {
        Some(version) => format!("{label}: {version}"),
        None => format!("no label {label}"),
    };
    Evidence::field(said, &metadata.origin, FieldPath::of("metadata").key("labels"))
}
