//! How a namespace stands, and what holds a workload in it.

use serde::Serialize;

use crate::object::ObjectKey;

/// A namespace, judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// By what it is sensitive, where its owner says so.
    pub sensitive: Option<String>,
    /// Why it probably is, where nobody says.
    pub suggestions: Vec<String>,
    /// How much of what is asked of it is as it should be; none where nothing is asked.
    pub score: Option<Score>,
    /// The checks that fail, the gravest first.
    pub failing: Vec<&'static str>,
    /// The checks that are not decided.
    pub unknown: Vec<&'static str>,
    /// The checks whose failures are borne.
    pub accepted: Vec<&'static str>,
    /// What is mixed in it, where something is.
    pub mixture: Option<Mixture>,
}

/// The share of what is asked that is as it should be, in hundredths, each check weighed by its
/// severity: low 1, medium 2, high 4, critical 8. What does not apply or is borne is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Score {
    /// Where what is unknown is taken as failing.
    pub least: u8,
    /// Where it is taken as passing.
    pub most: u8,
}

/// Sensitive and ordinary workloads in one namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mixture {
    /// The sensitive ones, and what moving each out would break.
    pub sensitive: Vec<Move>,
    /// The others.
    pub ordinary: Vec<ObjectKey>,
}

impl Mixture {
    /// Whether any of the workloads is sensitive because somebody says so: else all of it is a
    /// suggestion.
    pub fn is_declared(&self) -> bool {
        self.sensitive.iter().any(|moved| moved.declared)
    }
}

/// A workload that would be better off elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Move {
    /// The workload.
    pub workload: ObjectKey,
    /// Whether its owner says that it is sensitive; else it is suggested.
    pub declared: bool,
    /// Why it is taken as sensitive.
    pub why: Vec<String>,
    /// What holds it where it is.
    pub ties: Vec<Tie>,
}

/// Something that a workload has, or others have of it, by sharing a namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Tie {
    /// What kind of thing.
    pub of: Bond,
    /// What happens to it, in one sentence.
    pub what: String,
}

/// The kinds of ties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bond {
    /// A name by which it is reached, or reaches others.
    Name,
    /// A route from outside that leads to it.
    Route,
    /// A Secret.
    Secret,
    /// A config map.
    ConfigMap,
    /// A claim, which cannot leave its namespace.
    Volume,
    /// Its service account, and what is bound to it.
    Binding,
    /// A network policy about it.
    Policy,
    /// A quota or limit range that it is under.
    Limit,
}

impl Bond {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Route => "route",
            Self::Secret => "secret",
            Self::ConfigMap => "config-map",
            Self::Volume => "volume",
            Self::Binding => "binding",
            Self::Policy => "policy",
            Self::Limit => "limit",
        }
    }
}
