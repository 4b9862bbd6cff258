//! Which admission plugins the API server asks: its flags over the plugins that the release has on.
//!
//! Enters: an API server and the name of a plugin. Leaves: whether it is on, and what says so.
//! Always holds: `--disable-admission-plugins` wins; a plugin that the release does not have is
//! not-applicable, since naming it would stop the API server.

use kuberlock_model::{Evidence, Remedy};

use crate::check::Outcome;
use crate::running::Running;

/// Whether a plugin is asked.
enum Plugin {
    On(Vec<Evidence>),
    /// Named in `--disable-admission-plugins`.
    SwitchedOff(Evidence),
    Off(Vec<Evidence>),
    Unknown(Outcome),
}

fn plugin(api_server: &Running<'_>, name: &str) -> Plugin {
    let enabled = api_server.flag("enable-admission-plugins");
    let disabled = api_server.flag("disable-admission-plugins");
    let table = api_server.context.table.table;
    let default = |said: &str| Evidence::default_of(format!("{name}: {said}"), table.minor.clone());
    if disabled.elements().contains(&name) {
        return Plugin::SwitchedOff(disabled.evidence);
    }
    if enabled.elements().contains(&name) {
        return Plugin::On(vec![enabled.evidence]);
    }
    match table.admission_plugin(name) {
        Some(plugin) if plugin.default => Plugin::On(vec![default("on")]),
        Some(_) => Plugin::Off(vec![enabled.evidence, default("off")]),
        None => Plugin::Unknown(Outcome::not_applicable(format!(
            "the admission plugin {name} does not exist in {}",
            table.minor
        ))),
    }
}

/// A plugin that should be on. `first` is what has to be settled before it is switched on; without
/// it, adding the plugin to the flag is the remedy.
pub(crate) fn must_be_on(api_server: &Running<'_>, name: &str, first: Option<&str>) -> Outcome {
    match plugin(api_server, name) {
        Plugin::On(evidence) => Outcome::pass(format!("{name} is on")).with_all(evidence),
        Plugin::SwitchedOff(evidence) => {
            let question = format!(
                "who had {name} switched off, and for what? Take it out of \
                 --disable-admission-plugins and see that it is on"
            );
            Outcome::fail(format!("{name} is switched off"), Remedy::Decision { question })
                .with(evidence)
        }
        Plugin::Off(evidence) => {
            let remedy = match first {
                Some(question) => Remedy::Decision { question: question.to_owned() },
                None => api_server.add_to_flag("enable-admission-plugins", name),
            };
            Outcome::fail(format!("{name} is not on"), remedy).with_all(evidence)
        }
        Plugin::Unknown(outcome) => outcome,
    }
}

/// A plugin that should be off.
pub(crate) fn must_be_off(api_server: &Running<'_>, name: &str) -> Outcome {
    match plugin(api_server, name) {
        Plugin::Off(evidence) => Outcome::pass(format!("{name} is off")).with_all(evidence),
        Plugin::SwitchedOff(evidence) => {
            Outcome::pass(format!("{name} is switched off")).with(evidence)
        }
        Plugin::On(evidence) => {
            let question = format!("take {name} out of --enable-admission-plugins");
            Outcome::fail(format!("{name} is on"), Remedy::Decision { question }).with_all(evidence)
        }
        Plugin::Unknown(outcome) => outcome,
    }
}
