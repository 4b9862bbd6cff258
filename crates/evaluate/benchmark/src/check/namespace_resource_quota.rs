//! Every namespace has a quota of processors and memory.
//!
//! # What
//! The resource quotas of each namespace that are for all of its pods (without scopes). It fails where
//! none bounds the memory, or none the processors, that its pods may ask for or use. Kubernetes' own
//! namespaces are left out.
//!
//! # Why
//! Without a quota one namespace takes the nodes from all others: by a loop in a controller, by a
//! taken account, or for somebody's mining.
//!
//! # Remedy
//! A quota above what runs today: `kuberlock namespace secure NAME` proposes one with headroom.
//!
//! # What the remedy may break
//! Pods above the quota are refused, and pods that do not say what they ask for are too, unless a
//! limit range says it for them.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/policy/resource-quotas/

use kuberlock_model::limits::ResourceQuota;
use kuberlock_model::{Evidence, FieldPath, Kind, Object, Remedy, Severity, Subject};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::namespace;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Objects { needs: &[Kind::ResourceQuota], about: &PODS, ask: evaluate },
};

/// What bounds each of the two.
const BOUNDS: [(&str, [&str; 3]); 2] = [
    ("cpu", ["cpu", "requests.cpu", "limits.cpu"]),
    ("memory", ["memory", "requests.memory", "limits.memory"]),
];

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let quotas = namespace::by_namespace(context, Kind::ResourceQuota);
    namespace::judge(context, |space| {
        let quotas = quotas.get(space.name).map_or(&[][..], Vec::as_slice).iter();
        let quotas: Vec<&ResourceQuota> = quotas
            .filter_map(|object| match object {
                Object::ResourceQuota(quota) if !quota.scoped => Some(quota),
                _ => None,
            })
            .collect();
        let bounds = |names: &[&str; 3]| {
            quotas.iter().any(|quota| names.iter().any(|name| quota.hard.contains_key(*name)))
        };
        let without: Vec<&str> = BOUNDS
            .iter()
            .filter(|(_, names)| !bounds(names))
            .map(|(resource, _)| *resource)
            .collect();
        let evidence = quotas.iter().map(|quota| {
            let hard: Vec<&str> = quota.hard.keys().map(String::as_str).collect();
            let said = format!("{} bounds {}", quota.metadata.name, hard.join(", "));
            Evidence::field(said, &quota.metadata.origin, FieldPath::of("spec").key("hard"))
        });
        let evidence: Vec<Evidence> = evidence.collect();
        if without.is_empty() {
            return Outcome::pass("processors and memory are bounded").with_all(evidence);
        }
        let question = format!(
            "how much may its workloads ask for? No quota bounds {}",
            without.join(" and ")
        );
        let message = match quotas.len() {
            0 => "it has no quota".to_owned(),
            _ => format!("no quota bounds {}", without.join(" and ")),
        };
        let none = space.missing("no ResourceQuota of it bounds that");
        let evidence = if evidence.is_empty() { none.into_iter().collect() } else { evidence };
        Outcome::fail(message, Remedy::Decision { question }).with_all(evidence)
    })
}
