//! The scheduler offers no profiling.
//!
//! # What
//! `--profiling` of kube-scheduler, which is on unless it is set to false; where `--config` names a
//! file, its `enableProfiling`, since the flag is then ignored.
//!
//! # Why
//! The profiling endpoints give memory contents, goroutines and timings of the scheduler to who may
//! ask them, and let them slow it down.
//!
//! # Remedy
//! Set `--profiling=false`, or `enableProfiling: false` in its configuration file.
//!
//! # What the remedy may break
//! Nothing but the gathering of profiles.
//!
//! # References
//! - https://kubernetes.io/docs/reference/command-line-tools-reference/kube-scheduler/

use kuberlock_model::component::ComponentKind;
use kuberlock_model::configuration::Configuration;
use kuberlock_model::{Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::running::{Running, Setting, in_file};

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Component(ComponentKind::Scheduler, evaluate),
};

fn evaluate(scheduler: &Running<'_>) -> Outcome {
    let file = scheduler.flag("config");
    let Some(path) = file.value.as_deref().filter(|path| !path.is_empty()) else {
        return judge(scheduler, scheduler.flag("profiling"), None);
    };
    match scheduler.configuration(path).map(|file| (&file.configuration, &file.origin)) {
        Some((Configuration::Scheduler(fields), origin)) => {
            // The file's default is the flag's: both come from the same defaulting.
            let default = || scheduler.default_of("profiling");
            let setting = in_file(fields, "enableProfiling", origin, default);
            judge(scheduler, setting, Some(path))
        }
        Some((Configuration::Unreadable(why), _)) => {
            Outcome::unknown(format!("`{path}` cannot be read: {why}")).with(file.evidence)
        }
        _ => Outcome::unknown(format!("its configuration file `{path}` was not seen"))
            .with(file.evidence),
    }
}

fn judge(scheduler: &Running<'_>, setting: Setting, file: Option<&str>) -> Outcome {
    let remedy = || match file {
        None => scheduler.set_flag("profiling", "false"),
        Some(path) => Remedy::Decision {
            question: format!(
                "set `enableProfiling: false` in `{path}`: the flag is ignored there"
            ),
        },
    };
    match setting.as_bool() {
        Some(false) => Outcome::pass("profiling is off"),
        Some(true) => Outcome::fail("profiling is on", remedy()),
        None => Outcome::unknown("its value is no boolean"),
    }
    .with(setting.evidence)
}
