//! Policies that select no pod.

use kuberlock_model::{FieldPath, Finding, Severity};

use super::Lint;
use super::context::Context;
use super::named::{key, tiered_key};
use super::report::{Report, at};

pub(super) static LINT: Lint = Lint {
    id: "netpol-selects-nobody",
    title: "A policy selects no pod",
    severity: Severity::Medium,
    what: "The pods that each policy is about, of those that are there or that a workload would \
           make. It fails where the policy asks for labels and nobody has them. One that is \
           about whatever pods come is left out.",
    why: "Pods that it was to isolate are open to everybody: a misspelt label is the usual \
          cause, and nothing else tells of it.",
    remedy: "which pods was it to select? Correct the labels, or delete the policy",
    may_break: "Once it selects pods, it isolates them: only what its rules allow gets through.",
    references: &["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
    ask,
};

fn ask(context: &Context<'_>) -> Vec<Finding> {
    let mut report = Report::new(&LINT);
    let alive = &context.reach.alive;
    for policy in context.reach.policies.values() {
        let is_for_all = policy.source.pods.is_empty();
        if !is_for_all && policy.subject.possible.is_disjoint(alive) {
            let origin = &policy.source.metadata.origin;
            let own = at("no pod has these labels", origin, FieldPath::of("spec.podSelector"));
            report.add(&key(&policy.source), "it selects no pod of its namespace", [own]);
        }
    }
    for policy in context.reach.tiered.values() {
        let subject = &policy.source.subject;
        let pods_for_all = subject.pods.as_ref().is_none_or(|pods| pods.is_empty());
        let is_for_all = pods_for_all && subject.namespaces.is_empty();
        if !is_for_all && policy.subject.certain.is_disjoint(alive) {
            let origin = &policy.source.metadata.origin;
            let own = at("no pod is meant", origin, FieldPath::of("spec.subject"));
            report.add(&tiered_key(&policy.source), "it is about no pod", [own]);
        }
    }
    report.findings()
}
