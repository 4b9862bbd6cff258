//! What the runtime hides of `/proc` stays hidden. Since 1.35 the baseline lets a pod with users of
//! its own see it; the stricter level does not.

use super::{Control, has_own_users};
use crate::Pod;
use crate::found::Found;
use crate::standard::Level;

pub(super) const BASELINE: Control = Control {
    name: "procMount",
    level: Level::Baseline,
    since: 0,
    replaced: Some(35),
    rule: "must keep the default procMount",
    look: baseline,
};

pub(super) const RESTRICTED: Control = Control {
    name: "procMount_restricted",
    level: Level::Restricted,
    since: 35,
    replaced: None,
    look,
    ..BASELINE
};

fn baseline<'a>(pod: &Pod<'a>, minor: u32, found: &mut Found<'a>) {
    if !has_own_users(pod.spec, minor) {
        look(pod, minor, found);
    }
}

fn look<'a>(pod: &Pod<'a>, _: u32, found: &mut Found<'a>) {
    for container in &pod.spec.containers {
        let set = container.security().proc_mount.as_deref();
        if let Some(word) = set.filter(|word| *word != "Default") {
            let value = format!("procMount: {word}");
            found.container(pod, container, "securityContext.procMount", value);
        }
    }
}
