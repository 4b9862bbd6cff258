//! The facts of a node's machine, converted.
//!
//! Enters: all records of one node. Leaves: changes: the records themselves as facts, and what they
//! mean together: which files are static pods, and what the configuration files say. Always holds:
//! a file that a component should read and cannot be understood is told as such, with the reason.

pub(crate) mod kubelet;
pub(crate) mod named;

use kuberlock_model::component::ComponentKind;
use kuberlock_model::configuration::{AnonymousAccess, Configuration, Fields};
use kuberlock_model::host::{ConfigurationFile, HostFact, Process, StaticPod};
use kuberlock_model::{Change, Origin};
use serde_json::Value;

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
            HostRecord::Version(version) => facts.push(HostFact::Version(version)),
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
        let kubelet = Kubelet::of(&self.processes);
        let mut configurations: Vec<String> = kubelet.config(&self.files).into_iter().collect();
        configurations.extend(kubelet.drop_ins(&self.files));
        for path in configurations {
            let read =
                |value: &Value| of_kind(value, "KubeletConfiguration").map(Configuration::Kubelet);
            facts.push(self.configuration(&path, read));
        }
        let pods = self.static_pods(&kubelet, facts);
        self.named(&pods, facts);
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
    fn named(&self, pods: &[Value], facts: &mut Vec<HostFact>) {
        let pods: Vec<&Value> = pods.iter().collect();
        for named in named::files(&self.processes, &pods) {
            let read: fn(&Value) -> Result<Configuration, String> =
                match (named.kind, named.flag.as_str()) {
                    (ComponentKind::Scheduler, "config") => scheduler,
                    (ComponentKind::Etcd, "config-file") => etcd,
                    (ComponentKind::ApiServer, "authentication-config") => authentication,
                    _ => continue,
                };
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

/// The fields of a document of `kind`. One that names no kind is taken for it.
fn of_kind(value: &Value, kind: &str) -> Result<Fields, String> {
    if !value.is_object() {
        return Err(format!("it is no mapping, and so no {kind}"));
    }
    match value.get("kind").and_then(Value::as_str) {
        Some(other) if other != kind => Err(format!("its kind is `{other}`, not {kind}")),
        _ => Ok(Fields::flatten(value)),
    }
}

fn scheduler(value: &Value) -> Result<Configuration, String> {
    of_kind(value, "KubeSchedulerConfiguration").map(Configuration::Scheduler)
}

fn etcd(value: &Value) -> Result<Configuration, String> {
    match value {
        Value::Object(_) => Ok(Configuration::Etcd(Fields::flatten(value))),
        _ => Err("it is no mapping, and so no configuration of etcd".to_owned()),
    }
}

fn authentication(value: &Value) -> Result<Configuration, String> {
    of_kind(value, "AuthenticationConfiguration")?;
    let access = match value.get("anonymous") {
        None | Some(Value::Null) => AnonymousAccess::Unset,
        Some(anonymous) => anonymous_access(anonymous)?,
    };
    Ok(Configuration::Authentication(access))
}

fn anonymous_access(anonymous: &Value) -> Result<AnonymousAccess, String> {
    match anonymous.get("enabled") {
        None | Some(Value::Bool(false)) => Ok(AnonymousAccess::Disabled),
        Some(Value::Bool(true)) => {
            let conditions = anonymous.get("conditions").and_then(Value::as_array);
            let path = |condition: &Value| {
                let path = condition.get("path").and_then(Value::as_str);
                path.map(str::to_owned).ok_or("a condition of `anonymous` has no path")
            };
            let paths = conditions.into_iter().flatten().map(path).collect::<Result<_, _>>()?;
            Ok(AnonymousAccess::Enabled { paths })
        }
        Some(_) => Err("`anonymous.enabled` is neither true nor false".to_owned()),
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
