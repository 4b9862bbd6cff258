//! Policies of one priority that contradict each other.

use std::collections::BTreeSet;

use kuberlock_model::network::{Direction, Protocol, Tier};
use kuberlock_model::{Evidence, Finding, Severity};

use super::Lint;
use super::context::Context;
use super::named::tiered_key;
use super::report::{Report, at};
use super::tiers::{TierGroup, Walk, walk};
use crate::explain::{Explanation, Side};
use crate::policy::CompiledTiered;
use crate::ports::PortId;
use crate::profile::{Evaluation, Partition, Selected, State};
use crate::reachability::Place;
use crate::verdict::Verdict;

pub(super) static LINT: Lint = Lint {
    id: "netpol-ambiguous-priority",
    title: "Policies of one priority contradict each other",
    severity: Severity::High,
    what: "Policies of one tier with one priority that are about the same pods. It fails where \
           they decide differently about a connection: which of them wins the API does not say.",
    why: "The same policies may allow a connection in one cluster and drop it in another, or \
          after the plugin is started again.",
    remedy: "which of them is to win? Give it the lower priority",
    may_break: "Connections that the losing policy decided about so far.",
    references: &["https://network-policy-api.sigs.k8s.io/api-overview/"],
    ask,
};

/// Connections that are asked for each pair of policies.
const SAMPLES: usize = 24;

fn ask(context: &Context<'_>) -> Vec<Finding> {
    let mut report = Report::new(&LINT);
    let mut told = BTreeSet::new();
    for direction in Direction::BOTH {
        for group in context.tiers().groups(direction).iter().filter(|group| group.has_equals) {
            for clash in clashes(context, group) {
                let [a, b] = clash.policies;
                if told.contains(&(a.version, b.version)) {
                    continue;
                }
                if let Some(witness) = witness(context, group, &clash) {
                    told.insert((a.version, b.version));
                    tell(context, direction, &clash, &witness, &mut report);
                }
            }
        }
    }
    report.findings()
}

/// Two policies that decide differently about these peers and ports.
struct Clash<'r> {
    policies: [&'r CompiledTiered; 2],
    ports: PortId,
    peers: Vec<usize>,
}

fn clashes<'r>(context: &Context<'r>, group: &TierGroup<'r>) -> Vec<Clash<'r>> {
    context.evaluate(|evaluation| {
        let mut found = Vec::new();
        for tier in [Tier::Admin, Tier::Baseline] {
            let of_tier = group.selected.tiered.iter().filter(|policy| policy.source.tier == tier);
            let of_tier: Vec<&'r CompiledTiered> = of_tier.copied().collect();
            for equal in of_tier.chunk_by(|a, b| a.source.priority == b.source.priority) {
                if let [first, _, ..] = equal {
                    let before = reached(evaluation, group, tier, first.source.priority);
                    found.extend(pairs(evaluation, group, equal, &before));
                }
            }
        }
        found
    })
}

/// What is undecided when policies of this priority are asked.
fn reached(
    evaluation: &mut Evaluation<'_>,
    group: &TierGroup<'_>,
    tier: Tier,
    priority: u16,
) -> Partition<State> {
    let start = match tier {
        Tier::Admin => vec![(State::UNDECIDED, evaluation.everybody.clone())],
        Tier::Baseline => group.after_admin.clone(),
    };
    let of = &group.selected;
    let earlier = of.tiered.iter().filter(|policy| policy.source.priority < priority);
    let earlier = Selected {
        direction: of.direction,
        tiered: earlier.copied().collect(),
        policies: Vec::new(),
        isolated: of.isolated,
        ports: of.ports,
    };
    let rules = &mut Walk { skip: &BTreeSet::new(), decides: &mut BTreeSet::new() };
    let mut states = walk(evaluation, &earlier, tier, start, rules);
    // What they passed is among it too: the witness tells whether the order matters.
    for (state, _) in &mut states {
        *state = State { open: state.open, ..NOTHING };
    }
    states
}

const NOTHING: State = State {
    open: PortId::NONE,
    accepted: PortId::NONE,
    denied: PortId::NONE,
    passed: PortId::NONE,
};

fn pairs<'r>(
    evaluation: &mut Evaluation<'_>,
    group: &TierGroup<'r>,
    equal: &[&'r CompiledTiered],
    before: &Partition<State>,
) -> Vec<Clash<'r>> {
    let own: Vec<(&'r CompiledTiered, Partition<State>)> = equal
        .iter()
        .map(|policy| (*policy, evaluation.tiered(before.clone(), policy, &group.selected)))
        .collect();
    let mut found = Vec::new();
    for (at, (a, of_a)) in own.iter().enumerate() {
        for (b, of_b) in own.iter().skip(at + 1) {
            for (state_a, peers_a) in of_a {
                for (state_b, peers_b) in of_b {
                    let ports = apart(evaluation, state_a, state_b);
                    if ports == PortId::NONE || peers_a.is_disjoint(peers_b) {
                        continue;
                    }
                    let peers = peers_a.intersection(peers_b).collect();
                    found.push(Clash { policies: [a, b], ports, peers });
                }
            }
        }
    }
    found
}

/// The ports about which two policies decide differently.
fn apart(evaluation: &mut Evaluation<'_>, a: &State, b: &State) -> PortId {
    let pairs = [
        (a.accepted, b.denied),
        (a.denied, b.accepted),
        (a.accepted, b.passed),
        (a.passed, b.accepted),
        (a.denied, b.passed),
        (a.passed, b.denied),
    ];
    pairs.into_iter().fold(PortId::NONE, |all, (one, other)| {
        let both = evaluation.table.intersection(one, other);
        evaluation.table.union(all, both)
    })
}

/// A connection that the order decides about: of those that clash, behind both ends' other policies.
fn witness(
    context: &Context<'_>,
    group: &TierGroup<'_>,
    clash: &Clash<'_>,
) -> Option<(Explanation, Protocol, u16)> {
    let ports = context.evaluate(|evaluation| evaluation.table.set(clash.ports).clone());
    let ports = crate::remaining::starts(&ports);
    let place = |endpoint| Place { endpoint, member: None };
    let tried = group.members.ones().take(3).flat_map(|own| {
        clash.peers.iter().filter(move |peer| **peer != own).map(move |peer| (own, *peer))
    });
    let tried = tried.flat_map(|pair| ports.iter().map(move |port| (pair, *port)));
    tried.take(SAMPLES).find_map(|((own, peer), (protocol, port))| {
        let (from, to) = match group.selected.direction {
            Direction::Ingress => (peer, own),
            Direction::Egress => (own, peer),
        };
        let explained = context.reach.explained(place(from), place(to), protocol, port)?;
        (explained.verdict == Verdict::Ambiguous).then_some((explained, protocol, port))
    })
}

fn tell(
    context: &Context<'_>,
    direction: Direction,
    clash: &Clash<'_>,
    (explained, protocol, port): &(Explanation, Protocol, u16),
    report: &mut Report,
) {
    let [a, b] = clash.policies;
    let name = |at: usize| context.reach.endpoint(at).map(ToString::to_string).unwrap_or_default();
    let message = format!(
        "{} has its priority, {}, and decides otherwise about {protocol} {port} from {} to {}",
        tiered_key(&b.source),
        a.source.priority,
        name(explained.from.endpoint),
        name(explained.to.endpoint),
    );
    let side = match direction {
        Direction::Ingress => &explained.ingress,
        Direction::Egress => &explained.egress,
    };
    let evidence = clash.policies.into_iter().flat_map(|policy| rules(side, policy));
    report.add(&tiered_key(&a.source), message, evidence);
}

/// The rules by which a policy decides about the connection.
fn rules(side: &Side, policy: &CompiledTiered) -> Vec<Evidence> {
    let own = tiered_key(&policy.source);
    let asked = side.layers.iter().flat_map(|layer| &layer.policies);
    let asked = asked.filter(|asked| asked.policy == own);
    let rules = asked.flat_map(|asked| asked.rules.iter().map(move |rule| (asked, rule)));
    rules
        .map(|(asked, rule)| {
            at(format!("{:?} in {own}", rule.action), &asked.origin, rule.path.clone())
        })
        .collect()
}
