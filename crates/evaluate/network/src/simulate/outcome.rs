//! What a simulation comes to, as people and programs read it.

use kuberlock_model::flow::{Period, Place};
use kuberlock_model::network::{Direction, Protocol};
use serde::Serialize;

use super::affected::{Affected, Sorted};
use super::blame::Blame;
use super::opened::Opened;
use super::standing::Standing;
use crate::declared::{Reason, ReasonKind};
use crate::traffic::{Counts, Side};

/// The schema of [`Outcome`] as JSON.
pub const SCHEMA: &str = "kuberlock.dev/netpol-simulation/v1";

/// The answer in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Nothing that was seen or is declared would break.
    Nothing,
    /// No flows were given, or they hold none: what would break is not known.
    Unknown,
    /// Whether something breaks is left to the plugin, or to facts that were not seen.
    MayBreak,
    /// Something would break.
    Breaks,
}

/// How many connections there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Would break.
    pub broken: usize,
    /// May break.
    pub uncertain: usize,
    /// Denied or dropped today already.
    pub denied_already: usize,
    /// Got through though policies deny it today.
    pub contradicting: usize,
    /// Asked for, denied today, and would get through.
    pub newly_allowed: usize,
    /// Told of by manifests only.
    pub unobserved: usize,
    /// Could not be judged.
    pub unjudged: usize,
    /// Stay as they are.
    pub kept: usize,
}

/// What a simulation comes to.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The answer in one word.
    pub answer: Answer,
    /// How many of each kind.
    pub totals: Totals,
    /// Gets through today, and would not.
    pub broken: Vec<Affected>,
    /// Would be left to the plugin, or to facts that were not seen.
    pub uncertain: Vec<Affected>,
    /// Denied by policies, or dropped, today already.
    pub denied_already: Vec<Affected>,
    /// Got through though policies deny it today: the plugin does not enforce them, or they are
    /// newer than the flows.
    pub contradicting: Vec<Affected>,
    /// Denied today, and would get through: somebody asked for it.
    pub newly_allowed: Vec<Affected>,
    /// Told of by manifests, and never seen.
    pub unobserved: Vec<Affected>,
    /// An end of it is not in the network.
    pub unjudged: Vec<Affected>,
    /// What would newly be possible, asked for or not.
    pub opened: Vec<Opened>,
    /// On what evidence the answer stands.
    pub standing: Standing,
}

pub(super) fn outcome(sorted: Sorted, opened: Vec<Opened>, standing: Standing) -> Outcome {
    let has_flows = standing.flows.as_ref().is_some_and(|flows| flows.records > 0);
    let answer = match (sorted.broken.is_empty(), sorted.uncertain.is_empty(), has_flows) {
        (false, ..) => Answer::Breaks,
        (true, false, true) => Answer::MayBreak,
        (true, _, false) => Answer::Unknown,
        (true, true, true) => Answer::Nothing,
    };
    let totals = Totals {
        broken: sorted.broken.len(),
        uncertain: sorted.uncertain.len(),
        denied_already: sorted.denied.len(),
        contradicting: sorted.contradicting.len(),
        newly_allowed: sorted.allowed.len(),
        unobserved: sorted.unobserved.len(),
        unjudged: sorted.unjudged.len(),
        kept: sorted.kept,
    };
    Outcome {
        schema: SCHEMA,
        answer,
        totals,
        broken: sorted.broken,
        uncertain: sorted.uncertain,
        denied_already: sorted.denied,
        contradicting: sorted.contradicting,
        newly_allowed: sorted.allowed,
        unobserved: sorted.unobserved,
        unjudged: sorted.unjudged,
        opened,
        standing,
    }
}

impl Serialize for Affected {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            from: String,
            to: String,
            protocol: Protocol,
            port: u16,
            before: crate::Verdict,
            after: crate::Verdict,
            #[serde(skip_serializing_if = "Option::is_none")]
            seen: Option<ShownSeen<'a>>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            declared: Vec<ShownReason<'a>>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            blame: Vec<ShownBlame<'a>>,
        }
        #[derive(Serialize)]
        struct ShownSeen<'a> {
            counts: Counts,
            #[serde(skip_serializing_if = "Option::is_none")]
            period: Option<Period>,
            place: &'a Place,
            side: Side,
            pairs: usize,
        }
        Shown {
            from: self.from.to_string(),
            to: self.to.to_string(),
            protocol: self.protocol,
            port: self.port,
            before: self.before,
            after: self.after,
            seen: self.seen.as_ref().map(|seen| ShownSeen {
                counts: seen.counts,
                period: seen.period,
                place: &seen.place,
                side: seen.side,
                pairs: seen.pairs,
            }),
            declared: self.declared.iter().map(ShownReason::of).collect(),
            blame: self.blame.iter().map(ShownBlame::of).collect(),
        }
        .serialize(serializer)
    }
}

#[derive(Serialize)]
struct ShownReason<'a> {
    kind: ReasonKind,
    object: String,
    source: &'a str,
    path: &'a str,
}

impl<'a> ShownReason<'a> {
    fn of(reason: &'a Reason) -> Self {
        Self {
            kind: reason.kind,
            object: reason.object.to_string(),
            source: &reason.origin.source,
            path: reason.path.as_str(),
        }
    }
}

#[derive(Serialize)]
struct ShownBlame<'a> {
    direction: Direction,
    policy: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'a str>,
    source: &'a str,
    proposed: bool,
}

impl<'a> ShownBlame<'a> {
    fn of(blame: &'a Blame) -> Self {
        Self {
            direction: blame.direction,
            policy: blame.policy.to_string(),
            rule: blame.rule.as_ref().map(|rule| rule.as_str()),
            source: &blame.origin.source,
            proposed: !blame.stays,
        }
    }
}
