//! How policies and their rules are named in findings.

use std::sync::Arc;

use kuberlock_model::ObjectKey;
use kuberlock_model::network::{Action, Direction, NetworkPolicy, Rule, TieredPolicy};

use crate::matching::{Closed, Match, fails_closed};
use crate::policy::{CompiledPolicy, CompiledTiered, Version};
use crate::reason::Why;

/// One rule of one policy, as it was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct RuleId {
    pub(super) policy: Version,
    pub(super) direction: Direction,
    pub(super) index: usize,
}

pub(super) fn key(policy: &NetworkPolicy) -> ObjectKey {
    ObjectKey::new(policy.kind, policy.metadata.namespace.as_deref(), &policy.metadata.name)
}

pub(super) fn tiered_key(policy: &TieredPolicy) -> ObjectKey {
    ObjectKey::new(policy.kind, None, &policy.metadata.name)
}

/// Every rule of a policy that is asked, with its id.
pub(super) fn rules(
    policy: &Arc<CompiledPolicy>,
) -> impl Iterator<Item = (RuleId, &crate::policy::CompiledRule)> {
    Direction::BOTH.into_iter().flat_map(move |direction| {
        policy
            .rules(direction)
            .iter()
            .enumerate()
            .map(move |(index, rule)| (RuleId { policy: policy.version, direction, index }, rule))
    })
}

/// The rule of a NetworkPolicy, as the cause of something.
pub(super) fn cause(policy: &CompiledPolicy, direction: Direction, index: usize) -> Why {
    Why::Rule {
        policy: key(&policy.source),
        origin: policy.source.metadata.origin.clone(),
        path: Rule::path(direction, index),
        action: Action::Accept,
        matched: Match::Yes,
    }
}

/// The index that a tiered rule has in its document: those that match nothing are not looked up.
pub(super) fn written(policy: &CompiledTiered, direction: Direction, index: usize) -> usize {
    let rules = policy.source.rules(direction).iter().enumerate();
    let mut kept = rules.filter(|(_, rule)| fails_closed(rule) != Closed::Nothing);
    kept.nth(index).map_or(index, |(written, _)| written)
}

/// The rule of a tiered policy, as the cause of something.
pub(super) fn tiered_cause(policy: &CompiledTiered, direction: Direction, index: usize) -> Why {
    let action = policy.rules(direction).get(index).map_or(Action::Pass, |rule| rule.action);
    Why::Rule {
        policy: tiered_key(&policy.source),
        origin: policy.source.metadata.origin.clone(),
        path: TieredPolicy::rule_path(direction, written(policy, direction, index)),
        action,
        matched: Match::Yes,
    }
}
