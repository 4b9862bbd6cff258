//! SELinux confines containers by the types made for them; user and role stay as they are.

use kuberlock_model::workload::SeLinux;

use super::Control;
use crate::Pod;
use crate::found::Found;
use crate::standard::Level;

pub(super) const CONTROL: Control = Control {
    name: "seLinuxOptions",
    level: Level::Baseline,
    since: 0,
    replaced: None,
    rule: "must not set an SELinux user or role, nor a type that is not made for containers",
    look,
};

fn look<'a>(pod: &Pod<'a>, minor: u32, found: &mut Found<'a>) {
    if let Some(options) = &pod.spec.security().se_linux {
        for (field, value) in forbidden(options, minor) {
            found.pod(pod, &path(field), format!("{field}: {value}"));
        }
    }
    for container in &pod.spec.containers {
        if let Some(options) = &container.security().se_linux {
            for (field, value) in forbidden(options, minor) {
                found.container(pod, container, &path(field), format!("{field}: {value}"));
            }
        }
    }
}

fn path(field: &str) -> String {
    format!("securityContext.seLinuxOptions.{field}")
}

fn forbidden(options: &SeLinux, minor: u32) -> impl Iterator<Item = (&'static str, &str)> {
    let is_allowed = match &*options.kind {
        "" | "container_t" | "container_init_t" | "container_kvm_t" => true,
        "container_engine_t" => minor >= 31,
        _ => false,
    };
    let kind = (!is_allowed).then_some(("type", &*options.kind));
    let user = (!options.user.is_empty()).then_some(("user", &*options.user));
    let role = (!options.role.is_empty()).then_some(("role", &*options.role));
    [kind, user, role].into_iter().flatten()
}
