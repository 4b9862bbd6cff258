//! What a simulation comes to, as people and programs read it.

use serde::Serialize;

use super::affected::{Affected, Sorted};
use super::opened::Opened;
use super::standing::Standing;

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
