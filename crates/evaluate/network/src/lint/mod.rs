//! Defects of network policies: what is written and does nothing, what does something else than its
//! author can have meant, and what can be got around.
//!
//! Enters: a cluster and its computed network; where known, who may change what policies go by. Leaves:
//! [`Finding`]s, each with the fields at fault, one a policy and lint. Always holds: what is said to do
//! nothing can be taken away, all of it together, and no connection comes to anything else; what is
//! said of a rule is said of the endpoints that there are now. A lint is one file; its text is its manual.

mod ambiguous;
mod blocks;
mod context;
mod dns;
mod everybody;
mod group;
mod host_network;
mod idle_exception;
mod inert;
mod named;
mod namespace_labels;
mod never;
mod one_sided;
mod overridden;
mod pod_labels;
mod redundant;
mod report;
mod selects_nobody;
mod shadowed;
#[cfg(test)]
mod tests;
mod tiers;
mod unenforced;
mod without;

use std::collections::BTreeMap;

use kuberlock_model::scan::CheckSummary;
use kuberlock_model::{Cluster, Finding, Severity};

use crate::reachability::Reachability;
use context::Context;

/// What is looked for.
#[derive(Debug)]
pub struct Lint {
    /// Its id.
    pub id: &'static str,
    /// What is wrong, one line.
    pub title: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is looked at, and when it fails.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub remedy: &'static str,
    /// What that may break.
    pub may_break: &'static str,
    /// Where to read on.
    pub references: &'static [&'static str],
    ask: fn(&Context<'_>) -> Vec<Finding>,
}

impl Lint {
    /// What a report tells of it.
    pub fn summary(&self) -> CheckSummary {
        CheckSummary {
            id: self.id,
            title: self.title,
            severity: self.severity,
            items: Vec::new(),
            packs: Vec::new(),
            what: self.what,
            why: self.why,
            remedy: self.remedy,
            may_break: self.may_break,
            references: self.references,
        }
    }
}

/// Every lint, by id.
pub static LINTS: &[&Lint] = &[
    &ambiguous::LINT,
    &blocks::LINT,
    &dns::LINT,
    &everybody::LINT,
    &host_network::LINT,
    &idle_exception::LINT,
    &inert::LINT,
    &namespace_labels::LINT,
    &never::LINT,
    &one_sided::LINT,
    &overridden::LINT,
    &pod_labels::LINT,
    &redundant::LINT,
    &selects_nobody::LINT,
    &shadowed::LINT,
    &unenforced::LINT,
];

/// Who may change what policies go by, beside those who may do anything. By namespace, names as they are
/// to be shown: `ServiceAccount ci/deployer`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Editors {
    /// Who may change the labels of a namespace.
    pub namespaces: BTreeMap<String, Vec<String>>,
    /// Who may create or change pods there, themselves or by what makes pods.
    pub pods: BTreeMap<String, Vec<String>>,
}

/// The defects of all policies of a cluster. `reachability` is the cluster's; without `editors` nothing is
/// said of labels that others may set.
pub fn lint(
    cluster: &Cluster,
    reachability: &Reachability,
    editors: Option<&Editors>,
) -> Vec<Finding> {
    let context = Context::new(cluster, reachability, editors);
    LINTS.iter().flat_map(|lint| (lint.ask)(&context)).collect()
}
