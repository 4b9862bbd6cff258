//! No Windows container runs as a process of its node.

use super::Control;
use crate::Pod;
use crate::found::Found;
use crate::standard::Level;

pub(super) const CONTROL: Control = Control {
    name: "windowsHostProcess",
    level: Level::Baseline,
    since: 0,
    replaced: None,
    rule: "must not run as a process of a Windows node",
    look,
};

fn look<'a>(pod: &Pod<'a>, _: u32, found: &mut Found<'a>) {
    const FIELD: &str = "securityContext.windowsOptions.hostProcess";
    let value = || "hostProcess: true".to_owned();
    if pod.spec.security().host_process == Some(true) {
        found.pod(pod, FIELD, value());
    }
    for container in &pod.spec.containers {
        if container.security().host_process == Some(true) {
            found.container(pod, container, FIELD, value());
        }
    }
}
