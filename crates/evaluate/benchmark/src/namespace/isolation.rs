//! Whether a pod's traffic is denied unless something allows it: by effect, not by shape.
//!
//! A pod is denied by default in a direction where a NetworkPolicy isolates it and none that selects
//! it lets everything through, or where a policy of a tier denies everything. One policy for the
//! namespace and one for each workload come to the same.

use std::collections::{BTreeMap, BTreeSet};

use kuberlock_model::cluster::PodSource;
use kuberlock_model::network::{
    Action, Direction, NetworkPolicy, Peer, Rule, Tier, TierPeer, TierRule, TieredPolicy,
};
use kuberlock_model::{Evidence, FieldPath, Kind, Object, ObjectKey, Remedy, Subject};

use super::{Space, by_namespace, judge, labels};
use crate::check::Outcome;
use crate::context::Context;

/// The kinds of the administrators' policies.
const TIERED: [Kind; 3] =
    [Kind::AdminNetworkPolicy, Kind::BaselineAdminNetworkPolicy, Kind::ClusterNetworkPolicy];

/// The policies of a cluster, the namespaced ones by namespace.
#[derive(Debug)]
pub(crate) struct Policies<'a> {
    pub(crate) namespaced: BTreeMap<&'a str, Vec<&'a NetworkPolicy>>,
    pub(crate) tiered: Vec<&'a TieredPolicy>,
}

impl<'a> Policies<'a> {
    /// Those of the cluster of `context`.
    pub(crate) fn of(context: &Context<'a>) -> Self {
        let policies = by_namespace(context, Kind::NetworkPolicy).into_iter();
        let policy = |object: &'a Object| match object {
            Object::NetworkPolicy(policy) => Some(policy),
            _ => None,
        };
        let namespaced = policies
            .map(|(namespace, of)| (namespace, of.into_iter().filter_map(policy).collect()))
            .collect();
        Self { namespaced, tiered: context.cluster.tiered_policies().collect() }
    }

    /// The NetworkPolicies of a namespace.
    pub(crate) fn within(&self, namespace: &str) -> &[&'a NetworkPolicy] {
        self.namespaced.get(namespace).map_or(&[], Vec::as_slice)
    }
}

/// Why a pod is not denied by default.
enum Open<'a> {
    /// Nothing isolates it.
    Unselected,
    /// A policy that selects it lets everything through by its rule of this index.
    Everything(&'a NetworkPolicy, usize),
}

/// Judges every namespace in `direction`.
pub(crate) fn evaluate(context: &Context<'_>, direction: Direction) -> Vec<(Subject, Outcome)> {
    let policies = Policies::of(context);
    let coverage = context.cluster.coverage();
    let unseen = TIERED.into_iter().find(|kind| !coverage.kind(*kind).is_whole());
    judge(context, |space| {
        let outcome = of_space(space, &policies, direction);
        match (outcome.verdict, unseen) {
            (kuberlock_model::Verdict::Fail, Some(kind)) => Outcome::unknown(format!(
                "{}; whether a policy of a tier denies was not seen: {} {}",
                outcome.message,
                kind.names().resource,
                coverage.kind(kind)
            )),
            _ => outcome,
        }
    })
}

/// How the pods of a namespace are held in one direction.
pub(crate) struct Held<'a> {
    /// The workloads that are not, with the reason.
    open: BTreeMap<&'a ObjectKey, (Open<'a>, &'a PodSource<'a>)>,
    /// How many workloads there are.
    pub(crate) heads: usize,
    /// The policy that denies by default whatever pods come.
    pub(crate) whole: Option<&'a NetworkPolicy>,
}

impl<'a> Held<'a> {
    /// The workloads that nothing holds.
    pub(crate) fn open(&self) -> Vec<&'a PodSource<'a>> {
        self.open.values().map(|(_, source)| *source).collect()
    }
}

/// How the pods of `space` are held in `direction`.
pub(crate) fn held<'a>(
    space: &Space<'a>,
    policies: &Policies<'a>,
    direction: Direction,
) -> Held<'a> {
    let of_namespace = labels::of(space.name, space.metadata);
    let within = policies.within(space.name);
    let whole = within.iter().copied().find(|policy| {
        let rules = policy.rules(direction);
        policy.isolates(direction) && policy.pods.is_empty() && !rules.iter().any(is_everything)
    });
    let mut open: BTreeMap<&ObjectKey, (Open<'_>, &PodSource<'_>)> = BTreeMap::new();
    let mut heads: BTreeSet<&ObjectKey> = BTreeSet::new();
    for source in space.on_pod_network() {
        heads.insert(&source.head);
        let denies = |policy: &&TieredPolicy, why: &Open<'_>| {
            let pods = policy.subject.pods.as_ref();
            let is_asked = policy.tier == Tier::Admin || matches!(why, Open::Unselected);
            is_asked
                && policy.subject.namespaces.matches(&of_namespace)
                && pods.is_none_or(|pods| pods.matches(source.pod_labels))
                && denies_everything(policy.rules(direction))
        };
        if let Some(why) = openness(within, direction, source)
            && !policies.tiered.iter().any(|policy| denies(policy, &why))
        {
            open.entry(&source.head).or_insert((why, source));
        }
    }
    Held { open, heads: heads.len(), whole }
}

fn of_space(space: &Space<'_>, policies: &Policies<'_>, direction: Direction) -> Outcome {
    let Held { open, heads, whole } = held(space, policies, direction);
    match (open.is_empty(), heads, whole) {
        (true, _, Some(policy)) => {
            let field = FieldPath::of("spec").key("podSelector");
            let said = format!("{} selects every pod", policy.metadata.name);
            Outcome::pass(format!("{direction} is denied unless a policy allows it"))
                .with(Evidence::field(said, &policy.metadata.origin, field))
        }
        (true, 0, None) => Outcome::not_applicable("it has no pods that network policies reach"),
        (true, _, None) => Outcome::pass(format!(
            "{direction} of all its pods is denied unless a policy allows it, though no policy selects \
             pods to come"
        )),
        (false, ..) => failure(direction, &open, heads),
    }
}

fn failure(
    direction: Direction,
    open: &BTreeMap<&ObjectKey, (Open<'_>, &PodSource<'_>)>,
    all: usize,
) -> Outcome {
    let does = match direction {
        Direction::Ingress => ["takes connections from anywhere", "take connections from anywhere"],
        Direction::Egress => ["opens connections to anywhere", "open connections to anywhere"],
    };
    let message = match (open.len(), all, does) {
        (1, 1, [does, _]) => format!("its only workload {does}"),
        (1, all, [does, _]) => format!("1 of {all} workloads {does}"),
        (open, all, [_, do_]) if open == all => format!("all of its {all} workloads {do_}"),
        (open, all, [_, do_]) => format!("{open} of {all} workloads {do_}"),
    };
    let evidence = open.iter().map(|(head, (why, source))| match why {
        Open::Unselected => {
            let said = format!("no network policy isolates {head} for {direction}");
            Evidence::field(said, &source.metadata.origin, FieldPath::of("metadata"))
        }
        Open::Everything(policy, index) => {
            let said =
                format!("{} lets everything through to or from {head}", policy.metadata.name);
            Evidence::field(said, &policy.metadata.origin, Rule::path(direction, *index))
        }
    });
    let question = format!(
        "which connections do its workloads need? `kuberlock namespace secure` proposes policies that \
         allow what is known and deny the rest of {direction}"
    );
    Outcome::fail(message, Remedy::Decision { question }).with_all(evidence)
}

/// Why `source` is not denied by its namespace's policies, where it is not.
fn openness<'a>(
    policies: &[&'a NetworkPolicy],
    direction: Direction,
    source: &PodSource<'_>,
) -> Option<Open<'a>> {
    let mut isolated = false;
    for policy in policies {
        if !policy.isolates(direction) || !policy.pods.matches(source.pod_labels) {
            continue;
        }
        isolated = true;
        if let Some(index) = policy.rules(direction).iter().position(is_everything) {
            return Some(Open::Everything(policy, index));
        }
    }
    (!isolated).then_some(Open::Unselected)
}

/// Whether a rule lets all ports of everybody through: such a policy isolates in name only.
fn is_everything(rule: &Rule) -> bool {
    let everybody = |peer: &Peer| match peer {
        Peer::Pods { namespaces: Some(namespaces), pods } => {
            namespaces.is_empty() && pods.as_ref().is_none_or(|pods| pods.is_empty())
        }
        Peer::Pods { namespaces: None, .. } => false,
        Peer::Block(block) => block.cidr.prefix_len() == 0 && block.except.is_empty(),
    };
    rule.ports.is_empty() && (rule.peers.is_empty() || rule.peers.iter().any(everybody))
}

/// Whether the first rule that means all ports of all pods denies them. Rules before it may let
/// something through; that is what a default is for.
fn denies_everything(rules: &[TierRule]) -> bool {
    let all = |peer: &TierPeer| match peer {
        TierPeer::Pods(selection) => selection.namespaces.is_empty() && selection.pods.is_none(),
        TierPeer::Networks(networks) => networks.iter().any(|network| network.prefix_len() == 0),
        TierPeer::Unknown => true,
        TierPeer::Nodes(_) | TierPeer::DomainNames(_) => false,
    };
    let mut whole = rules.iter().filter(|rule| rule.ports.is_empty() && rule.peers.iter().any(all));
    whole.next().is_some_and(|rule| rule.action == Action::Deny)
}
