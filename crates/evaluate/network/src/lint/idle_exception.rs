//! Exceptions of address blocks that keep nothing out.

use fixedbitset::FixedBitSet as Bits;
use kuberlock_model::network::{IpBlock, Peer, Rule};
use kuberlock_model::{Finding, ObjectKey, Severity};

use super::Lint;
use super::context::Context;
use super::named::{RuleId, key, rules};
use super::report::{Report, at, causes};
use crate::policy::{CompiledPolicy, CompiledRule};
use crate::ports::PortId;
use crate::reachability::Place;
use crate::reason::Why;
use crate::select::{Matched, Select};

pub(super) static LINT: Lint = Lint {
    id: "netpol-idle-exception",
    title: "An exception of an address block keeps nothing out",
    severity: Severity::Medium,
    what: "`except` of every ipBlock. It fails where all addresses of the exception are let \
           through on the rule's ports all the same, by another rule or another peer.",
    why: "An exception takes addresses out of its own block and denies nothing. Who wrote it \
          believes that those addresses are kept out.",
    remedy: "are the addresses to be kept out? Then no rule may allow them; else the exception \
             can go",
    may_break: "Keeping the addresses out ends their connections.",
    references: &["https://kubernetes.io/docs/concepts/services-networking/network-policies/"],
    ask,
};

fn ask(context: &Context<'_>) -> Vec<Finding> {
    let mut report = Report::new(&LINT);
    let mut select = Select::new(context.reach.cni, &context.reach.endpoints);
    for policy in context.policies() {
        for (id, compiled) in rules(policy) {
            let Some(rule) = policy.source.rules(id.direction).get(id.index) else { continue };
            for (at_peer, peer) in rule.peers.iter().enumerate() {
                let Peer::Block(block) = peer else { continue };
                for hole in 0..block.except.len() {
                    let kept_out = kept_out(&mut select, block, hole, &context.reach.alive);
                    if !kept_out.is_clear() && is_let_in(context, policy, id, compiled, &kept_out) {
                        let place = (at_peer, hole);
                        tell(context, policy, id, place, &kept_out, &mut report);
                    }
                }
            }
        }
    }
    report.findings()
}

/// Whom the exception takes out of its block.
fn kept_out(select: &mut Select<'_>, block: &IpBlock, hole: usize, alive: &Bits) -> Bits {
    let mut without = block.clone();
    let rest = block.except.iter().enumerate().filter(|(at, _)| *at != hole);
    without.except = rest.map(|(_, net)| *net).collect();
    let mut means = |block: IpBlock| select.peers("", &[Peer::Block(block)]);
    let (Some(with), Some(without)) = (means(block.clone()), means(without)) else {
        return Bits::new();
    };
    let Matched { mut certain, mut possible } = without;
    certain.difference_with(&with.certain);
    possible.difference_with(&with.possible);
    certain.union_with(&possible);
    certain.intersect_with(alive);
    certain
}

fn is_let_in(
    context: &Context<'_>,
    policy: &CompiledPolicy,
    id: RuleId,
    rule: &CompiledRule,
    whom: &Bits,
) -> bool {
    context.groups(id.direction).of_policy(policy.version).all(|(_, group)| {
        context.evaluate(|evaluation| {
            let pieces = evaluation.ports(&rule.ports, &group.selected);
            pieces.into_iter().all(|(ports, destinations)| {
                let mut left = whom.clone();
                if let Some(destinations) = &destinations {
                    left.intersect_with(destinations);
                }
                for (through, peers) in &group.profile.parts {
                    if evaluation.table.difference(ports, through.certain) == PortId::NONE {
                        left.difference_with(peers);
                    }
                }
                ports == PortId::NONE || left.is_clear()
            })
        })
    })
}

fn tell(
    context: &Context<'_>,
    policy: &CompiledPolicy,
    id: RuleId,
    (at_peer, hole): (usize, usize),
    whom: &Bits,
    report: &mut Report,
) {
    let peer = Rule::path(id.direction, id.index).key(id.direction.peers()).index(at_peer);
    let path = peer.key("ipBlock").key("except").index(hole);
    let message = format!("{path} keeps nothing out: its addresses are let through all the same");
    let own = at("let through all the same", &policy.source.metadata.origin, path);
    let subject: ObjectKey = key(&policy.source);
    let others = letting_in(context, policy, id, whom);
    report.add(&subject, message, std::iter::once(own).chain(causes(&others)));
}

/// The rules that let one of the addresses through.
fn letting_in(context: &Context<'_>, policy: &CompiledPolicy, id: RuleId, whom: &Bits) -> Vec<Why> {
    let reach = context.reach;
    let rule = policy.rules(id.direction).get(id.index);
    let ports = rule.map(|rule| crate::remaining::starts(reach.table.set(rule.ports.numbers)));
    let subject = policy.subject.possible.ones().find(|at| reach.endpoint(*at).is_some());
    let port = ports.and_then(|ports| ports.first().copied());
    let (Some(subject), Some(peer), Some((protocol, port))) = (subject, whom.minimum(), port)
    else {
        return Vec::new();
    };
    let place = |endpoint| Place { endpoint, member: None };
    let (from, to) = match id.direction {
        kuberlock_model::network::Direction::Ingress => (peer, subject),
        kuberlock_model::network::Direction::Egress => (subject, peer),
    };
    let explained = reach.explained(place(from), place(to), protocol, port);
    let reasons = explained.map(|explained| explained.lets_through()).unwrap_or_default();
    reasons.into_iter().filter(|r| r.side == id.direction).map(|r| r.why).collect()
}
