//! Feature gates: what is written over the release's table.

use kuberlock_model::Evidence;
use kuberlock_model::component::parse_bool;

use crate::context::Context;
use crate::kubelet::Kubelet;
use crate::running::{Running, Setting};

/// Whether the gate `name` is on for a component; `None` where the release has no such gate and
/// nothing sets it.
pub(crate) fn of_running(running: &Running<'_>, name: &str) -> Option<Setting> {
    written(running.flag("feature-gates"), name).or_else(|| default_of(running.context, name))
}

/// Whether the gate `name` is on for a kubelet.
///
/// # Errors
/// A configuration file could not be read: which, and why.
pub(crate) fn of_kubelet(kubelet: &Kubelet<'_>, name: &str) -> Result<Option<Setting>, String> {
    let flag = kubelet.flag("feature-gates").and_then(|setting| written(setting, name));
    if flag.is_some() {
        return Ok(flag);
    }
    // The flag is a map, which the kubelet lays over the file's gate by gate.
    let field = kubelet.field(&format!("featureGates.{name}"), "")?;
    Ok(if field.is_set { Some(field) } else { default_of(kubelet.context(), name) })
}

/// The gate in the value of a `--feature-gates`: `A=true,B=false`, or `kube:A=true` where gates are
/// told apart by component. The last counts.
fn written(flag: Setting, name: &str) -> Option<Setting> {
    let of = |element: &&str| {
        let (gate, value) = element.split_once('=')?;
        let gate = gate.rsplit(':').next().unwrap_or(gate);
        (gate == name).then(|| parse_bool(value))?
    };
    let on = flag.elements().iter().rev().find_map(of)?;
    Some(Setting { value: Some(on.to_string()), ..flag })
}

fn default_of(context: &Context<'_>, name: &str) -> Option<Setting> {
    let table = context.table.table;
    let on = table.feature_gates.iter().find(|gate| gate.name == name)?.default;
    let said = format!("feature gate {name} not set: {on}");
    let evidence = Evidence::default_of(said, table.minor.clone());
    Some(Setting { value: Some(on.to_string()), evidence, is_set: false })
}
