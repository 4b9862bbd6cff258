//! Questions about fields of the kubelet's configuration, in the shapes that several checks share.
//!
//! Enters: a kubelet. Leaves: an outcome with its evidence. Always holds: the value is the one that
//! takes effect, flag over drop-in over file over default.

use kuberlock_model::Remedy;
use serde_json::Value;

use crate::check::Outcome;
use crate::flag::{Said, is};
use crate::kubelet::Kubelet;
use crate::running::Setting;

/// A field by its path, and the flag that sets it too.
pub(crate) type Name = (&'static str, &'static str);

/// The value that takes effect, or the outcome that says why it is not known.
pub(crate) fn setting(kubelet: &Kubelet<'_>, (path, flag): Name) -> Result<Setting, Box<Outcome>> {
    let setting = kubelet.field(path, flag).map_err(|why| Box::new(Outcome::unknown(why)))?;
    let table = kubelet.context().table.table;
    if !setting.is_set && table.kubelet_field(path).is_none() {
        let message = format!("the field `{path}` does not exist in {}", table.minor);
        return Err(Box::new(Outcome::not_applicable(message).with(setting.evidence)));
    }
    Ok(setting)
}

/// A boolean field that should be `wanted`.
pub(crate) fn boolean(kubelet: &Kubelet<'_>, name: Name, wanted: bool, said: Said) -> Outcome {
    match setting(kubelet, name) {
        Err(outcome) => *outcome,
        Ok(setting) => is(&setting, wanted, said, || set(kubelet, name, wanted)),
    }
}

/// The remedy that gives the field this value, where it is decided today.
pub(crate) fn set(kubelet: &Kubelet<'_>, (path, flag): Name, value: impl Into<Value>) -> Remedy {
    kubelet.set_field(path, flag, value.into())
}

/// The field as a whole number.
pub(crate) fn number(
    kubelet: &Kubelet<'_>,
    name: Name,
    judge: impl FnOnce(i64) -> Outcome,
) -> Outcome {
    let setting = match setting(kubelet, name) {
        Ok(setting) => setting,
        Err(outcome) => return *outcome,
    };
    match setting.value.as_deref().and_then(|value| value.parse().ok()) {
        Some(value) => judge(value),
        None => Outcome::unknown("its value is no number"),
    }
    .with(setting.evidence)
}
