//! Only kernel settings that stay within the pod.

use super::Control;
use crate::Pod;
use crate::found::Found;
use crate::standard::Level;

pub(super) const CONTROL: Control = Control {
    name: "sysctls",
    level: Level::Baseline,
    since: 0,
    replaced: None,
    rule: "must not set kernel settings that reach beyond it",
    look,
};

/// The settings that are allowed, each with the minor that allowed it.
const ALLOWED: [(&str, u32); 14] = [
    ("kernel.shm_rmid_forced", 0),
    ("net.ipv4.ip_local_port_range", 0),
    ("net.ipv4.ip_local_reserved_ports", 27),
    ("net.ipv4.ip_unprivileged_port_start", 0),
    ("net.ipv4.ping_group_range", 0),
    ("net.ipv4.tcp_fin_timeout", 29),
    ("net.ipv4.tcp_keepalive_intvl", 29),
    ("net.ipv4.tcp_keepalive_probes", 29),
    ("net.ipv4.tcp_keepalive_time", 29),
    ("net.ipv4.tcp_notsent_lowat", 37),
    ("net.ipv4.tcp_rmem", 32),
    ("net.ipv4.tcp_slow_start_after_idle", 37),
    ("net.ipv4.tcp_syncookies", 0),
    ("net.ipv4.tcp_wmem", 32),
];

fn look<'a>(pod: &Pod<'a>, minor: u32, found: &mut Found<'a>) {
    let is_allowed =
        |name: &str| ALLOWED.iter().any(|(allowed, since)| *allowed == name && minor >= *since);
    for (index, name) in pod.spec.security().sysctls.iter().enumerate() {
        if !is_allowed(name) {
            let field = format!("securityContext.sysctls[{index}].name");
            found.pod(pod, &field, format!("sysctl {name}"));
        }
    }
}
