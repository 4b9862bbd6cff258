//! Hosts that pods' variables, command lines and config maps name.

use std::collections::BTreeMap;
use std::net::IpAddr;

use kuberlock_model::cluster::PodSource;
use kuberlock_model::network::{Protocol, Service};
use kuberlock_model::workload::Container;
use kuberlock_model::{Kind, Object, ObjectKey};

use super::edges::{Edges, reason};
use super::servers::api_server_port;
use super::words::{self, Named, names_a_host};
use super::{Reason, ReasonKind};
use crate::traffic::{Directory, Who};

/// What is named by every pod's own texts.
pub(super) fn of_workloads(directory: &Directory<'_>, edges: &mut Edges) {
    for source in directory.cluster.pod_sources() {
        let from = Who::Workload(source.head.clone());
        let reading = Reading { directory, from: &from, source: &source };
        for container in &source.spec.containers {
            reading.container(container, edges);
        }
        reading.config_maps(edges);
    }
}

/// A name and a text, with where they stand.
struct Text<'t> {
    name: &'t str,
    value: &'t str,
    /// Names and values beside it, among which its port may be.
    beside: &'t [(String, String)],
}

struct Reading<'r, 'a> {
    directory: &'r Directory<'a>,
    from: &'r Who,
    source: &'r PodSource<'a>,
}

impl Reading<'_, '_> {
    fn namespace(&self) -> &str {
        self.source.metadata.namespace.as_deref().unwrap_or_default()
    }

    fn of_pod(&self, kind: ReasonKind, path: kuberlock_model::FieldPath) -> Reason {
        // The pod's document, or its workload's: whichever holds the spec.
        reason(kind, self.source.head.clone(), self.source.metadata, path)
    }

    fn container(&self, container: &Container, edges: &mut Edges) {
        let path = container.path(&self.source.path);
        let known: BTreeMap<&str, &str> =
            container.environment.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let why = self.of_pod(ReasonKind::Variable, path.key("env"));
        for (name, value) in &container.environment {
            let value = filled_in(value, &known);
            let text = Text { name, value: &value, beside: &container.environment };
            self.text(&text, &why, edges);
        }
        for (field, words) in [("command", &container.command), ("args", &container.args)] {
            let why = self.of_pod(ReasonKind::Argument, path.key(field));
            let mut flag = "";
            for word in words {
                let value = filled_in(word, &known);
                let name = word.split_once('=').map_or(flag, |(name, _)| name);
                let whole = Text { name, value: &value, beside: &[] };
                self.text(&whole, &why, edges);
                flag = if word.starts_with('-') && !word.contains('=') { word } else { "" };
            }
        }
        for handler in &container.handler_hosts {
            let why = self.of_pod(ReasonKind::Handler, path.key(handler.field));
            let text = Text { name: "host", value: &handler.host, beside: &[] };
            // The kubelet opens it, on whichever node the pod is.
            let node = Reading { from: &Who::Nodes, ..*self };
            node.text(&text, &why, edges);
        }
    }

    fn config_maps(&self, edges: &mut Edges) {
        for taken in &self.source.spec.config_maps {
            let key = ObjectKey::new(Kind::ConfigMap, Some(self.namespace()), &taken.name);
            let Some(Object::ConfigMap(map)) = self.directory.cluster.get(&key) else { continue };
            let beside: Vec<(String, String)> =
                map.data.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
            for (name, value) in &map.data {
                if taken.key.as_deref().is_some_and(|only| only != name) {
                    continue;
                }
                let path = kuberlock_model::FieldPath::of("data").key(name);
                let why = reason(ReasonKind::ConfigMap, key.clone(), &map.metadata, path);
                if value.contains('\n') {
                    self.lines(value, &why, edges);
                } else {
                    self.text(&Text { name, value, beside: &beside }, &why, edges);
                }
            }
        }
    }

    /// A file: `key=value`, `key: value` or whatever else, line by line.
    fn lines(&self, text: &str, why: &Reason, edges: &mut Edges) {
        let pairs: Vec<(String, String)> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with(['#', ';']))
            .map(|line| {
                let pair = line.split_once('=').or_else(|| line.split_once(": "));
                let (name, value) = pair.unwrap_or(("", line));
                let clean = |text: &str| text.trim().trim_matches(['"', '\'', ',']).to_owned();
                (clean(name), clean(value))
            })
            .collect();
        for (name, value) in &pairs {
            self.text(&Text { name, value, beside: &pairs }, why, edges);
        }
    }

    fn text(&self, text: &Text<'_>, why: &Reason, edges: &mut Edges) {
        for named in words::hosts(text.value) {
            self.named(&named, text, why, edges);
        }
    }

    fn named(&self, named: &Named, text: &Text<'_>, why: &Reason, edges: &mut Edges) {
        if let Ok(address) = named.host.parse::<IpAddr>() {
            return self.address(address, named, why, edges);
        }
        let is_said = named.scheme.is_some()
            || named.port.is_some()
            || (named.alone && names_a_host(text.name))
            || (named.alone && named.host.contains(".svc"));
        match self.service(&named.host) {
            Some(service) if is_said || self.is_written_out(&named.host) => {
                self.service_edges(service, named, text, why, edges);
            }
            Some(_) => {}
            None if is_said && named.host.contains(".svc") => {
                edges.dangling(self.from, named.host.clone(), "names no service that is there");
            }
            None => self.external(named, why, edges),
        }
    }

    /// A service by any of the names that the cluster's DNS has for it, or one of its pods'.
    fn service(&self, host: &str) -> Option<&Service> {
        let labels: Vec<&str> = host.split('.').collect();
        let of = |namespace: &str, name: &str| self.directory.service(namespace, name);
        match labels.as_slice() {
            [name] => of(self.namespace(), name),
            [name, namespace] => {
                // `db-0.db` is a pod of a service without an address.
                of(namespace, name).or_else(|| of(self.namespace(), namespace))
            }
            [name, namespace, "svc", ..] => of(namespace, name),
            [_, name, namespace, "svc", ..] => of(namespace, name),
            [_, name, namespace] => of(namespace, name),
            _ => None,
        }
    }

    fn is_written_out(&self, host: &str) -> bool {
        let mut labels = host.split('.').skip(1);
        labels.next().is_some_and(|namespace| self.directory.has_services(namespace))
            && host.contains(".svc")
    }

    fn service_edges(
        &self,
        service: &Service,
        named: &Named,
        text: &Text<'_>,
        why: &Reason,
        edges: &mut Edges,
    ) {
        if let Some(host) = Directory::external_name(service) {
            let port = named.port.or_else(|| service.ports.first().map(|port| port.port));
            let port = port.or_else(|| words::port_of_scheme(named.scheme.as_deref()?));
            if let Some(port) = port {
                edges.add(self.from, Who::Host(host.to_owned()), Protocol::Tcp, port, why);
            }
            return;
        }
        let beside = || {
            let stem = words::stem(text.name)?;
            let (_, port) = text.beside.iter().find(|(name, _)| words::is_port_of(&stem, name))?;
            port.parse::<u16>().ok()
        };
        let told = named.port.or_else(beside);
        let guess = named.scheme.as_deref().and_then(words::port_of_scheme);
        let has = |port: u16| service.ports.iter().any(|of| of.port == port);
        let wanted: Vec<(Protocol, u16)> = match (told, guess) {
            (Some(port), _) if has(port) => with_protocols(service, |of| of == port),
            (Some(port), _) if service.headless => vec![(Protocol::Tcp, port)],
            (Some(port), _) => {
                let name = format!("{}:{port}", named.host);
                return edges.dangling(
                    self.from,
                    name,
                    "names a port that the service does not have",
                );
            }
            (None, Some(port)) if has(port) => with_protocols(service, |of| of == port),
            (None, _) => with_protocols(service, |_| true),
        };
        let mut found = false;
        for (protocol, port) in wanted {
            // Without an address of its own a service leads nowhere: the pods' port is asked.
            if service.headless && !has(port) {
                for (head, _) in self.directory.selected(service) {
                    edges.add(self.from, Who::Workload(head.clone()), protocol, port, why);
                    found = true;
                }
            }
            for by in self.directory.behind(service, protocol, port) {
                edges.add(self.from, Who::Workload(by.head), by.protocol, by.port, why);
                found = true;
            }
        }
        if !found && !is_api_server(service) {
            edges.dangling(self.from, named.host.clone(), "names a service without pods");
        } else if !found {
            let port = api_server_port(self.directory);
            edges.add(self.from, Who::ApiServer, Protocol::Tcp, port, why);
        }
    }

    fn address(&self, address: IpAddr, named: &Named, why: &Reason, edges: &mut Edges) {
        let port = named.port.or_else(|| words::port_of_scheme(named.scheme.as_deref()?));
        let Some(port) = port.filter(|_| !address.is_loopback() && !address.is_unspecified())
        else {
            return;
        };
        for (to, port) in self.directory.behind_address(address, port) {
            edges.add(self.from, to, Protocol::Tcp, port, why);
        }
    }

    /// A host outside: only where a scheme or a port leaves no doubt that it is one.
    fn external(&self, named: &Named, why: &Reason, edges: &mut Edges) {
        let labels: Vec<&str> = named.host.split('.').collect();
        let is_name = labels.len() >= 2
            && labels.last().is_some_and(|last| last.bytes().all(|b| b.is_ascii_lowercase()))
            && named.host != "localhost"
            && !named.host.ends_with(".local")
            && !named.host.ends_with(".localhost");
        let scheme = named.scheme.as_deref();
        let is_file = scheme.is_some_and(|scheme| matches!(scheme, "file" | "unix"));
        let port = named.port.or_else(|| words::port_of_scheme(scheme?));
        if let Some(port) = port.filter(|_| is_name && !is_file) {
            edges.add(self.from, Who::Host(named.host.clone()), Protocol::Tcp, port, why);
        }
    }
}

fn with_protocols(service: &Service, wanted: impl Fn(u16) -> bool) -> Vec<(Protocol, u16)> {
    let ports = service.ports.iter().filter(|of| wanted(of.port));
    ports.map(|of| (of.protocol, of.port)).collect()
}

/// The service `kubernetes` has no selector: the API server writes its own addresses behind it.
pub(super) fn is_api_server(service: &Service) -> bool {
    service.metadata.namespace.as_deref() == Some("default")
        && service.metadata.name == "kubernetes"
}

/// `$(NAME)` and `${NAME}` replaced by the variables of the same container.
fn filled_in(text: &str, known: &BTreeMap<&str, &str>) -> String {
    let mut whole = text.to_owned();
    if !text.contains('$') {
        return whole;
    }
    for (name, value) in known {
        for form in [format!("$({name})"), format!("${{{name}}}")] {
            if whole.contains(&form) && whole.len() < 64 * 1024 {
                whole = whole.replace(&form, value);
            }
        }
    }
    whole
}
