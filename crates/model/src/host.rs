//! What is on a node's machine: files, processes, kernel settings.
//!
//! These are also the records of a snapshot (`nodes/NAME/*.jsonl`), one JSON object a line; that
//! is why they, alone of the model, can be deserialised.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::certificate::Certificate;
use crate::component::{ComponentKind, Embedded};
use crate::configuration::Configuration;
use crate::origin::Origin;
use crate::system::SystemFact;
use crate::workload::Pod;

/// A file of a node, as it was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Absolute path on the node.
    pub path: String,
    /// What it is.
    #[serde(rename = "type")]
    pub file_type: FileType,
    /// Permission bits, `0o600` and the like, set-id and sticky bits included.
    #[serde(with = "octal")]
    pub mode: u32,
    /// Owner's id.
    pub uid: u32,
    /// Group's id.
    pub gid: u32,
    /// Owner's name by the node's own `/etc/passwd`, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Group's name by the node's own `/etc/group`, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Size in bytes.
    pub size: u64,
    /// What a link points to, as written in the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The text, where the file is configuration, credentials replaced line by line, so that line
    /// numbers stay true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Why there is no content although the file is configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
}

/// What a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileType {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A FIFO, socket or device: never opened.
    Special,
}

/// A process of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// Process id, where it was running; `None` where the command line was recovered from a unit
    /// file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// The command line, program first, credentials replaced.
    pub args: Vec<String>,
    /// Those of its environment variables that configure it (`ETCD_*`), credentials replaced.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// The file the command line comes from, where it was not a running process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

impl Process {
    /// The program's file name: `kube-apiserver` for `/usr/local/bin/kube-apiserver`.
    pub fn program(&self) -> &str {
        let first = self.args.first().map_or("", String::as_str);
        first.rsplit('/').next().unwrap_or(first)
    }
}

/// One kernel setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sysctl {
    /// Its name with dots: `vm.overcommit_memory`.
    pub name: String,
    /// Its value as the kernel prints it, trimmed.
    pub value: String,
}

/// The version of something on the node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    /// What: `kubernetes`, `kernel`, `os`.
    pub of: String,
    /// The version as found.
    pub version: String,
    /// What tells it: a file, an image tag.
    pub from: String,
}

/// One fact of one node.
#[derive(Clone, Debug, PartialEq)]
pub enum HostFact {
    /// A file.
    File(File),
    /// A process, or a command line recovered from a unit file.
    Process(Process),
    /// A kernel setting.
    Sysctl(Sysctl),
    /// A version.
    Version(Version),
    /// What the system does beside Kubernetes.
    System(SystemFact),
    /// A pod of the manifest folder, in the order in which the kubelet reads them.
    StaticPod(Box<StaticPod>),
    /// A configuration file, converted.
    Configuration(ConfigurationFile),
    /// The kubelet's own account of its configuration, from its `configz` endpoint.
    Configz(ConfigurationFile),
    /// What a certificate says.
    Certificate(Box<Certificate>),
    /// A file that a component's flag names.
    Named(NamedFile),
    /// A component that another program holds.
    Embedded(Embedded),
    /// A component runs, and nothing tells how.
    Hidden {
        /// Which.
        component: ComponentKind,
        /// Why nothing tells.
        why: String,
    },
}

/// A file of the node that a component's flag names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// Whose flag.
    pub component: ComponentKind,
    /// The flag without dashes.
    pub flag: String,
    /// Absolute path on the node: a container's own path is told by what is mounted there.
    pub path: String,
}

/// A file of the static pod folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaticPod {
    /// The file's absolute path on the node.
    pub path: String,
    /// The pod, or why the kubelet would pass the file over.
    pub pod: Result<Pod, String>,
}

/// A configuration file of a component.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigurationFile {
    /// Absolute path on the node.
    pub path: String,
    /// Where its document was read.
    pub origin: Origin,
    /// What it says.
    pub configuration: Configuration,
}

/// Everything known of one node's machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Host {
    /// Files by absolute path.
    pub files: BTreeMap<String, File>,
    /// Processes and recovered command lines, in the order found.
    pub processes: Vec<Process>,
    /// Kernel settings by name.
    pub sysctls: BTreeMap<String, String>,
    /// Versions.
    pub versions: Vec<Version>,
    /// What the system does beside Kubernetes, in order.
    pub system: Vec<SystemFact>,
    /// Files of the static pod folder by path.
    pub static_pods: BTreeMap<String, StaticPod>,
    /// Configuration files by path.
    pub configurations: BTreeMap<String, ConfigurationFile>,
    /// The kubelet's own account of its configuration.
    pub configz: Option<ConfigurationFile>,
    /// Files that the components' flags name.
    pub named: Vec<NamedFile>,
    /// What its certificates say, by path and place in the file.
    pub certificates: BTreeSet<Certificate>,
    /// Components that another program holds.
    pub embedded: Vec<Embedded>,
    /// Components that run without anything telling how, with the reason.
    pub hidden: BTreeMap<ComponentKind, String>,
}

impl Host {
    /// The file that `path` leads to, links followed as the node's kernel would.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.get(&follow(&self.files, path)?)
    }

    /// The files that the flag `flag` of `component` names.
    pub fn named(&self, component: ComponentKind, flag: &str) -> impl Iterator<Item = &str> {
        let of = move |file: &&NamedFile| file.component == component && file.flag == flag;
        self.named.iter().filter(of).map(|file| file.path.as_str())
    }

    /// Everything below the folder at `path`, links on the way to it followed.
    pub fn below(&self, path: &str) -> impl Iterator<Item = &File> {
        let own = follow(&self.files, path).map(|own| format!("{}/", own.trim_end_matches('/')));
        own.into_iter().flat_map(|prefix| {
            let from = self.files.range(prefix.clone()..);
            from.take_while(move |(path, _)| path.starts_with(&prefix)).map(|(_, file)| file)
        })
    }

    pub(crate) fn apply(&mut self, fact: HostFact) {
        match fact {
            HostFact::File(file) => {
                self.files.insert(file.path.clone(), file);
            }
            HostFact::Process(process) => {
                if !self.processes.contains(&process) {
                    self.processes.push(process);
                }
            }
            HostFact::Sysctl(sysctl) => {
                self.sysctls.insert(sysctl.name, sysctl.value);
            }
            HostFact::Version(version) => {
                if !self.versions.contains(&version) {
                    self.versions.push(version);
                }
            }
            HostFact::System(fact) => {
                if let Err(at) = self.system.binary_search(&fact) {
                    self.system.insert(at, fact);
                }
            }
            HostFact::StaticPod(pod) => {
                self.static_pods.insert(pod.path.clone(), *pod);
            }
            HostFact::Configuration(file) => {
                self.configurations.insert(file.path.clone(), file);
            }
            HostFact::Configz(file) => self.configz = Some(file),
            HostFact::Certificate(certificate) => {
                self.certificates.insert(*certificate);
            }
            HostFact::Embedded(component) => self.embedded.push(component),
            HostFact::Hidden { component, why } => {
                self.hidden.insert(component, why);
            }
            HostFact::Named(file) => {
                if !self.named.contains(&file) {
                    self.named.push(file);
                }
            }
        }
    }
}

/// Where `path` leads when the links among `files` are followed within the node's root: an absolute
/// target starts at the root, and `..` never leaves it. A circle leads nowhere, nor does a path
/// that is longer than Linux takes.
pub fn follow(files: &BTreeMap<String, File>, path: &str) -> Option<String> {
    const MOST_LINKS: usize = 40;
    const LONGEST: usize = 4096;
    if path.len() > LONGEST {
        return None;
    }
    let mut walked: Vec<String> = Vec::new();
    let mut ahead: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
    let mut links = 0;
    while let Some(step) = ahead.pop() {
        match step.as_str() {
            "" | "." => continue,
            ".." => {
                walked.pop();
                continue;
            }
            _ => walked.push(step),
        }
        let here = format!("/{}", walked.join("/"));
        let Some(target) = files.get(&here).and_then(|file| file.target.as_deref()) else {
            continue;
        };
        links += 1;
        if links > MOST_LINKS || target.len() > LONGEST {
            return None;
        }
        if target.starts_with('/') {
            walked.clear();
        } else {
            walked.pop();
        }
        ahead.extend(target.split('/').rev().map(str::to_owned));
    }
    Some(format!("/{}", walked.join("/")))
}

mod octal {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(mode: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{mode:04o}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        u32::from_str_radix(&text, 8)
            .ok()
            .filter(|mode| *mode <= 0o7777)
            .ok_or_else(|| D::Error::custom(format!("`{text}` is no octal mode of up to 7777")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(entries: &[(&str, Option<&str>)]) -> Host {
        let mut host = Host::default();
        for (path, target) in entries {
            host.apply(HostFact::File(File {
                path: (*path).to_owned(),
                file_type: if target.is_some() { FileType::Link } else { FileType::File },
                mode: 0o644,
                uid: 0,
                gid: 0,
                user: None,
                group: None,
                size: 0,
                target: target.map(str::to_owned),
                content: None,
                unread: None,
            }));
        }
        host
    }

    #[test]
    fn links_are_followed_within_the_root() {
        let host = host(&[
            ("/etc/kubernetes", Some("/data/k8s")),
            ("/data/k8s/a.yaml", Some("../../../../b/a.yaml")),
            ("/b/a.yaml", None),
            ("/loop", Some("loop")),
        ]);
        assert_eq!(host.file("/etc/kubernetes/a.yaml").unwrap().path, "/b/a.yaml");
        assert_eq!(host.file("//b/./x/../a.yaml").unwrap().path, "/b/a.yaml");
        assert!(host.file("/loop/x").is_none());
        assert!(host.file("/absent").is_none());
    }
}
