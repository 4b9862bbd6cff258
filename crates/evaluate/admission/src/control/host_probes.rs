//! Probes and lifecycle handlers name no host: the kubelet would connect to it from the node.

use super::Control;
use crate::Pod;
use crate::found::Found;
use crate::standard::Level;

pub(super) const CONTROL: Control = Control {
    name: "hostProbesAndHostLifecycle",
    level: Level::Baseline,
    since: 34,
    replaced: None,
    rule: "must not name a host in probes and lifecycle handlers",
    look,
};

fn look<'a>(pod: &Pod<'a>, _: u32, found: &mut Found<'a>) {
    for container in &pod.spec.containers {
        for named in &container.handler_hosts {
            found.container(pod, container, named.field, format!("host: {}", named.host));
        }
    }
}
