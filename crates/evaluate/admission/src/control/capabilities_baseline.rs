//! No capability beyond those a container has anyway, and of these not `NET_RAW`.

use super::Control;
use crate::Pod;
use crate::found::Found;
use crate::standard::Level;

pub(super) const CONTROL: Control = Control {
    name: "capabilities_baseline",
    level: Level::Baseline,
    since: 0,
    replaced: Some(22),
    rule: "must not add capabilities beyond the default ones",
    look,
};

const ALLOWED: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

fn look<'a>(pod: &Pod<'a>, _: u32, found: &mut Found<'a>) {
    for container in &pod.spec.containers {
        for (index, name) in container.security().added.iter().enumerate() {
            if !ALLOWED.contains(&&**name) {
                let field = format!("securityContext.capabilities.add[{index}]");
                found.container(pod, container, &field, format!("adds {name}"));
            }
        }
    }
}
