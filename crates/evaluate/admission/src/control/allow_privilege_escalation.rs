//! A process may not gain more privileges than its parent has: no set-user-ID programs.

use super::{Control, is_windows, quoted};
use crate::Pod;
use crate::found::Found;
use crate::standard::Level;

pub(super) const CONTROL: Control = Control {
    name: "allowPrivilegeEscalation",
    level: Level::Restricted,
    since: 8,
    replaced: None,
    rule: "must set allowPrivilegeEscalation to false",
    look,
};

fn look<'a>(pod: &Pod<'a>, minor: u32, found: &mut Found<'a>) {
    if is_windows(pod.spec, minor) {
        return;
    }
    for container in &pod.spec.containers {
        let set = container.security().allow_privilege_escalation;
        let field = match set {
            Some(false) => continue,
            Some(true) => "securityContext.allowPrivilegeEscalation",
            None => "securityContext",
        };
        found.container(pod, container, field, quoted("allowPrivilegeEscalation", set));
    }
}
