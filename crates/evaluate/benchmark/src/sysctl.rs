//! The kernel settings that the kubelet insists on.
//!
//! Without `protectKernelDefaults` the kubelet sets them itself at its start; with it, it refuses to
//! start on a node where one differs (kubernetes, `pkg/kubelet/cm/container_manager_linux.go`).

use kuberlock_model::component::ComponentKind;
use kuberlock_model::{Remedy, Subject};

use crate::check::Outcome;
use crate::kubelet::Kubelet;
use crate::machine::Machine;

/// Whether the setting `name` has the value on which the kubelet insists.
pub(crate) fn kubelet_wants(
    machine: &Machine<'_>,
    name: &str,
    wanted: &str,
) -> Vec<(Subject, Outcome)> {
    let Some(value) = machine.host.sysctls.get(name) else {
        return machine.one(Outcome::unknown(format!("the machine's {name} was not seen")));
    };
    let evidence = machine
        .kernel_says(&format!("/proc/sys/{}", name.replace('.', "/")), format!("{name} = {value}"));
    let component = machine.context.component(ComponentKind::Kubelet, machine.node).cloned();
    let protects = Kubelet::of(machine.context, machine.node, component)
        .map(|kubelet| kubelet.field("protectKernelDefaults", "protect-kernel-defaults"));
    let outcome = match protects {
        None => Outcome::not_applicable("no kubelet runs here"),
        Some(Err(why)) => Outcome::unknown(why),
        Some(Ok(setting)) if setting.as_bool() != Some(true) => {
            Outcome::not_applicable("the kubelet sets it at its start").with(setting.evidence)
        }
        Some(Ok(setting)) if value == wanted => {
            Outcome::pass("it is as the kubelet wants it").with(setting.evidence)
        }
        Some(Ok(setting)) => {
            let remedy = Remedy::SetSysctl {
                node: machine.node.to_owned(),
                name: name.to_owned(),
                value: wanted.to_owned(),
            };
            let message = format!("the kubelet refuses to start until it is {wanted}");
            Outcome::fail(message, remedy).with(setting.evidence)
        }
    };
    machine.one(outcome.with(evidence))
}
