//! The facts of a node's machine, converted.
//!
//! Enters: all records of one node. Leaves: changes: the records themselves as facts, and what they
//! mean together: which files are static pods, and what the configuration files say. Always holds:
//! a file that a component should read and cannot be understood is told as such, with the reason.

mod configuration;
pub(crate) mod embedded;
pub(crate) mod kubelet;
pub(crate) mod named;

use kuberlock_model::component::Embedded;
use kuberlock_model::configuration::{Configuration, Fields};
use kuberlock_model::host::{ConfigurationFile, HostFact, NamedFile, Process, StaticPod};
use kuberlock_model::{Change, Origin};
use serde_json::Value;

use self::embedded::Supervised;
use self::kubelet::{Files, Kubelet};
use crate::{HostRecord, yaml};

/// The changes that all records of one node make together.
pub fn changes(node: &str, records: Vec<HostRecord>) -> Vec<Change> {
    let mut machine = Machine { node, files: Files::new(), processes: Vec::new() };
    let mut facts = Vec::new();
    for record in records {
        match record {
            HostRecord::File(file) => {
                machine.files.insert(file.path.clone(), file);
            }
            HostRecord::Process(process) => machine.processes.push(process),
            HostRecord::Sysctl(sysctl) => facts.push(HostFact::Sysctl(sysctl)),
            HostRecord::Certificate(certificate) => {
                facts.push(HostFact::Certificate(certificate));
            }
            HostRecord::Version(version) => facts.push(HostFact::Version(version)),
            HostRecord::System(fact) => facts.push(HostFact::System(fact)),
            HostRecord::Configz(value) => facts.push(configz(node, &value)),
        }
    }
    machine.interpret(&mut facts);
    let Machine { files, processes, .. } = machine;
    facts.extend(files.into_values().map(HostFact::File));
    facts.extend(processes.into_iter().map(HostFact::Process));
    facts.into_iter().map(|fact| Change::host(node, fact)).collect()
}

/// What is known of the node, before it is understood.
struct Machine<'n> {
    node: &'n str,
    files: Files,
    processes: Vec<Process>,
}

impl Machine<'_> {
    fn interpret(&self, facts: &mut Vec<HostFact>) {
        let supervised = Supervised::of(self.node, &self.processes, &self.files);
        let kubelet = Kubelet::of(&self.processes, &supervised.components);
        let mut configurations: Vec<String> = kubelet.config(&self.files).into_iter().collect();
        configurations.extend(kubelet.drop_ins(&self.files));
        for path in configurations {
            let read = |value: &Value| {
                configuration::of_kind(value, "KubeletConfiguration").map(Configuration::Kubelet)
            };
            facts.push(self.configuration(&path, read));
        }
        let pods = self.static_pods(&kubelet, facts);
        self.named(&pods, &supervised.components, facts);
        facts.extend(supervised.facts());
    }

    /// Tells the static pods, and returns the documents of those that parse.
    fn static_pods(&self, kubelet: &Kubelet, facts: &mut Vec<HostFact>) -> Vec<Value> {
        let Some(folder) = kubelet.static_pods(&self.files) else { return Vec::new() };
        let mut documents = Vec::new();
        for path in kubelet::static_pod_files(&self.files, &folder) {
            let document = self.document(&path);
            let pod = document.and_then(|(origin, value)| {
                let pod = super::pod(&value, origin)?;
                documents.push(value);
                Ok(pod)
            });
            facts.push(HostFact::StaticPod(Box::new(StaticPod { path, pod })));
        }
        documents
    }

    /// Tells the configuration files that the flags of other components name.
    fn named(&self, pods: &[Value], embedded: &[Embedded], facts: &mut Vec<HostFact>) {
        let pods: Vec<&Value> = pods.iter().collect();
        for named in named::files(&self.processes, &pods, embedded) {
            if let Some(path) = named.path.clone() {
                let (component, flag) = (named.kind, named.flag.clone());
                facts.push(HostFact::Named(NamedFile { component, flag, path }));
            }
            let Some(read) = configuration::of_flag(named.kind, &named.flag) else { continue };
            facts.push(match &named.path {
                Some(path) => self.configuration(path, read),
                None => {
                    let reason = "it lies in the container, on no hostPath volume".to_owned();
                    self.file(&named.written, None, Configuration::Unreadable(reason))
                }
            });
        }
    }

    fn configuration(
        &self,
        path: &str,
        read: impl Fn(&Value) -> Result<Configuration, String>,
    ) -> HostFact {
        match self.document(path) {
            Ok((origin, value)) => {
                let configuration = read(&value).unwrap_or_else(Configuration::Unreadable);
                self.file(path, Some(origin), configuration)
            }
            Err(reason) => self.file(path, None, Configuration::Unreadable(reason)),
        }
    }

    fn file(&self, path: &str, origin: Option<Origin>, configuration: Configuration) -> HostFact {
        let origin = origin.unwrap_or_else(|| Origin::whole(format!("{}:{path}", self.node)));
        HostFact::Configuration(ConfigurationFile { path: path.to_owned(), origin, configuration })
    }

    /// The document at `path`, and where it was read.
    fn document(&self, path: &str) -> Result<(Origin, Value), String> {
        let (own, text) = kubelet::text(&self.files, path)?;
        let value = yaml::to_value(text).map_err(|error| error.to_string())?;
        Ok((Origin::whole(format!("{}:{own}", self.node)), value))
    }
}

/// The answer of the kubelet's `configz` endpoint.
fn configz(node: &str, value: &Value) -> HostFact {
    let path = format!("/api/v1/nodes/{node}/proxy/configz");
    let configuration = match value.get("kubeletconfig").unwrap_or(value) {
        fields @ Value::Object(_) => Configuration::Kubelet(Fields::flatten(fields)),
        _ => Configuration::Unreadable("the answer holds no `kubeletconfig`".to_owned()),
    };
    let origin = Origin::whole(format!("api:{path}"));
    HostFact::Configz(ConfigurationFile { path, origin, configuration })
}
