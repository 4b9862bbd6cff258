//! Nothing runs in the namespace `default`.
//!
//! # What
//! The pods and workload templates of the namespace `default`. It fails where there are any.
//!
//! # Why
//! What nobody gave a place ends up there: with the rights, quotas and policies of nobody, beside
//! the workloads of everybody.
//!
//! # Remedy
//! Give each workload a namespace of its team or application, and move it there.
//!
//! # What the remedy may break
//! Names of services change with the namespace; claims and secrets have to be moved along.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/

use kuberlock_model::{Evidence, FieldPath, Kind, ObjectKey, Remedy, Severity, Subject};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Objects { needs: &[], about: &PODS, ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let key = ObjectKey::new(Kind::Namespace, None, "default");
    let groups = context.pod_sources().chunk_by(|a, b| a.head == b.head);
    let found: Vec<_> = groups
        .filter_map(<[_]>::first)
        .filter(|source| source.head.namespace.as_deref() == Some("default"))
        .collect();
    let outcome = match found.len() {
        0 if context.cluster.get(&key).is_none() => return Vec::new(),
        0 => Outcome::pass("nothing runs in it"),
        count => {
            let message = match count {
                1 => "one workload runs in it".to_owned(),
                count => format!("{count} workloads run in it"),
            };
            let question = "whose are its workloads? Move them to a namespace of their own";
            let evidence = found.into_iter().map(|source| {
                let said = format!("{} runs in it", source.head);
                Evidence::field(said, &source.metadata.origin, FieldPath::of("metadata"))
            });
            let remedy = Remedy::Decision { question: question.to_owned() };
            Outcome::fail(message, remedy).with_all(evidence)
        }
    };
    vec![(Subject::Object(key), outcome)]
}
