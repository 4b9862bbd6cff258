//! Daemons that something rests on: those that keep time.

use std::collections::BTreeMap;

use kuberlock_model::system::{Daemon, DaemonState};

use super::super::process::Proc;
use super::super::root::Root;

/// The names of a time daemon: as its process calls itself, its unit, its configuration.
struct Known {
    name: &'static str,
    units: &'static [&'static str],
    files: &'static [&'static str],
}

static TIME: [Known; 4] = [
    Known {
        name: "chronyd",
        units: &["chrony", "chronyd"],
        files: &["/etc/chrony.conf", "/etc/chrony/chrony.conf"],
    },
    Known {
        name: "systemd-timesyncd",
        units: &["systemd-timesyncd"],
        files: &["/etc/systemd/timesyncd.conf"],
    },
    Known {
        name: "ntpd",
        units: &["ntp", "ntpd", "ntpsec", "openntpd"],
        files: &["/etc/ntp.conf"],
    },
    Known { name: "ptp4l", units: &["ptp4l"], files: &["/etc/ptp4l.conf"] },
];

/// Where systemd keeps what it starts with the machine.
static WANTS: [&str; 4] = [
    "/etc/systemd/system/multi-user.target.wants",
    "/etc/systemd/system/sysinit.target.wants",
    "/usr/lib/systemd/system/multi-user.target.wants",
    "/usr/lib/systemd/system/sysinit.target.wants",
];

/// The time daemons of the system, each as far as it has come.
pub(super) fn daemons(root: &Root, proc: Option<&Proc>) -> Vec<Daemon> {
    let mut states: BTreeMap<&str, DaemonState> = BTreeMap::new();
    let running = proc.map(Proc::programs).unwrap_or_default();
    for known in &TIME {
        let is_there = |path: &str| root.find(path, &mut |_| {}).is_ok();
        let enabled = |unit: &&str| {
            WANTS.iter().any(|folder| lies_in(root, folder, &format!("{unit}.service")))
        };
        let state = if running.iter().any(|program| program == known.name) {
            DaemonState::Running
        } else if known.units.iter().any(enabled) {
            DaemonState::Enabled
        } else if known.files.iter().any(|path| is_there(path)) {
            DaemonState::Installed
        } else {
            continue;
        };
        states.insert(known.name, state);
    }
    states.into_iter().map(|(name, state)| Daemon { name: name.to_owned(), state }).collect()
}

/// Whether `folder` holds `name`, be it a link that leads out of a mounted root.
fn lies_in(root: &Root, folder: &str, name: &str) -> bool {
    let directory = root.directory(folder);
    directory.is_ok_and(|fd| super::super::root::stat(fd, name).is_ok())
}
