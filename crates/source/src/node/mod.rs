//! The root of a node: what is on its machine.
//!
//! Enters: a directory that is a node's root: `/`, a mounted disk, an unpacked image. Leaves:
//! records of files, processes, kernel settings and versions. Always holds: nothing outside of the
//! root is read, wherever its links point; no key, token, socket or device is opened; nothing is
//! executed; what this user may not read is told.
//!
//! ```text
//! table ─┐
//! units ─┼─▶ collect ─▶ processes, or command lines of units ─▶ kubelet's files ─▶ static pods
//! proc ──┘                                                       └─▶ files that flags name
//! ```

mod certificate;
mod collect;
pub mod machine;
mod process;
pub(crate) mod root;
mod system;
mod table;
mod unit;
mod units;
mod version;
mod words;

use std::collections::BTreeSet;
use std::path::Path;

use kuberlock_model::Origin;
use kuberlock_model::component::Embedded;
use kuberlock_model::configuration::Fields;
use kuberlock_model::coverage::{Reach, Reading, Unread};
use kuberlock_model::host::{FileType, Process};
use serde_json::Value;

use self::collect::{Collected, Collector};
use self::process::Proc;
use self::root::Root;
use self::table::Content;
use crate::convert::host::embedded::{self, Supervised};
use crate::convert::host::kubelet::{self, Kubelet};
use crate::convert::host::named;
use crate::{Error, HostRecord, Record, yaml};

/// Reads the machine whose root is `root`, and returns the node's name: `node` where given, else
/// the kubelet's `--hostname-override`, else the root's `/etc/hostname`, else `node`.
pub fn read(
    node: Option<&str>,
    root: &Path,
    emit: &mut dyn FnMut(Vec<Record>),
) -> Result<String, Error> {
    let root = Root::open(root)?;
    let mut collector = Collector::new(&root);
    collector.take_table();
    let hostname = node.map(str::to_owned).or_else(|| hostname(&root));
    let units = units::read(&mut collector, hostname.as_deref().unwrap_or(UNNAMED));
    let proc = Proc::of(&root);
    let processes = match &proc {
        // k3s and RKE2 hide their arguments when they start; their units still tell them.
        Some(proc) => {
            let hidden = units.into_iter().filter(embedded::is_supervisor);
            proc.processes().into_iter().chain(hidden).collect()
        }
        None => units,
    };
    let unnamed = hostname.as_deref().unwrap_or(UNNAMED);
    let supervised = Supervised::of(unnamed, &processes, collector.files());
    let kubelet = Kubelet::of(&processes, &supervised.components);
    let name = node.map(str::to_owned).or_else(|| kubelet.flag("hostname-override")).or(hostname);
    let name = name.filter(|name| is_node_name(name)).unwrap_or_else(|| UNNAMED.to_owned());

    take_networks(&mut collector);
    let pods = take_kubelet(&mut collector, &kubelet);
    take_named(&mut collector, &processes, &pods, &supervised.components);
    for (_, _, home) in system::account::homes(&root) {
        collector.take(&format!("{}/.kube/config", home.trim_end_matches('/')), 0, Content::All);
    }
    let versions = version::versions(&root, proc.as_ref(), collector.files(), &pods);
    let sysctls = proc.as_ref().map(Proc::sysctls).unwrap_or_default();

    let Collected { files, certificates, mut denied, bound } = collector.finish();
    let system = system::facts(&root, proc.as_ref(), &mut denied);
    let mut records = readings(&name, &files, &denied, bound, &kubelet);
    let host = |record| Record::Host { node: name.clone(), record };
    records.extend(files.into_values().map(|file| host(HostRecord::File(file))));
    records.extend(processes.into_iter().map(|process| host(HostRecord::Process(process))));
    records.extend(sysctls.into_iter().map(|sysctl| host(HostRecord::Sysctl(sysctl))));
    records.extend(versions.into_iter().map(|version| host(HostRecord::Version(version))));
    let certificates = certificates.into_iter().map(|of| HostRecord::Certificate(Box::new(of)));
    records.extend(certificates.map(host));
    records.extend(system.into_iter().map(|fact| host(HostRecord::System(fact))));
    emit(records);
    Ok(name)
}

/// The name of a node that tells none.
const UNNAMED: &str = "node";

/// Whether `name` can be a node's: a DNS subdomain (RFC 1123).
pub(crate) fn is_node_name(name: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

/// The host's name as the kubelet takes it: lower-case.
fn hostname(root: &Root) -> Option<String> {
    let place = root.find("/etc/hostname", &mut |_| {}).ok()?;
    let name = place.path.rsplit('/').next()?;
    let bytes = root::read(&place.parent, name, 1024).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let mut lines = text.lines().map(str::trim);
    let name = lines.find(|line| !line.is_empty() && !line.starts_with('#'))?.to_lowercase();
    is_node_name(&name).then_some(name)
}

/// Takes the kubelet's configuration and static pods; returns the documents of these by path.
fn take_kubelet(collector: &mut Collector<'_>, kubelet: &Kubelet) -> Vec<(String, Value)> {
    if let Some(path) = kubelet.config(collector.files()) {
        collector.take(&path, 0, Content::All);
        take_fields(collector, &path);
    }
    if let Some(folder) = kubelet.drop_in_folder(collector.files()) {
        collector.take(&folder, table::DEEP, Content::Ending(&[".conf"]));
    }
    for path in kubelet.drop_ins(collector.files()) {
        take_fields(collector, &path);
    }
    let Some(folder) = kubelet.static_pods(collector.files()) else { return Vec::new() };
    collector.take(&folder, 1, Content::All);
    let files = kubelet::static_pod_files(collector.files(), &folder);
    let document = |path: String| {
        let (_, text) = kubelet::text(collector.files(), &path).ok()?;
        Some((path, yaml::to_value(text).ok()?))
    };
    files.into_iter().filter_map(document).collect()
}

/// Takes the folders of networks that the container runtime's configuration names: `conf_dir` of
/// containerd, `network_dir` of CRI-O.
fn take_networks(collector: &mut Collector<'_>) {
    let is_runtime = |path: &str| path.contains("/containerd/") || path.contains("/crio/");
    let files = collector.files().values().filter(|file| is_runtime(&file.path));
    let lines = files.filter_map(|file| file.content.as_deref()).flat_map(str::lines);
    let folder = |line: &str| {
        let (key, value) = line.split_once('=')?;
        let folder = value.trim().trim_matches(['"', '\'']);
        let names = ["conf_dir", "network_dir"].contains(&key.trim());
        (names && folder.starts_with('/')).then(|| folder.to_owned())
    };
    let folders: BTreeSet<String> = lines.filter_map(folder).collect();
    for folder in folders {
        collector.take(&folder, 2, table::CONFIGURATION);
    }
}

/// Takes the files that the flags of components name.
fn take_named(
    collector: &mut Collector<'_>,
    processes: &[Process],
    pods: &[(String, Value)],
    embedded: &[Embedded],
) {
    let documents: Vec<&Value> = pods.iter().map(|(_, pod)| pod).collect();
    for named in named::files(processes, &documents, embedded) {
        let Some(path) = named.path else { continue };
        let read = table::is_read(&named.flag);
        collector.take(&path, 0, if read { Content::All } else { Content::Nothing });
        if matches!(named.flag.as_str(), "config" | "config-file") {
            take_fields(collector, &path);
        }
    }
}

/// Takes the files that the fields of the configuration file at `path` name.
fn take_fields(collector: &mut Collector<'_>, path: &str) {
    let Ok((_, text)) = kubelet::text(collector.files(), path) else { return };
    let Ok(document) = yaml::to_value(text) else { return };
    for (field, value) in Fields::flatten(&document).0 {
        if let Some(file) = value.as_str().filter(|value| value.starts_with('/')) {
            let read = table::is_read(&field.to_ascii_lowercase());
            collector.take(file, 0, if read { Content::All } else { Content::Nothing });
        }
    }
}

/// What was seen of the node, and what was not.
fn readings(
    node: &str,
    files: &kubelet::Files,
    denied: &BTreeSet<String>,
    bound: Option<String>,
    kubelet: &Kubelet,
) -> Vec<Record> {
    let mut readings = Vec::new();
    let denial = (!denied.is_empty()).then(|| denial(denied));
    let reach = match [denial, bound].into_iter().flatten().collect::<Vec<_>>() {
        reasons if reasons.is_empty() => Reach::Complete,
        reasons => Reach::Partial(reasons.join("; ")),
    };
    readings.push(Reading::Host(node.to_owned(), reach));
    let folder = kubelet.static_pods(files).map(|folder| format!("{folder}/"));
    for file in files.values() {
        // What is no regular file among the static pods, the kubelet passes over, as we do.
        let special = file.file_type == FileType::Special
            && folder.as_ref().is_some_and(|folder| file.path.starts_with(folder));
        if let (Some(reason), false) = (&file.unread, special) {
            readings.push(unread(node, &file.path, reason));
        }
    }
    let told = |path: &&String| files.get(*path).is_none_or(|file| file.unread.is_none());
    let untold = denied.iter().filter(told);
    readings.extend(untold.map(|path| unread(node, path, "this user may not read it")));
    readings.into_iter().map(Record::Reading).collect()
}

fn unread(node: &str, path: &str, reason: &str) -> Reading {
    let origin = Origin::whole(format!("{node}:{path}"));
    Reading::Unread(Unread::new(origin, reason))
}

/// The paths that may not be read, the first few by name.
fn denial(denied: &BTreeSet<String>) -> String {
    const NAMED: usize = 3;
    let names: Vec<_> = denied.iter().take(NAMED).map(|path| format!("`{path}`")).collect();
    let names = names.join(", ");
    match denied.len().saturating_sub(NAMED) {
        0 => format!("this user may not read {names}"),
        more => format!("this user may not read {names} and {more} more"),
    }
}

#[cfg(test)]
mod tests;
