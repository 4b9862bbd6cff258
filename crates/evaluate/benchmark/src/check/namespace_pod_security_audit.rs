//! What a namespace does not refuse it notes and warns of.
//!
//! # What
//! The labels `pod-security.kubernetes.io/audit` and `pod-security.kubernetes.io/warn` of each
//! namespace. It fails where one of them asks for less than `enforce` does, or for nothing. Where
//! `warn` is absent, the plugin warns at the level that is enforced, and so it counts. Kubernetes' own
//! namespaces are left out.
//!
//! # Why
//! A Deployment is taken even where its pods will be refused: only `warn` tells its author at once. And
//! only `audit` leaves a trace of who tries.
//!
//! # Remedy
//! Label the namespace with `audit` and `warn` at `restricted`, or at least at what it enforces.
//!
//! # What the remedy may break
//! Nothing: both only tell.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces

use kuberlock_admission::{Level, Mode, Policy};
use kuberlock_model::{Evidence, FieldPath, Kind, Remedy, Severity, Subject};
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
    namespace::judge(context, |space| {
        let Some(metadata) = space.metadata else {
            return Outcome::unknown("its labels were not seen");
        };
        let policy = Policy::of(&metadata.labels);
        let least = policy.enforce.standard.level.max(Level::Baseline);
        let modes = [(Mode::Audit, policy.audit), (Mode::Warn, policy.warn)];
        let short = modes.into_iter().filter(|(_, setting)| setting.standard.level < least);
        let short: Vec<String> = short.map(|(mode, _)| mode.level_label()).collect();
        let fact = |label: &String| {
            let said = match metadata.labels.get(label) {
                Some(level) => format!("{label}: {level}"),
                None => format!("no label {label}"),
            };
            Evidence::field(said, &metadata.origin, FieldPath::of("metadata").key("labels"))
        };
        if short.is_empty() {
            let labels = [Mode::Audit, Mode::Warn].map(Mode::level_label);
            return Outcome::pass("it notes and warns").with_all(labels.iter().map(fact));
        }
        let labels: Map<String, Value> =
            short.iter().map(|label| (label.clone(), json!(Level::Restricted.word()))).collect();
        let patch = json!({ "metadata": { "labels": labels } });
        let message = match short.len() {
            1 => "what is forbidden is not both noted and told",
            _ => "what is forbidden is neither noted nor told",
        };
        let remedy = Remedy::PatchObject { object: space.key(), patch };
        Outcome::fail(message, remedy).with_all(short.iter().map(fact))
    })
}
