//! Components that k3s and RKE2 start without a command line that can be seen.
//!
//! Enters: the processes and files of a node. Leaves: for each such component the command line its
//! supervisor gives it: the supervisor's own defaults, and over them what its command line and its
//! configuration files say. Always holds: each word knows where it was read; where the supervisor's
//! own command line was not seen, its components are told as hidden, never as if nothing were set.
//!
//! Facts of k3s 1.21 to 1.34 and RKE2 of the same minors. k3s runs every component in one process;
//! RKE2 runs the control plane as static pods, and the kubelet as a process of its own, which is
//! recovered here only where it does not run.

mod defaults;
mod settings;

use std::collections::BTreeMap;

use kuberlock_model::component::{Argument, Component, ComponentKind, Embedded, Witness};
use kuberlock_model::host::{HostFact, Process};
use kuberlock_model::{FieldPath, Origin};

use self::settings::{Said, Settings};
use super::kubelet::Files;

/// What a supervisor runs on a node.
#[derive(Debug, Default)]
pub(crate) struct Supervised {
    /// The components whose command lines are told.
    pub(crate) components: Vec<Embedded>,
    hidden: BTreeMap<ComponentKind, String>,
}

/// k3s or RKE2, as it was started.
#[derive(Clone, Debug)]
struct Supervisor {
    /// `k3s` or `rke2`.
    name: &'static str,
    node: String,
    is_server: bool,
    /// Its words and where they were read; none where nothing shows them.
    command: Option<(Vec<String>, Origin)>,
}

const NAMES: [&str; 2] = ["k3s", "rke2"];

/// Whether `process` is k3s or RKE2 as server or agent.
pub(crate) fn is_supervisor(process: &Process) -> bool {
    NAMES.contains(&process.program()) && role(process).is_some()
}

/// The word that says what a supervisor is: `server` or `agent`.
fn role(process: &Process) -> Option<&str> {
    let word = process.args.get(1).map(String::as_str);
    word.filter(|word| ["server", "agent"].contains(word))
}

/// `embedded` as a component, to read its flags.
pub(crate) fn component(embedded: &Embedded) -> Component {
    Component {
        kind: embedded.kind,
        node: String::new(),
        witness: Witness::Embedded,
        args: embedded.args.clone(),
        environment: BTreeMap::new(),
        origin: embedded.origin.clone(),
    }
}

impl Supervised {
    /// What the supervisor of `node` runs, where it has one.
    pub(crate) fn of(node: &str, processes: &[Process], files: &Files) -> Self {
        let Some(supervisor) = Supervisor::of(node, processes, files) else {
            return Self::default();
        };
        let Some((args, origin)) = &supervisor.command else { return supervisor.hidden(files) };
        let settings = Settings::of(&supervisor, args, origin, files);
        let data = supervisor.data(&settings);
        let mut supervised = Self::default();
        for kind in supervisor.kinds(&settings, &data, files) {
            match defaults::of(&supervisor, kind, &settings, &data, files) {
                Some(defaults) => {
                    let args = arguments(kind, defaults, settings.extra(kind), &supervisor);
                    let origin = origin.clone();
                    supervised.components.push(Embedded { kind, args, origin });
                }
                None => {
                    let why = format!(
                        "the files that {} writes for {kind} were not seen",
                        supervisor.name
                    );
                    supervised.hidden.insert(kind, why);
                }
            }
        }
        supervised
    }

    /// The facts of the node.
    pub(crate) fn facts(self) -> impl Iterator<Item = HostFact> {
        let hidden = self.hidden.into_iter();
        let hidden = hidden.map(|(component, why)| HostFact::Hidden { component, why });
        self.components.into_iter().map(HostFact::Embedded).chain(hidden)
    }
}

impl Supervisor {
    fn of(node: &str, processes: &[Process], files: &Files) -> Option<Self> {
        let running = processes.iter().find(|p| is_supervisor(p) && p.pid.is_some());
        let unit = processes.iter().find(|p| is_supervisor(p) && p.pid.is_none());
        let by_files = || {
            NAMES.into_iter().find(|name| {
                let data = format!("/var/lib/rancher/{name}");
                ["server", "agent"].iter().any(|part| files.contains_key(&format!("{data}/{part}")))
            })
        };
        let shown = running.or(unit);
        let of_process = |process: &Process| NAMES.into_iter().find(|n| *n == process.program());
        let name = shown.and_then(of_process).or_else(by_files)?;
        let is_server = match shown.and_then(role) {
            Some(role) => role == "server",
            None => files.contains_key(&format!("/var/lib/rancher/{name}/server/tls")),
        };
        // A process that shows but its role has hidden the rest; its unit has not.
        let told = running.filter(|process| process.args.len() > 2).or(unit);
        let command = told.map(|process| {
            let source = match (&process.file, process.pid) {
                (Some(file), _) => format!("{node}:{file}"),
                (None, Some(pid)) => format!("{node}:/proc/{pid}/cmdline"),
                (None, None) => format!("{node}:process"),
            };
            (process.args.clone(), Origin::whole(source))
        });
        Some(Self { name, node: node.to_owned(), is_server, command })
    }

    /// Its data directory.
    fn data(&self, settings: &Settings) -> String {
        let usual = || format!("/var/lib/rancher/{}", self.name);
        settings.last("data-dir").map_or_else(usual, |path| path.trim_end_matches('/').to_owned())
    }

    /// The components that it runs without a command line of their own.
    fn kinds(&self, settings: &Settings, data: &str, files: &Files) -> Vec<ComponentKind> {
        let on = |flag: &str| !settings.is_on(flag);
        let mut kinds = Vec::new();
        if self.name == "k3s" && self.is_server {
            let etcd = files.contains_key(&format!("{data}/server/db/etcd/config"));
            let server = [
                (ComponentKind::ApiServer, on("disable-apiserver")),
                (ComponentKind::ControllerManager, on("disable-controller-manager")),
                (ComponentKind::Scheduler, on("disable-scheduler")),
                (ComponentKind::Etcd, etcd && on("disable-etcd")),
            ];
            kinds.extend(server.into_iter().filter(|(_, runs)| *runs).map(|(kind, _)| kind));
        }
        if on("disable-agent") {
            kinds.push(ComponentKind::Kubelet);
            // RKE2 runs kube-proxy as a static pod.
            if self.name == "k3s" && on("disable-kube-proxy") {
                kinds.push(ComponentKind::KubeProxy);
            }
        }
        kinds
    }

    /// Its components, of which nothing tells how they run.
    fn hidden(&self, files: &Files) -> Supervised {
        let data = format!("/var/lib/rancher/{}", self.name);
        let kinds = self.kinds(&Settings::default(), &data, files);
        let why = |kind: ComponentKind| {
            format!(
                "{} starts {kind}, and the command line of {} itself was not seen",
                self.name, self.name
            )
        };
        let hidden = kinds.into_iter().map(|kind| (kind, why(kind))).collect();
        Supervised { components: Vec::new(), hidden }
    }
}

/// The command line of `kind`: the supervisor's `defaults`, each given up where `extra` sets the
/// flag. A name that ends in `+` or `-` adds its value behind or before the default instead.
fn arguments(
    kind: ComponentKind,
    mut defaults: BTreeMap<String, String>,
    extra: &[Said],
    supervisor: &Supervisor,
) -> Vec<Argument> {
    let own = Origin::whole(format!("{}:{} (its own default)", supervisor.node, supervisor.name));
    let word = |name: &str, value: &str, origin: &Origin, field: FieldPath| {
        let origin = Some(origin.clone());
        Argument { text: format!("--{name}={value}"), field, origin }
    };
    let mut set: BTreeMap<String, Vec<Argument>> = BTreeMap::new();
    for said in extra {
        let text = said.text.trim_start_matches("--");
        let (name, value) = text.split_once('=').unwrap_or((text, "true"));
        let plain = name.trim_end_matches(['+', '-']);
        let default = defaults.remove(plain);
        let words = set.entry(plain.to_owned()).or_default();
        let new = word(plain, value, &said.origin, said.field.clone());
        let kept = default.map(|value| word(plain, &value, &own, FieldPath::root()));
        match name.as_bytes().last() {
            Some(b'+') => words.extend(kept.into_iter().chain([new])),
            Some(b'-') => {
                words.splice(0..0, [new].into_iter().chain(kept));
            }
            _ => words.push(new),
        }
    }
    for (name, value) in defaults {
        let words = vec![word(&name, &value, &own, FieldPath::root())];
        set.insert(name, words);
    }
    [Argument::plain(kind.program())].into_iter().chain(set.into_values().flatten()).collect()
}

#[cfg(test)]
mod tests;
