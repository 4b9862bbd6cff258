//! No container takes a port of its node.

use super::Control;
use crate::Pod;
use crate::found::Found;
use crate::standard::Level;

pub(super) const CONTROL: Control = Control {
    name: "hostPorts",
    level: Level::Baseline,
    since: 0,
    replaced: None,
    rule: "must not take ports of the node",
    look,
};

fn look<'a>(pod: &Pod<'a>, _: u32, found: &mut Found<'a>) {
    for container in &pod.spec.containers {
        for taken in &container.host_ports {
            let field = format!("ports[{}].hostPort", taken.index);
            found.container(pod, container, &field, format!("hostPort: {}", taken.port));
        }
    }
}
