//! Rules that let everybody in.

use kuberlock_model::network::{Direction, Rule};
use kuberlock_model::{Finding, Severity};

use super::Lint;
use super::context::Context;
use super::named::{key, rules};
use super::report::{Report, at};

pub(super) static LINT: Lint = Lint {
    id: "netpol-everybody",
    title: "A rule lets everybody in on every port",
    severity: Severity::Low,
    what: "The ingress rules of NetworkPolicies. It fails where a rule names neither peers nor \
           ports: an empty list of peers means everybody, and not nobody.",
    why: "The pods are as open as without any policy, to addresses outside the cluster too. Who \
          writes `from: []` often means the opposite.",
    remedy: "is everybody to get in? To let nobody in, write no rule at all (`ingress: []`)",
    may_break: "Without the rule, whoever no other rule allows is kept out.",
    references: &["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
    ask,
};

fn ask(context: &Context<'_>) -> Vec<Finding> {
    let mut report = Report::new(&LINT);
    for policy in context.policies() {
        let ingress = rules(policy).filter(|(id, _)| id.direction == Direction::Ingress);
        for (id, _) in ingress {
            let rule = policy.source.rules(id.direction).get(id.index);
            if rule.is_some_and(|rule| rule.peers.is_empty() && rule.ports.is_empty()) {
                let path = Rule::path(id.direction, id.index);
                let origin = &policy.source.metadata.origin;
                let own =
                    at("neither peers nor ports: everybody, everything", origin, path.clone());
                let message =
                    format!("{path} lets everybody in on every port, addresses outside too");
                report.add(&key(&policy.source), message, [own]);
            }
        }
    }
    report.findings()
}
