//! A pod has a network, processes and inter-process communication of its own.

use super::Control;
use crate::Pod;
use crate::found::Found;
use crate::standard::Level;

pub(super) const CONTROL: Control = Control {
    name: "hostNamespaces",
    level: Level::Baseline,
    since: 0,
    replaced: None,
    rule: "must not share the namespaces of its node",
    look,
};

fn look<'a>(pod: &Pod<'a>, _: u32, found: &mut Found<'a>) {
    let spec = pod.spec;
    let shared = [
        ("hostNetwork", spec.host_network),
        ("hostPID", spec.host_pid),
        ("hostIPC", spec.host_ipc),
    ];
    for (field, _) in shared.into_iter().filter(|(_, is_shared)| *is_shared) {
        found.pod(pod, field, format!("{field}: true"));
    }
}
