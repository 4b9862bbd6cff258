//! The units of a node that start components, from systemd's folders.

use std::collections::{BTreeMap, BTreeSet};

use kuberlock_model::component::ComponentKind;
use kuberlock_model::host::Process;

use super::collect::Collector;
use super::process;
use super::table::{Content, UNIT_FOLDERS, UNITS};
use super::unit::{Part, Service, Start};
use crate::convert::host::kubelet;
use crate::redact;

/// Takes the unit files, drop-ins and environment files of components and runtimes, and returns
/// the command lines that they would start on `node`.
pub(super) fn read(collector: &mut Collector<'_>, node: &str) -> Vec<Process> {
    let mut units: BTreeMap<String, Unit> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for folder in UNIT_FOLDERS {
        let (folder, names) = collector.names(folder);
        // `/lib` is `/usr/lib` on most machines.
        if folder.is_empty() || !seen.insert(folder.clone()) {
            continue;
        }
        for name in names.iter().filter(|name| UNITS.iter().any(|unit| name.starts_with(unit))) {
            let path = format!("{folder}/{name}");
            if let Some(unit) = name.strip_suffix(".d").filter(|unit| unit.ends_with(".service")) {
                collector.take(&path, 1, Content::Ending(&[".conf"]));
                let (path, drop_ins) = collector.names(&path);
                let unit = units.entry(unit.to_owned()).or_default();
                for drop_in in drop_ins.into_iter().filter(|name| name.ends_with(".conf")) {
                    let path = format!("{path}/{drop_in}");
                    unit.drop_ins.entry(drop_in).or_insert(path);
                }
            } else if name.ends_with(".service") {
                collector.take(&path, 0, Content::All);
                units.entry(name.clone()).or_default().file.get_or_insert(path);
            }
        }
    }
    units.iter().flat_map(|(name, unit)| unit.processes(name, node, collector)).collect()
}

/// The files of one unit.
#[derive(Debug, Default)]
struct Unit {
    /// The unit file of the first folder that has one.
    file: Option<String>,
    /// Drop-ins by name: of the same name, that of the first folder.
    drop_ins: BTreeMap<String, String>,
}

impl Unit {
    fn processes(&self, name: &str, node: &str, collector: &mut Collector<'_>) -> Vec<Process> {
        // A unit that is a link to `/dev/null` is masked: it has no text, and starts nothing.
        let Some(file) = self.file.as_ref().and_then(|path| part(collector, path)) else {
            return Vec::new();
        };
        let drop_ins = self.drop_ins.values().filter_map(|path| part(collector, path));
        let parts: Vec<Part> = std::iter::once(file).chain(drop_ins).collect();
        let service = Service::read(&parts);
        let environment: Vec<String> = service
            .environment_files(name, node)
            .iter()
            .filter_map(|path| {
                collector.take(path, 0, Content::All);
                part(collector, path).map(|part| part.text)
            })
            .collect();
        service.starts(name, node, &environment).into_iter().filter_map(recovered).collect()
    }
}

fn part(collector: &Collector<'_>, path: &str) -> Option<Part> {
    let (path, text) = kubelet::text(collector.files(), path).ok()?;
    Some(Part { path: path.to_owned(), text: text.to_owned() })
}

/// The command line of a unit, where it starts a component or a runtime.
fn recovered(start: Start) -> Option<Process> {
    let kind = ComponentKind::of_command(&start.args);
    if kind.is_none() && !process::is_runtime(start.args.first()?) {
        return None;
    }
    let pairs = start.environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let environment = match kind {
        Some(ComponentKind::Etcd) => process::etcd_variables(pairs),
        _ => BTreeMap::new(),
    };
    let args = redact::arguments(&start.args);
    Some(Process { pid: None, args, environment, file: Some(start.path) })
}
