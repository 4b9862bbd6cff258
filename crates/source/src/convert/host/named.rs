//! The files that the components' flags name, as paths of the node.
//!
//! Enters: processes and the documents of static pods. Leaves: for each flag whose value is an
//! absolute path, the file on the node. Always holds: a path in a container is one of the node only
//! where a `hostPath` volume is mounted there.

use kuberlock_model::Origin;
use kuberlock_model::component::{Argument, Component, ComponentKind, Embedded, Witness};
use kuberlock_model::host::Process;
use serde_json::Value;

use super::kubelet;

/// A file that a flag names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// Whose flag.
    pub(crate) kind: ComponentKind,
    /// The flag, or the flag that a variable stands for.
    pub(crate) flag: String,
    /// The path as written.
    pub(crate) written: String,
    /// The path on the node; none where it lies in the container only.
    pub(crate) path: Option<String>,
}

/// Every file that a component's flags name. `pods` are the documents of the static pods.
/// `embedded` are the components without a process of their own.
pub(crate) fn files(processes: &[Process], pods: &[&Value], embedded: &[Embedded]) -> Vec<Named> {
    let contained: Vec<(Component, Mounts)> = pods.iter().flat_map(|pod| of_pod(pod)).collect();
    let mut named = Vec::new();
    for kind in ComponentKind::ALL {
        // A process of a static pod sees the pod's mounts.
        let mounts = contained.iter().find(|(c, _)| c.kind == kind).map(|(_, mounts)| mounts);
        for component in processes.iter().filter_map(|p| kubelet::component(p, kind)) {
            gather(&component, mounts, &mut named);
        }
    }
    for (component, mounts) in &contained {
        gather(component, Some(mounts), &mut named);
    }
    for component in embedded {
        gather(&super::embedded::component(component), None, &mut named);
    }
    named
}

fn gather(component: &Component, mounts: Option<&Mounts>, named: &mut Vec<Named>) {
    let flags = component.flags(None).into_iter().map(|(name, flag)| (name, flag.value));
    let variables = component.environment.iter().filter_map(|(name, value)| {
        let name = name.strip_prefix("ETCD_")?.to_ascii_lowercase().replace('_', "-");
        Some((name, value.clone()))
    });
    for (flag, written) in flags.chain(variables) {
        if !written.starts_with('/') {
            continue;
        }
        let path = mounts.map_or_else(|| Some(written.clone()), |mounts| mounts.on_node(&written));
        let file = Named { kind: component.kind, flag, written, path };
        if !named.contains(&file) {
            named.push(file);
        }
    }
}

/// Where the folders of a container are on the node.
#[derive(Debug, Default)]
struct Mounts(Vec<(String, String)>);

impl Mounts {
    fn of(pod: &Value, container: &Value) -> Self {
        let volumes = list(pod, "/spec/volumes");
        let mount = |mount: &Value| {
            let name = mount.get("name")?.as_str()?;
            let volume = volumes.iter().find(|v| v.get("name").is_some_and(|n| n == name))?;
            let host = volume.pointer("/hostPath/path")?.as_str()?;
            let within = mount.get("subPath").and_then(Value::as_str).unwrap_or_default();
            let path = mount.get("mountPath")?.as_str()?;
            Some((plain(path), plain(&format!("{host}/{within}"))))
        };
        Self(list(container, "/volumeMounts").iter().filter_map(mount).collect())
    }

    fn on_node(&self, path: &str) -> Option<String> {
        let path = plain(path);
        let rest = |mount: &str| {
            let rest = path.strip_prefix(mount.trim_end_matches('/'))?;
            (rest.is_empty() || rest.starts_with('/')).then(|| rest.to_owned())
        };
        let found = self.0.iter().filter_map(|(at, host)| Some((at.len(), rest(at)?, host)));
        let (_, rest, host) = found.max_by_key(|(length, ..)| *length)?;
        Some(plain(&format!("{host}{rest}")))
    }
}

/// The components among the containers of a pod's document.
fn of_pod(pod: &Value) -> Vec<(Component, Mounts)> {
    let containers = list(pod, "/spec/containers");
    let component = |container: &Value| {
        let words = ["/command", "/args"].into_iter().flat_map(|field| list(container, field));
        let words: Vec<String> = words.filter_map(Value::as_str).map(str::to_owned).collect();
        let kind = ComponentKind::of_command(&words)?;
        let component = Component {
            kind,
            node: String::new(),
            witness: Witness::Manifest,
            args: words.into_iter().map(Argument::plain).collect(),
            environment: list(container, "/env").iter().filter_map(variable).collect(),
            origin: Origin::whole(""),
        };
        Some((component, Mounts::of(pod, container)))
    };
    containers.iter().filter_map(component).collect()
}

fn variable(entry: &Value) -> Option<(String, String)> {
    Some((entry.get("name")?.as_str()?.to_owned(), entry.get("value")?.as_str()?.to_owned()))
}

fn list<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// `path` without doubled slashes and dots, as Go's `path.Clean` leaves an absolute one.
fn plain(path: &str) -> String {
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    format!("/{}", steps.join("/"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn container_paths_are_found_on_the_node() {
        let pod = json!({"spec": {
            "volumes": [
                {"name": "pki", "hostPath": {"path": "/srv/pki"}},
                {"name": "conf", "hostPath": {"path": "/srv/conf/"}},
                {"name": "tmp", "emptyDir": {}},
            ],
            "containers": [{
                "command": ["kube-apiserver", "--authentication-config=/conf/./auth.yaml"],
                "args": ["--tls-cert-file", "/conf/pki/tls.crt", "--audit-log-path=/tmp/a.log"],
                "volumeMounts": [
                    {"name": "conf", "mountPath": "/conf", "subPath": "v1"},
                    {"name": "pki", "mountPath": "/conf/pki/"},
                    {"name": "tmp", "mountPath": "/tmp"},
                ],
            }],
        }});
        let found = files(&[], &[&pod], &[]);
        let path = |flag: &str| found.iter().find(|n| n.flag == flag).unwrap().path.clone();
        assert_eq!(path("authentication-config").unwrap(), "/srv/conf/v1/auth.yaml");
        assert_eq!(path("tls-cert-file").unwrap(), "/srv/pki/tls.crt");
        assert_eq!(path("audit-log-path"), None);
    }

    #[test]
    fn a_process_sees_the_mounts_of_its_static_pod() {
        let process = |args: &[&str]| Process {
            pid: Some(1),
            args: args.iter().map(|a| (*a).to_owned()).collect(),
            environment: [("ETCD_DATA_DIR".to_owned(), "/data".to_owned())].into(),
            file: None,
        };
        let pod = json!({"spec": {
            "volumes": [{"name": "d", "hostPath": {"path": "/var/lib/etcd"}}],
            "containers": [{"command": ["etcd"], "volumeMounts": [{"name": "d", "mountPath": "/data"}]}],
        }});
        let contained = files(&[process(&["etcd"])], &[&pod], &[]);
        assert_eq!(contained[0].path.as_deref(), Some("/var/lib/etcd"));
        let plain = files(&[process(&["etcd"])], &[], &[]);
        assert_eq!(plain[0].path.as_deref(), Some("/data"));
        assert_eq!(plain[0].flag, "data-dir");
    }
}
