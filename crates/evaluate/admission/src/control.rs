//! The controls, one file each.

mod allow_privilege_escalation;
mod app_armor_profile;
mod capabilities_baseline;
mod capabilities_restricted;
mod host_namespaces;
mod host_path_volumes;
mod host_ports;
mod host_probes;
mod privileged;
mod proc_mount;
mod restricted_volumes;
mod run_as_non_root;
mod run_as_user;
mod se_linux_options;
mod seccomp_baseline;
mod seccomp_restricted;
mod sysctls;
mod windows_host_process;

use kuberlock_model::workload::PodSpec;

use crate::Pod;
use crate::found::Found;
use crate::standard::Level;

/// One control of the standards.
#[derive(Debug)]
pub struct Control {
    /// Its name, as the standards' own plugin calls it.
    pub name: &'static str,
    /// The mildest level that has it.
    pub level: Level,
    /// The first minor that has it.
    pub since: u32,
    /// From which minor on another control of the stricter level takes its place there.
    pub replaced: Option<u32>,
    /// What it demands, after who does not: `must not be privileged`.
    pub rule: &'static str,
    pub(crate) look: for<'a> fn(&Pod<'a>, u32, &mut Found<'a>),
}

impl Control {
    /// Whether it is held against pods at this level and minor.
    pub fn is_in_force(&self, level: Level, minor: u32) -> bool {
        let is_replaced = self.replaced.is_some_and(|from| minor >= from);
        minor >= self.since && self.level <= level && !(is_replaced && level == Level::Restricted)
    }
}

/// Every control: those of the baseline first, each by name.
pub fn controls() -> &'static [Control] {
    static CONTROLS: [Control; 19] = [
        app_armor_profile::CONTROL,
        capabilities_baseline::CONTROL,
        host_namespaces::CONTROL,
        host_path_volumes::CONTROL,
        host_ports::CONTROL,
        host_probes::CONTROL,
        privileged::CONTROL,
        proc_mount::BASELINE,
        se_linux_options::CONTROL,
        seccomp_baseline::CONTROL,
        sysctls::CONTROL,
        windows_host_process::CONTROL,
        allow_privilege_escalation::CONTROL,
        capabilities_restricted::CONTROL,
        proc_mount::RESTRICTED,
        restricted_volumes::CONTROL,
        run_as_non_root::CONTROL,
        run_as_user::CONTROL,
        seccomp_restricted::CONTROL,
    ];
    &CONTROLS
}

/// What Windows does not have is not asked of its pods, since 1.25.
fn is_windows(spec: &PodSpec, minor: u32) -> bool {
    minor >= 25 && spec.is_windows
}

/// Users of a pod in a user namespace of its own are nobody on the node: since 1.35 it may do as
/// root what it could not otherwise.
fn has_own_users(spec: &PodSpec, minor: u32) -> bool {
    minor >= 35 && spec.host_users == Some(false)
}

/// How a boolean that is not as it should be is quoted.
fn quoted(field: &str, value: Option<bool>) -> String {
    match value {
        Some(value) => format!("{field}: {value}"),
        None => format!("{field} is not set"),
    }
}
