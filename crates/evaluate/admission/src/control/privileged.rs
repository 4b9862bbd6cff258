//! No container is privileged.

use super::Control;
use crate::Pod;
use crate::found::Found;
use crate::standard::Level;

pub(super) const CONTROL: Control = Control {
    name: "privileged",
    level: Level::Baseline,
    since: 0,
    replaced: None,
    rule: "must not be privileged",
    look,
};

fn look<'a>(pod: &Pod<'a>, _: u32, found: &mut Found<'a>) {
    for container in &pod.spec.containers {
        if container.security().privileged == Some(true) {
            let value = "privileged: true".to_owned();
            found.container(pod, container, "securityContext.privileged", value);
        }
    }
}
