//! Every container has a seccomp profile that filters, of its own or of its pod.

use super::seccomp_baseline::{FIELD, is_off, quoted};
use super::{Control, is_windows};
use crate::Pod;
use crate::found::Found;
use crate::standard::Level;

pub(super) const CONTROL: Control = Control {
    name: "seccompProfile_restricted",
    level: Level::Restricted,
    since: 19,
    replaced: None,
    rule: "must set the seccomp profile RuntimeDefault or Localhost",
    look,
};

fn look<'a>(pod: &Pod<'a>, minor: u32, found: &mut Found<'a>) {
    if is_windows(pod.spec, minor) {
        return;
    }
    let of_pod = pod.spec.security().seccomp.as_ref();
    if let Some(profile) = of_pod.filter(|profile| is_off(profile)) {
        found.pod(pod, FIELD, quoted(profile));
    }
    let pod_filters = of_pod.is_some_and(|profile| !is_off(profile));
    for container in &pod.spec.containers {
        match &container.security().seccomp {
            Some(profile) if is_off(profile) => {
                found.container(pod, container, FIELD, quoted(profile));
            }
            None if !pod_filters => {
                let value = "seccompProfile is not set".to_owned();
                found.container(pod, container, "securityContext", value);
            }
            _ => {}
        }
    }
}
