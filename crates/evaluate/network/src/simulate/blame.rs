//! Which policy and rule keep a connection back.

use std::collections::BTreeSet;

use kuberlock_model::network::{Action, Direction};
use kuberlock_model::{FieldPath, ObjectKey, Origin};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::explain::{Asked, LayerTier, Outcome, Side};
use crate::matching::Match;
use crate::reachability::Reachability;
use crate::verdict::Connection;

/// How many policies are told of one connection.
const MOST: usize = 4;

/// A policy that keeps a connection back, or may.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Blame {
    /// Whether it is not among the changes: it is there today.
    pub stays: bool,
    /// In which direction.
    pub direction: Direction,
    /// The policy.
    pub policy: ObjectKey,
    /// The rule that denies; `None` where the policy isolates the pod and none of its rules lets
    /// the connection through.
    pub rule: Option<FieldPath>,
    /// Where the policy was read.
    pub origin: Origin,
}

impl Serialize for Blame {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shown = serializer.serialize_struct("Blame", 5)?;
        shown.serialize_field("direction", &self.direction)?;
        shown.serialize_field("policy", &self.policy.to_string())?;
        shown.serialize_field("rule", &self.rule)?;
        shown.serialize_field("source", &*self.origin.source)?;
        shown.serialize_field("proposed", &!self.stays)?;
        shown.end()
    }
}

/// What keeps `connection` back in `network`: policies that were changed first.
pub(super) fn blame(
    network: &Reachability,
    connection: &Connection,
    changed: &BTreeSet<ObjectKey>,
) -> Vec<Blame> {
    let mut found = BTreeSet::new();
    for explanation in network.explain(connection).unwrap_or_default() {
        for (direction, side) in
            [(Direction::Egress, &explanation.egress), (Direction::Ingress, &explanation.ingress)]
        {
            if side.may_stop {
                found.extend(of_side(direction, side, changed));
            }
        }
    }
    found.into_iter().take(MOST).collect()
}

fn of_side(direction: Direction, side: &Side, changed: &BTreeSet<ObjectKey>) -> Vec<Blame> {
    let of = |asked: &Asked, rule: Option<FieldPath>| Blame {
        stays: !changed.contains(&asked.policy),
        direction,
        policy: asked.policy.clone(),
        rule,
        origin: asked.origin.clone(),
    };
    let mut found = Vec::new();
    let stops = side.layers.iter().filter(|layer| layer.outcomes.contains(&Outcome::Deny));
    for layer in stops {
        for asked in layer.policies.iter().filter(|asked| asked.selects != Match::No) {
            if layer.tier == LayerTier::NetworkPolicy {
                if !asked.rules.iter().any(|rule| rule.matched == Match::Yes) {
                    found.push(of(asked, None));
                }
                continue;
            }
            let denies = asked.rules.iter().filter(|rule| rule.action == Action::Deny);
            found.extend(denies.map(|rule| of(asked, Some(rule.path.clone()))));
        }
    }
    found
}
