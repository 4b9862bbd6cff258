//! Rules that let through only what the other end keeps out.

use kuberlock_model::network::{Direction, Rule};
use kuberlock_model::{Evidence, Finding, Severity};

use super::Lint;
use super::context::Context;
use super::named::{RuleId, key};
use super::report::{Report, at, causes};
use crate::policy::CompiledPolicy;
use crate::reachability::Place;
use crate::reason::Why;

pub(super) static LINT: Lint = Lint {
    id: "netpol-one-sided",
    title: "A rule opens nothing: the other end keeps out all that it lets through",
    severity: Severity::Low,
    what: "Each rule of NetworkPolicies against the policies of its peers. It fails where none \
           of what the rule alone lets through gets past them: a connection needs the egress of \
           the one end and the ingress of the other.",
    why: "Somebody believes to have opened a connection that is still closed, or forgot to close \
          one half of what nobody uses any more.",
    remedy: "is the connection wanted? Then the policy of the other end has to allow it too; \
             else the rule can go",
    may_break: "A rule at the other end opens the connection.",
    references: &["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
    ask,
};

fn ask(context: &Context<'_>) -> Vec<Finding> {
    let mut report = Report::new(&LINT);
    let policies = context.by_version();
    for rule in &context.idle().one_sided {
        let Some(policy) = policies.get(&rule.policy) else { continue };
        let path = Rule::path(rule.direction, rule.index);
        let message = format!("{path} opens nothing: its peers' own policies keep all of it out");
        let origin = &policy.source.metadata.origin;
        let own = at("what it lets through, the other end keeps out", origin, path);
        report.add(
            &key(&policy.source),
            message,
            std::iter::once(own).chain(blocking(context, policy, *rule)),
        );
    }
    report.findings()
}

/// What keeps one of its connections out at the other end.
fn blocking(context: &Context<'_>, policy: &CompiledPolicy, rule: RuleId) -> Vec<Evidence> {
    let reach = context.reach;
    let Some(compiled) = policy.rules(rule.direction).get(rule.index) else { return Vec::new() };
    let subject = policy.subject.possible.ones().find(|at| reach.endpoint(*at).is_some());
    let peers = compiled.peers.as_ref().map_or(&reach.alive, |peers| &peers.possible);
    let peer = peers.ones().find(|at| {
        reach.endpoint(*at).is_some_and(|endpoint| endpoint.is_pods()) && Some(*at) != subject
    });
    let (Some(subject), Some(peer)) = (subject, peer) else { return Vec::new() };
    let (from, to) = match rule.direction {
        Direction::Ingress => (peer, subject),
        Direction::Egress => (subject, peer),
    };
    let place = |endpoint| Place { endpoint, member: None };
    let ports = crate::remaining::starts(reach.table.set(compiled.ports.numbers));
    let Some((protocol, port)) = ports.first() else { return Vec::new() };
    let explained = reach.explained(place(from), place(to), *protocol, *port);
    let reasons = explained.map(|explained| explained.keeps_back()).unwrap_or_default();
    let others = reasons.into_iter().filter(|reason| reason.side != rule.direction);
    causes(&others.map(|reason| reason.why).collect::<Vec<Why>>())
}
