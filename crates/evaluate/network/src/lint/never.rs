//! Rules, and peers of rules, that match nobody.

use std::collections::BTreeMap;

use kuberlock_model::network::{Direction, Peer, Rule, TieredPolicy};
use kuberlock_model::{Finding, Severity};

use super::Lint;
use super::context::Context;
use super::named::{RuleId, key, rules as rules_of, tiered_key, written};
use super::report::{Report, at};
use crate::policy::RulePorts;
use crate::ports::PortId;
use crate::select::{Matched, Select};

pub(super) static LINT: Lint = Lint {
    id: "netpol-never-matches",
    title: "A rule, or a peer of one, matches nobody",
    severity: Severity::Low,
    what: "The peers and the named ports of every rule. It fails where no pod, node or address \
           is meant by the rule, or by one of its peers, or where no destination has a port of a \
           name that it asks for.",
    why: "Either what it was for is gone, and the rule waits for whoever takes those labels \
          next; or a label is misspelt, and what was to get through does not.",
    remedy: "whom was it to mean? Correct the labels or the port's name, or take it out",
    may_break: "Taken out, nothing changes today; pods with such labels that come later get no \
                access.",
    references: &["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
    ask,
};

/// Why a rule never matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Never {
    Peers,
    Ports,
}

fn ask(context: &Context<'_>) -> Vec<Finding> {
    let mut report = Report::new(&LINT);
    for policy in context.policies() {
        for (id, _) in rules_of(policy) {
            if let Some(never) = context.never().get(&id) {
                let path = Rule::path(id.direction, id.index);
                let (field, said) = told(*never, id.direction);
                let own = at(said, &policy.source.metadata.origin, path.key(field));
                report.add(&key(&policy.source), format!("{path} never matches: {said}"), [own]);
            }
        }
    }
    tiered(context, &mut report);
    peers(context, &mut report);
    report.findings()
}

fn told(never: Never, direction: Direction) -> (&'static str, &'static str) {
    match never {
        Never::Peers => (direction.peers(), "no pod, node or address is meant by its peers"),
        Never::Ports => ("ports", "no destination has a port of that name"),
    }
}

fn tiered(context: &Context<'_>, report: &mut Report) {
    for policy in context.reach.tiered.values() {
        for direction in Direction::BOTH {
            for index in 0..policy.rules(direction).len() {
                let id = RuleId { policy: policy.version, direction, index };
                let Some(never) = context.never().get(&id) else { continue };
                let path = TieredPolicy::rule_path(direction, written(policy, direction, index));
                let (field, said) = told(*never, direction);
                let own = at(said, &policy.source.metadata.origin, path.key(field));
                let message = format!("{path} never matches: {said}");
                report.add(&tiered_key(&policy.source), message, [own]);
            }
        }
    }
}

/// Single peers of rules that match others.
fn peers(context: &Context<'_>, report: &mut Report) {
    let reach = context.reach;
    let mut select = Select::new(reach.cni, &reach.endpoints);
    for policy in context.policies() {
        let namespace = policy.source.metadata.namespace.as_deref().unwrap_or_default();
        for (id, _) in rules_of(policy).filter(|(id, _)| !context.never().contains_key(id)) {
            let Some(rule) = policy.source.rules(id.direction).get(id.index) else { continue };
            for (at_peer, peer) in rule.peers.iter().enumerate() {
                if matches!(peer, Peer::Block(_)) || rule.peers.len() < 2 {
                    continue;
                }
                let meant = select.peers(namespace, std::slice::from_ref(peer));
                if meant.is_some_and(|meant| meant.possible.is_disjoint(&reach.alive)) {
                    let path = Rule::path(id.direction, id.index);
                    let path = path.key(id.direction.peers()).index(at_peer);
                    let own = at("no pod is meant", &policy.source.metadata.origin, path.clone());
                    report.add(&key(&policy.source), format!("{path} matches no pod"), [own]);
                }
            }
        }
    }
}

pub(super) fn rules(context: &Context<'_>) -> BTreeMap<RuleId, Never> {
    let mut found = BTreeMap::new();
    for policy in context.policies() {
        for (id, rule) in rules_of(policy) {
            let destinations = |found: &mut dyn FnMut(&[crate::facts::NamedPort]) -> bool| {
                let mut groups = context.groups(id.direction).of_policy(id.policy);
                groups.any(|(_, group)| found(group.selected.ports))
            };
            let never =
                judge(context, id.direction, rule.peers.as_ref(), &rule.ports, &destinations);
            found.extend(never.map(|never| (id, never)));
        }
    }
    for policy in context.reach.tiered.values() {
        if policy.subject.certain.is_disjoint(&context.reach.alive) {
            continue;
        }
        for direction in Direction::BOTH {
            for (index, rule) in policy.rules(direction).iter().enumerate() {
                let id = RuleId { policy: policy.version, direction, index };
                let destinations = |found: &mut dyn FnMut(&[crate::facts::NamedPort]) -> bool| {
                    let mut subject = policy.subject.certain.ones();
                    subject.any(|at| context.reach.endpoint(at).is_some_and(|e| found(&e.ports)))
                };
                let never =
                    judge(context, direction, rule.peers.as_ref(), &rule.ports, &destinations);
                found.extend(never.map(|never| (id, never)));
            }
        }
    }
    found
}

type Destinations<'a> = dyn Fn(&mut dyn FnMut(&[crate::facts::NamedPort]) -> bool) -> bool + 'a;

fn judge(
    context: &Context<'_>,
    direction: Direction,
    peers: Option<&Matched>,
    ports: &RulePorts,
    destinations: &Destinations<'_>,
) -> Option<Never> {
    let alive = &context.reach.alive;
    if peers.is_some_and(|peers| peers.possible.is_disjoint(alive)) {
        return Some(Never::Peers);
    }
    if ports.names.is_empty() || ports.numbers != PortId::NONE {
        return None;
    }
    let resolves = match direction {
        Direction::Ingress => destinations(&mut |of| {
            context.evaluate(|evaluation| ports.at(of, evaluation.table) != PortId::NONE)
        }),
        Direction::Egress => ports.names.iter().any(|(protocol, name)| {
            let known = context.reach.named.get(name).into_iter().flatten();
            let mut known = known.filter(|(of, ..)| protocol.is_none_or(|wanted| wanted == *of));
            known.any(|(.., who)| peers.is_none_or(|peers| !peers.possible.is_disjoint(who)))
        }),
    };
    (!resolves).then_some(Never::Ports)
}
