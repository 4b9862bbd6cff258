//! Sections of a policy that its `policyTypes` leave out.

use kuberlock_model::network::Direction;
use kuberlock_model::{FieldPath, Finding, Severity};

use super::Lint;
use super::context::Context;
use super::named::key;
use super::report::{Report, at};

pub(super) static LINT: Lint = Lint {
    id: "netpol-inert-section",
    title: "A policy has rules of a direction that its policyTypes leave out",
    severity: Severity::Medium,
    what: "`policyTypes` of every NetworkPolicy, and the sections `ingress` and `egress`. It \
           fails where a section has rules and its direction is not among the types: its rules \
           are never asked.",
    why: "Pods that somebody wrote rules for are not isolated in that direction: everything gets \
          through, the rules or not.",
    remedy: "is the policy to isolate in that direction? Then name it in policyTypes; else take \
             the rules out",
    may_break: "Naming the direction isolates the pods: only what the rules allow gets through \
                then.",
    references: &["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
    ask,
};

fn ask(context: &Context<'_>) -> Vec<Finding> {
    let mut report = Report::new(&LINT);
    for policy in context.reach.facts.policies.values() {
        for direction in Direction::BOTH {
            let rules = policy.rules(direction).len();
            if rules == 0 || policy.isolates(direction) {
                continue;
            }
            let origin = &policy.metadata.origin;
            let section = FieldPath::of("spec").key(direction.word());
            let message = format!("policyTypes leave {direction} out: {section} is never asked");
            let evidence = [
                at(format!("{rules} rules that are never asked"), origin, section),
                at("the directions that it isolates", origin, FieldPath::of("spec.policyTypes")),
            ];
            report.add(&key(policy), message, evidence);
        }
    }
    report.findings()
}
