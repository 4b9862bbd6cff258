//! Why a connection gets through or is kept back, without all that was merely asked.
//!
//! Enters: an [`Explanation`]. Leaves: the rules, or the absence of rules, that let the connection
//! through or keep it back, by side. Always holds: a rule is named only where its turn came.

use std::fmt;

use kuberlock_model::network::{Action, Direction};
use kuberlock_model::{FieldPath, ObjectKey, Origin};

use crate::explain::{Asked, Exemption, Explanation, Layer, LayerTier, Matched, Outcome, Side};
use crate::matching::Match;

/// What one side of a connection rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    /// Which side: leaving the one end, or entering the other.
    pub side: Direction,
    /// What decides there.
    pub why: Why,
}

/// What decides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// A rule.
    Rule {
        /// Its policy.
        policy: ObjectKey,
        /// Where the policy was read.
        origin: Origin,
        /// Where the policy has it.
        path: FieldPath,
        /// What it does.
        action: Action,
        /// Whether it surely matches.
        matched: Match,
    },
    /// A policy isolates the pod, and no rule lets the connection through.
    Isolated {
        /// The policy.
        policy: ObjectKey,
        /// Where it was read.
        origin: Origin,
    },
    /// No policy isolates the pod, or none surely does.
    NoPolicy,
    /// Both ends are on one node, or may be.
    OwnNode,
    /// A pod always reaches itself.
    Itself,
    /// The two are on different networks.
    OtherNetwork,
}

impl Why {
    /// The policy that it names, where it was read, and the field in it.
    pub fn policy(&self) -> Option<(&ObjectKey, &Origin, FieldPath)> {
        match self {
            Self::Rule { policy, origin, path, .. } => Some((policy, origin, path.clone())),
            Self::Isolated { policy, origin } => Some((policy, origin, FieldPath::of("spec"))),
            _ => None,
        }
    }
}

/// `NetworkPolicy team/web spec.ingress[0] lets it through`.
impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule { policy, path, action, matched, .. } => {
                let may = if *matched == Match::Yes { "" } else { "may match and " };
                let does = match action {
                    Action::Accept => "lets it through",
                    Action::Deny => "drops it",
                    Action::Pass => "leaves it to the next tier",
                };
                write!(f, "{policy} {path} {may}{does}")
            }
            Self::Isolated { policy, .. } => write!(f, "{policy} isolates the pod"),
            Self::NoPolicy => f.write_str("no policy isolates the pod"),
            Self::OwnNode => f.write_str("both ends are on one node"),
            Self::Itself => f.write_str("a pod always reaches itself"),
            Self::OtherNetwork => f.write_str("the two are on different networks"),
        }
    }
}

/// `ingress: no policy isolates the pod`.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.side, self.why)
    }
}

impl Explanation {
    /// What lets the connection through, on both sides.
    pub fn lets_through(&self) -> Vec<Reason> {
        if self.exempt == Some(Exemption::Itself) {
            return vec![Reason { side: Direction::Egress, why: Why::Itself }];
        }
        self.both(&|side| side.may_pass, lets_through)
    }

    /// What keeps the connection back, on the sides that do.
    pub fn keeps_back(&self) -> Vec<Reason> {
        if self.exempt == Some(Exemption::OtherNetwork) {
            return vec![Reason { side: Direction::Egress, why: Why::OtherNetwork }];
        }
        self.both(&|side| side.may_stop, keeps_back)
    }

    fn both(&self, asked: &dyn Fn(&Side) -> bool, of: fn(&Side) -> Vec<Why>) -> Vec<Reason> {
        let sides = [(Direction::Egress, &self.egress), (Direction::Ingress, &self.ingress)];
        let sides = sides.into_iter().filter(|(_, side)| asked(side));
        sides.flat_map(|(of_side, side)| with_side(of_side, of(side))).collect()
    }
}

fn with_side(side: Direction, mut all: Vec<Why>) -> Vec<Reason> {
    all.sort();
    all.dedup();
    all.into_iter().map(|why| Reason { side, why }).collect()
}

fn lets_through(side: &Side) -> Vec<Why> {
    let mut all = Vec::new();
    match side.own_node {
        Some(Match::Yes) => return vec![Why::OwnNode],
        Some(_) => all.push(Why::OwnNode),
        None => {}
    }
    for layer in side.layers.iter().filter(|layer| layer.outcomes.contains(&Outcome::Allow)) {
        let rules = rules(layer, Action::Accept);
        match layer.tier {
            LayerTier::Default => all.push(Why::NoPolicy),
            // Only that it is not sure to be isolated lets it through.
            LayerTier::NetworkPolicy if rules.is_empty() => all.push(Why::NoPolicy),
            _ => all.extend(rules),
        }
    }
    all
}

fn keeps_back(side: &Side) -> Vec<Why> {
    let mut all = Vec::new();
    for layer in side.layers.iter().filter(|layer| layer.outcomes.contains(&Outcome::Deny)) {
        if layer.tier == LayerTier::NetworkPolicy {
            let isolated = |asked: &Asked| Why::Isolated {
                policy: asked.policy.clone(),
                origin: asked.origin.clone(),
            };
            all.extend(layer.policies.iter().map(isolated));
        } else {
            all.extend(rules(layer, Action::Deny));
        }
    }
    all
}

/// The rules of a layer that take this action, as far as their turn comes.
fn rules(layer: &Layer, action: Action) -> Vec<Why> {
    let mut all = Vec::new();
    for equal in layer.policies.chunk_by(|a, b| a.priority.is_some() && a.priority == b.priority) {
        for asked in equal {
            let taking = asked.rules.iter().filter(|rule| rule.action == action);
            all.extend(taking.map(|rule| why(asked, rule)));
        }
        let decided = |asked: &Asked| asked.rules.iter().any(|rule| rule.matched == Match::Yes);
        if layer.tier != LayerTier::NetworkPolicy && equal.iter().any(decided) {
            break;
        }
    }
    all
}

fn why(asked: &Asked, rule: &Matched) -> Why {
    Why::Rule {
        policy: asked.policy.clone(),
        origin: asked.origin.clone(),
        path: rule.path.clone(),
        action: rule.action,
        matched: rule.matched,
    }
}
