//! The runtime's AppArmor profile may be replaced by another, but not taken off.

use kuberlock_model::workload::Profile;

use super::Control;
use crate::Pod;
use crate::found::Found;
use crate::standard::Level;

pub(super) const CONTROL: Control = Control {
    name: "appArmorProfile",
    level: Level::Baseline,
    since: 0,
    replaced: None,
    rule: "must not take the AppArmor profile off",
    look,
};

/// How profiles were set before they had a field.
const ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";

fn look<'a>(pod: &Pod<'a>, _: u32, found: &mut Found<'a>) {
    const FIELD: &str = "securityContext.appArmorProfile.type";
    let value = |profile: &Profile| format!("appArmorProfile.type: {}", profile.word());
    if let Some(profile) = pod.spec.security().app_armor.as_ref().filter(|p| is_off(p)) {
        found.pod(pod, FIELD, value(profile));
    }
    for container in &pod.spec.containers {
        if let Some(profile) = container.security().app_armor.as_ref().filter(|p| is_off(p)) {
            found.container(pod, container, FIELD, value(profile));
        }
    }
    for (key, value) in pod.annotations {
        if key.starts_with(ANNOTATION) && !is_allowed_annotation(value) {
            found.annotation(pod, key, value);
        }
    }
}

fn is_off(profile: &Profile) -> bool {
    !matches!(profile, Profile::RuntimeDefault | Profile::Localhost)
}

fn is_allowed_annotation(value: &str) -> bool {
    value.is_empty() || value == "runtime/default" || value.starts_with("localhost/")
}
