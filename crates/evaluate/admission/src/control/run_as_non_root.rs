//! Containers say that they do not run as root, each or the pod for all.

use super::{Control, has_own_users, quoted};
use crate::Pod;
use crate::found::Found;
use crate::standard::Level;

pub(super) const CONTROL: Control = Control {
    name: "runAsNonRoot",
    level: Level::Restricted,
    since: 0,
    replaced: None,
    rule: "must set runAsNonRoot to true",
    look,
};

fn look<'a>(pod: &Pod<'a>, minor: u32, found: &mut Found<'a>) {
    if has_own_users(pod.spec, minor) {
        return;
    }
    let of_pod = pod.spec.security().run_as_non_root;
    if of_pod == Some(false) {
        found.pod(pod, "securityContext.runAsNonRoot", quoted("runAsNonRoot", of_pod));
    }
    for container in &pod.spec.containers {
        let set = container.security().run_as_non_root;
        let field = match (set, of_pod) {
            (Some(true), _) | (None, Some(true)) => continue,
            (Some(false), _) => "securityContext.runAsNonRoot",
            (None, _) => "securityContext",
        };
        found.container(pod, container, field, quoted("runAsNonRoot", set));
    }
}
