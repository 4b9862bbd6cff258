//! What a node's system does beside Kubernetes.
//!
//! Enters: the node's root, and its `/proc` where it runs. Leaves: facts. Always holds: of files
//! that tell who may log in or become root only counts and names leave, never their text; every
//! file and list is bounded.

pub(super) mod account;
mod daemon;
mod listener;

use std::collections::BTreeSet;
use std::io;

use kuberlock_model::system::{Group, Swap, SystemFact};

use super::process::Proc;
use super::root::{self, Root};

/// Bytes of one file.
const MOST_BYTES: u64 = 1 << 20;
/// Facts of one sort.
const MOST: usize = 1_000;

/// The facts of the system with this root; `proc` is its own, where it runs. What this user may not
/// read is added to `denied`.
pub(super) fn facts(
    root: &Root,
    proc: Option<&Proc>,
    denied: &mut BTreeSet<String>,
) -> Vec<SystemFact> {
    let mut facts = Vec::new();
    facts.extend(swaps(root, proc).into_iter().map(SystemFact::Swap));
    facts.extend(groups(root).into_iter().map(SystemFact::Group));
    facts
        .extend(account::authorized_keys(root, denied).into_iter().map(SystemFact::AuthorizedKeys));
    facts.extend(account::sudo_rules(root, denied).into_iter().map(SystemFact::SudoRule));
    facts.extend(daemon::daemons(root, proc).into_iter().map(SystemFact::Daemon));
    let listeners = proc.map(listener::listeners).unwrap_or_default();
    facts.extend(listeners.into_iter().map(SystemFact::Listener));
    facts.sort();
    facts.dedup();
    facts
}

/// The text of the regular file at `path`, where it can be read.
fn text(root: &Root, path: &str) -> Option<String> {
    read(root, path).ok()
}

/// As [`text`], telling what may not be read.
fn text_or_denial(root: &Root, path: &str, denied: &mut BTreeSet<String>) -> Option<String> {
    let read = read(root, path);
    if read.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::PermissionDenied) {
        denied.insert(path.to_owned());
    }
    read.ok()
}

fn read(root: &Root, path: &str) -> io::Result<String> {
    let place = root.find(path, &mut |_| {})?;
    let name = place.path.rsplit('/').next().unwrap_or_default();
    let bytes = root::read(&place.parent, name, MOST_BYTES)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What swaps now, and what `/etc/fstab` would let swap.
fn swaps(root: &Root, proc: Option<&Proc>) -> Vec<Swap> {
    let active = proc.and_then(|proc| proc.text("swaps")).unwrap_or_default();
    let first = |line: &str| line.split_whitespace().next().map(str::to_owned);
    let mut devices: Vec<String> = active.lines().skip(1).filter_map(first).collect();
    devices.truncate(MOST);
    let mut swaps: Vec<Swap> =
        devices.into_iter().map(|device| Swap { device, active: true }).collect();
    let table = text(root, "/etc/fstab").unwrap_or_default();
    let swap = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        match fields.as_slice() {
            [device, _, "swap", ..] if !device.starts_with('#') => Some((*device).to_owned()),
            _ => None,
        }
    };
    let named = table.lines().filter_map(swap).take(MOST);
    swaps.extend(named.map(|device| Swap { device, active: false }));
    swaps
}

/// The groups that have members.
fn groups(root: &Root) -> Vec<Group> {
    let table = text(root, "/etc/group").unwrap_or_default();
    let group = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?.to_owned();
        let gid = fields.nth(1)?.parse().ok()?;
        let members: Vec<String> = fields
            .next()?
            .split(',')
            .map(str::trim)
            .filter(|m| !m.is_empty())
            .map(str::to_owned)
            .collect();
        (!members.is_empty()).then_some(Group { name, gid, members })
    };
    table.lines().filter_map(group).take(MOST).collect()
}
