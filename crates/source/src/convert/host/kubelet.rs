//! Which files the kubelet of a node reads.
//!
//! Enters: the node's files and processes, as recorded. Leaves: the paths of its configuration,
//! drop-ins and static pods. Always holds: what the kubelet's own command line says wins over every
//! habit; a habit counts only where nothing tells.

use std::collections::BTreeMap;

use kuberlock_model::Origin;
use kuberlock_model::component::{Argument, Component, ComponentKind, Embedded, Witness};
use kuberlock_model::configuration::Fields;
use kuberlock_model::host::{File, FileType, Process, follow};

use crate::yaml;

/// The files of a node by path.
pub(crate) type Files = BTreeMap<String, File>;

/// Configuration files by habit, where no kubelet's command line is known.
const CONFIGS: [&str; 1] = ["/var/lib/kubelet/config.yaml"];
/// Folders of drop-ins by habit: k3s and RKE2 start their kubelet with these.
const DROP_INS: [&str; 2] = [
    "/var/lib/rancher/k3s/agent/etc/kubelet.conf.d",
    "/var/lib/rancher/rke2/agent/etc/kubelet.conf.d",
];
/// Folders of static pods by habit.
const MANIFESTS: [&str; 3] = [
    "/etc/kubernetes/manifests",
    "/var/lib/rancher/k3s/agent/pod-manifests",
    "/var/lib/rancher/rke2/agent/pod-manifests",
];

/// What the kubelet's command line says of its files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Kubelet {
    command: Option<Component>,
}

impl Kubelet {
    /// The kubelet among `processes`: one seen running before one recovered from a unit; else the
    /// one among those that another program holds.
    pub(crate) fn of(processes: &[Process], embedded: &[Embedded]) -> Self {
        let all = || processes.iter().filter_map(|p| component(p, ComponentKind::Kubelet));
        let held = || embedded.iter().find(|held| held.kind == ComponentKind::Kubelet);
        let command = all()
            .find(|c| c.witness == Witness::Process)
            .or_else(|| all().next())
            .or_else(|| held().map(super::embedded::component));
        Self { command }
    }

    /// A flag that is given and not empty.
    pub(crate) fn flag(&self, name: &str) -> Option<String> {
        let flag = self.command.as_ref()?.flag(name, None)?;
        (!flag.value.is_empty()).then_some(flag.value)
    }

    fn path(&self, flag: &str) -> Option<String> {
        self.flag(flag).filter(|path| path.starts_with('/'))
    }

    /// Its configuration file, whether or not it exists where its command line names one.
    pub(crate) fn config(&self, files: &Files) -> Option<String> {
        match &self.command {
            Some(_) => self.path("config"),
            None => habit(&CONFIGS, files),
        }
    }

    /// Its folder of drop-ins.
    pub(crate) fn drop_in_folder(&self, files: &Files) -> Option<String> {
        match &self.command {
            Some(_) => self.path("config-dir"),
            None => habit(&DROP_INS, files),
        }
    }

    /// Its drop-ins in the order in which they are laid over the configuration: every `*.conf`,
    /// folder by folder in the order of names.
    pub(crate) fn drop_ins(&self, files: &Files) -> Vec<String> {
        let Some(folder) = self.drop_in_folder(files) else { return Vec::new() };
        let mut paths: Vec<String> = below(files, &folder)
            .filter(|(rest, file)| rest.ends_with(".conf") && file.file_type != FileType::Directory)
            .map(|(rest, _)| format!("{}/{rest}", folder.trim_end_matches('/')))
            .collect();
        paths.sort_by(|a, b| a.split('/').cmp(b.split('/')));
        paths
    }

    /// Its folder of static pods, or its single file of one: the flag, else what the last drop-in
    /// says, else the configuration file, else a habit.
    pub(crate) fn static_pods(&self, files: &Files) -> Option<String> {
        if let Some(path) = self.path("pod-manifest-path") {
            return Some(path);
        }
        let mut documents: Vec<String> = self.config(files).into_iter().collect();
        documents.extend(self.drop_ins(files));
        let told = documents.iter().rev().find_map(|path| {
            let (_, text) = text(files, path).ok()?;
            let fields = Fields::flatten(&yaml::to_value(text).ok()?);
            fields.get("staticPodPath")?.as_str().map(str::to_owned)
        });
        match told {
            Some(path) => path.starts_with('/').then_some(path),
            None => habit(&MANIFESTS, files),
        }
    }
}

/// The files in the folder of static pods at `path` that the kubelet would read, in its order:
/// every one that does not begin with a dot, whatever its ending.
pub(crate) fn static_pod_files(files: &Files, path: &str) -> Vec<String> {
    match at(files, path).map(|file| file.file_type) {
        Some(FileType::Directory) => below(files, path)
            .filter(|(name, _)| !name.contains('/') && !name.starts_with('.'))
            .map(|(name, _)| format!("{}/{name}", path.trim_end_matches('/')))
            .filter(|path| !is_directory(files, path))
            .collect(),
        Some(_) => vec![path.to_owned()],
        None => Vec::new(),
    }
}

/// The file that `path` leads to.
fn at<'f>(files: &'f Files, path: &str) -> Option<&'f File> {
    files.get(&follow(files, path)?)
}

fn is_directory(files: &Files, path: &str) -> bool {
    at(files, path).is_some_and(|file| file.file_type == FileType::Directory)
}

/// The first of `paths` that exists.
fn habit(paths: &[&str], files: &Files) -> Option<String> {
    let exists = |path: &&&str| at(files, path).is_some();
    paths.iter().find(exists).map(|path| (*path).to_owned())
}

/// Everything below the folder at `path`, by its path from there.
fn below<'f>(files: &'f Files, path: &str) -> impl Iterator<Item = (&'f str, &'f File)> {
    let prefix = follow(files, path).map(|own| format!("{}/", own.trim_end_matches('/')));
    prefix.into_iter().flat_map(|prefix| {
        let from = files.range(prefix.clone()..);
        from.map_while(move |(path, file)| path.strip_prefix(&prefix).map(|rest| (rest, file)))
    })
}

/// The text of the file that `path` leads to, and that file's own path.
pub(crate) fn text<'f>(files: &'f Files, path: &str) -> Result<(&'f str, &'f str), String> {
    let file = at(files, path).ok_or("there is no such file")?;
    match (&file.content, &file.unread, file.file_type) {
        (Some(text), ..) => Ok((&file.path, text)),
        (None, Some(reason), _) => Err(reason.clone()),
        (None, None, FileType::Directory) => Err("it is a directory".to_owned()),
        (None, None, _) => Err("its content was not collected".to_owned()),
    }
}

/// `process` as a component of `kind`, where it is one.
pub(crate) fn component(process: &Process, kind: ComponentKind) -> Option<Component> {
    let arguments = process.args.iter();
    (ComponentKind::of_command(&process.args)? == kind).then(|| Component {
        kind,
        node: String::new(),
        witness: if process.pid.is_some() { Witness::Process } else { Witness::UnitFile },
        args: arguments.map(Argument::plain).collect(),
        environment: process.environment.clone(),
        origin: Origin::whole(process.file.as_deref().unwrap_or_default()),
    })
}
