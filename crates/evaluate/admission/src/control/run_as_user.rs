//! Nobody asks to run as root.

use super::{Control, has_own_users};
use crate::Pod;
use crate::found::Found;
use crate::standard::Level;

pub(super) const CONTROL: Control = Control {
    name: "runAsUser",
    level: Level::Restricted,
    since: 23,
    replaced: None,
    rule: "must not set runAsUser to 0",
    look,
};

fn look<'a>(pod: &Pod<'a>, minor: u32, found: &mut Found<'a>) {
    const FIELD: &str = "securityContext.runAsUser";
    if has_own_users(pod.spec, minor) {
        return;
    }
    if pod.spec.security().run_as_user == Some(0) {
        found.pod(pod, FIELD, "runAsUser: 0".to_owned());
    }
    for container in &pod.spec.containers {
        if container.security().run_as_user == Some(0) {
            found.container(pod, container, FIELD, "runAsUser: 0".to_owned());
        }
    }
}
