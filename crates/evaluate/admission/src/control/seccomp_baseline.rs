//! Whoever names a seccomp profile names one that filters. Before 1.19 it was named by annotations.

use kuberlock_model::workload::Profile;

use super::Control;
use crate::Pod;
use crate::found::Found;
use crate::standard::Level;

pub(super) const CONTROL: Control = Control {
    name: "seccompProfile_baseline",
    level: Level::Baseline,
    since: 0,
    replaced: Some(19),
    rule: "must not take the seccomp profile off",
    look,
};

/// The field of a pod or container.
pub(super) const FIELD: &str = "securityContext.seccompProfile.type";
const OF_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
const OF_CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";

fn look<'a>(pod: &Pod<'a>, minor: u32, found: &mut Found<'a>) {
    if minor < 19 {
        return annotations(pod, found);
    }
    if let Some(profile) = pod.spec.security().seccomp.as_ref().filter(|p| is_off(p)) {
        found.pod(pod, FIELD, quoted(profile));
    }
    for container in &pod.spec.containers {
        if let Some(profile) = container.security().seccomp.as_ref().filter(|p| is_off(p)) {
            found.container(pod, container, FIELD, quoted(profile));
        }
    }
}

fn annotations<'a>(pod: &Pod<'a>, found: &mut Found<'a>) {
    let is_container = |name: &str| pod.spec.containers.iter().any(|c| c.name == name);
    for (key, value) in pod.annotations {
        let counts = key == OF_POD || key.strip_prefix(OF_CONTAINER).is_some_and(is_container);
        let filters = matches!(value.as_str(), "runtime/default" | "docker/default")
            || value.starts_with("localhost/");
        if counts && !filters {
            found.annotation(pod, key, value);
        }
    }
}

/// Whether a profile filters nothing, or is none that is known.
pub(super) fn is_off(profile: &Profile) -> bool {
    !matches!(profile, Profile::RuntimeDefault | Profile::Localhost)
}

/// How a profile is quoted.
pub(super) fn quoted(profile: &Profile) -> String {
    format!("seccompProfile.type: {}", profile.word())
}
