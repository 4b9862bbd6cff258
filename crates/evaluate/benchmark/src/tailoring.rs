//! A user's own cut of the checks: which are asked, how grave they are, what their parameters are.
//!
//! Enters: the text of a tailoring file (`docs/schemas/tailoring.json`). Leaves: a [`Tailoring`]
//! all of whose names exist. Always holds: nothing is left out silently: an unknown check, item,
//! pack, parameter or severity refuses the file.

use std::collections::BTreeMap;

use kuberlock_model::Severity;
use serde::Deserialize;

use crate::benchmark::Benchmark;
use crate::parameter::{NotAParameter, Parameters};
use crate::registry::{Registered, find};
use crate::{benchmark, pack};

/// Why a tailoring file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotATailoring {
    /// It is no such file.
    #[error("it is no tailoring file: {0}")]
    Text(String),
    /// It names something that does not exist.
    #[error("there is no {what} `{name}`")]
    Unknown {
        /// What kind of thing.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// It sets a parameter that no check declares.
    #[error(transparent)]
    Parameter(#[from] NotAParameter),
    /// It gives a severity that there is not.
    #[error(transparent)]
    Severity(#[from] kuberlock_model::finding::NotASeverity),
}

/// Checks by id, by item or section of a benchmark, by pack.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Selection {
    checks: Vec<String>,
    items: Vec<String>,
    packs: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TailoringText {
    include: Selection,
    exclude: Selection,
    severities: BTreeMap<String, String>,
    parameters: BTreeMap<String, BTreeMap<String, String>>,
}

/// A user's own cut of the checks.
#[derive(Clone, Debug, Default)]
pub struct Tailoring {
    include: Selection,
    exclude: Selection,
    severities: BTreeMap<String, Severity>,
    /// The parameters that it sets.
    pub parameters: Parameters,
}

impl Tailoring {
    /// The tailoring of the file with this text.
    ///
    /// # Errors
    /// The text is no such file, or names something that does not exist.
    pub fn parse(text: &str) -> Result<Self, NotATailoring> {
        let first_line = |error: &serde_saphyr::Error| {
            error.to_string().lines().next().unwrap_or_default().to_owned()
        };
        let text: TailoringText = serde_saphyr::from_str(text)
            .map_err(|error| NotATailoring::Text(first_line(&error)))?;
        text.include.exists()?;
        text.exclude.exists()?;
        let mut severities = BTreeMap::new();
        for (check, severity) in &text.severities {
            exists("check", check, find(check).is_some())?;
            severities.insert(check.clone(), severity.parse()?);
        }
        let mut parameters = Parameters::default();
        for (check, values) in &text.parameters {
            for (name, value) in values {
                parameters.set(check, name, value)?;
            }
        }
        Ok(Self { include: text.include, exclude: text.exclude, severities, parameters })
    }

    /// Whether `check` is asked, when held against `benchmark`.
    pub fn asks(&self, check: &Registered, benchmark: &Benchmark) -> bool {
        let included = self.include.is_empty() || self.include.holds(check, benchmark);
        included && !self.exclude.holds(check, benchmark)
    }

    /// How grave a failure of `check` is.
    pub fn severity(&self, check: &Registered) -> Severity {
        self.severities.get(check.id).copied().unwrap_or(check.check.severity)
    }
}

impl Selection {
    fn is_empty(&self) -> bool {
        self.checks.is_empty() && self.items.is_empty() && self.packs.is_empty()
    }

    fn exists(&self) -> Result<(), NotATailoring> {
        self.checks.iter().try_for_each(|id| exists("check", id, find(id).is_some()))?;
        self.packs.iter().try_for_each(|name| exists("pack", name, pack::find(name).is_some()))?;
        let is_item = |name: &str| {
            benchmark::all().iter().any(|b| b.items.iter().any(|item| lies_in(&item.id, name)))
        };
        self.items.iter().try_for_each(|name| exists("item or section", name, is_item(name)))
    }

    fn holds(&self, check: &Registered, benchmark: &Benchmark) -> bool {
        let items = benchmark.items_of(check.id);
        self.checks.iter().any(|id| id == check.id)
            || pack::packs_of(check.id)
                .iter()
                .any(|pack| self.packs.iter().any(|name| name == pack))
            || items.iter().any(|item| self.items.iter().any(|name| lies_in(item, name)))
    }
}

/// Whether `item` is `name`, or lies in the section `name`.
fn lies_in(item: &str, name: &str) -> bool {
    item.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn exists(what: &'static str, name: &str, there: bool) -> Result<(), NotATailoring> {
    if there { Ok(()) } else { Err(NotATailoring::Unknown { what, name: name.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Vec<&'static str> {
        let tailoring = Tailoring::parse(text).unwrap();
        let benchmark = benchmark::find("cis-1.12").unwrap();
        let asked = crate::registry().iter().filter(|check| tailoring.asks(check, benchmark));
        asked.map(|check| check.id).collect()
    }

    #[test]
    fn a_subset_is_named_by_check_item_section_or_pack() {
        assert_eq!(
            asked("include: { items: ['1.4'] }"),
            ["scheduler-bind-address", "scheduler-profiling"]
        );
        assert_eq!(
            asked("include: { items: ['1.4'] }\nexclude: { checks: [scheduler-profiling] }"),
            ["scheduler-bind-address"]
        );
        assert_eq!(
            asked("exclude: { packs: [host] }").len(),
            crate::registry().len() - pack::find("host").unwrap().checks.len()
        );
        assert_eq!(asked("{}").len(), crate::registry().len());
    }

    #[test]
    fn severities_and_parameters_are_set() {
        let text = "severities: { swap-active: critical }\nparameters: { listener-unexpected: { ports: '22' } }";
        let tailoring = Tailoring::parse(text).unwrap();
        assert_eq!(tailoring.severity(find("swap-active").unwrap()), Severity::Critical);
        assert_eq!(
            tailoring.severity(find("scheduler-profiling").unwrap()),
            find("scheduler-profiling").unwrap().check.severity
        );
        assert_eq!(tailoring.parameters.get("listener-unexpected", "ports"), "22");
    }

    #[test]
    fn what_does_not_exist_is_refused() {
        for (text, told) in [
            ("include: { checks: [nope] }", "there is no check `nope`"),
            ("exclude: { items: ['9.9'] }", "there is no item or section `9.9`"),
            ("include: { packs: [nope] }", "there is no pack `nope`"),
            (
                "severities: { swap-active: grave }",
                "`grave` is no severity: low, medium, high, critical",
            ),
            ("parameters: { swap-active: { x: y } }", "check `swap-active` has no parameter `x`"),
            ("parameters: { nope: { x: y } }", "there is no check `nope`"),
        ] {
            assert_eq!(Tailoring::parse(text).unwrap_err().to_string(), told);
        }
        assert!(matches!(Tailoring::parse("inclde: {}").unwrap_err(), NotATailoring::Text(_)));
    }
}
