//! Which services a workload names: in its environment, its command line, and the config maps that it
//! reads. What is read from Secrets, or written in the program itself, nobody sees here.

use std::collections::{BTreeMap, BTreeSet};

use kuberlock_model::cluster::PodSource;
use kuberlock_model::network::Service;
use kuberlock_model::{Kind, Object, ObjectKey};

use super::suggestion;
use crate::context::Context;

/// A service that a workload names.
#[derive(Clone, Debug)]
pub(crate) struct Mention<'a> {
    /// The workload, by the first of its templates and pods.
    pub(crate) user: &'a PodSource<'a>,
    /// The service.
    pub(crate) service: &'a Service,
    /// The name as written: `db`, `db.shop.svc`.
    pub(crate) said: String,
    /// Whether the name is short: it means the service of the user's own namespace, whichever that is.
    pub(crate) is_short: bool,
    /// The port beside the name, where there is one.
    pub(crate) port: Option<u16>,
}

/// Every mention of a service by a workload, by workload.
pub(crate) fn mentions<'a>(context: &'a Context<'_>) -> Vec<Mention<'a>> {
    let mut services: BTreeMap<(&str, &str), &Service> = BTreeMap::new();
    for service in context.cluster.services() {
        let namespace = service.metadata.namespace.as_deref().unwrap_or_default();
        services.insert((namespace, &service.metadata.name), service);
    }
    let mut found = Vec::new();
    for group in context.pod_sources().chunk_by(|a, b| a.head == b.head) {
        let Some(user) = group.first() else { continue };
        let own = user.metadata.namespace.as_deref().unwrap_or_default();
        let mut of_user: Vec<Mention<'_>> = Vec::new();
        for text in texts(context, user) {
            for name in names(text) {
                let of = (name.namespace.unwrap_or(own), name.service);
                let Some(service) = services.get(&of) else { continue };
                let is_short = name.namespace.is_none();
                let is_known = of_user.iter().any(|known| {
                    known.said == name.said && (known.port == name.port || name.port.is_none())
                });
                if !is_known && (name.is_host || !is_short) {
                    let said = name.said.to_owned();
                    of_user.push(Mention { user, service, said, is_short, port: name.port });
                }
            }
        }
        found.append(&mut of_user);
    }
    found
}

/// The hosts outside the cluster that a workload names in URLs, each once and in order.
pub(crate) fn outside(context: &Context<'_>, user: &PodSource<'_>) -> BTreeSet<String> {
    let mut hosts = BTreeSet::new();
    for text in texts(context, user) {
        let urls = names(text).into_iter().filter(|name| name.is_url);
        let foreign = urls.filter(|name| {
            let host = name.said.to_ascii_lowercase();
            let is_address = host.chars().all(|c| c.is_ascii_digit() || c == '.');
            // The last part of a public name has letters only, and is none of the cluster's.
            let last = host.rsplit('.').next().unwrap_or_default();
            let within = ["svc", "local", "internal", "cluster"].contains(&last);
            host.contains('.') && !is_address && !within && !is_of_cluster(context, name)
        });
        hosts.extend(foreign.map(|name| name.said.to_owned()));
    }
    hosts
}

/// Whether a name is that of a service of the cluster.
fn is_of_cluster(context: &Context<'_>, name: &Name<'_>) -> bool {
    let Some(namespace) = name.namespace else { return false };
    let key = ObjectKey::new(Kind::Service, Some(namespace), name.service);
    context.cluster.get(&key).is_some() || name.said.ends_with(".svc")
}

/// The texts that tell a workload where to connect to.
fn texts<'a>(context: &'a Context<'_>, user: &'a PodSource<'_>) -> Vec<&'a str> {
    let mut texts: Vec<&str> = Vec::new();
    for container in &user.spec.containers {
        texts.extend(container.environment.iter().map(|(_, value)| value.as_str()));
        texts.extend(container.command.iter().chain(&container.args).map(String::as_str));
    }
    for name in suggestion::config_maps(user) {
        let namespace = user.metadata.namespace.as_deref();
        let key = ObjectKey::new(Kind::ConfigMap, namespace, name);
        if let Some(Object::ConfigMap(map)) = context.cluster.get(&key) {
            texts.extend(map.data.values().map(String::as_str));
        }
    }
    texts
}

/// What may be the name of a service in a text.
#[derive(Debug, PartialEq, Eq)]
struct Name<'a> {
    said: &'a str,
    service: &'a str,
    namespace: Option<&'a str>,
    /// Whether it stands where a host stands: alone, after `//` or `@`, or before a port.
    is_host: bool,
    /// Whether it stands after `//` or `@`.
    is_url: bool,
    port: Option<u16>,
}

fn names(text: &str) -> Vec<Name<'_>> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let mut found = Vec::new();
    let mut rest = text;
    let mut before = "";
    while let Some(start) = rest.find(is_part) {
        let (gap, tail) = rest.split_at_checked(start).unwrap_or((rest, ""));
        let end = tail.find(|c| !is_part(c)).unwrap_or(tail.len());
        let (said, after) = tail.split_at_checked(end).unwrap_or((tail, ""));
        let port = after
            .strip_prefix(':')
            .map(|digits| digits.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default());
        let port = port.and_then(|digits| digits.parse().ok());
        // What stands before `@` is a user.
        let opens = (gap.ends_with("//") || gap.ends_with('@')) && !after.starts_with('@');
        // `HOST=db` and `a,b`: what stands between such marks stands alone.
        let begins =
            (gap.is_empty() && before.is_empty()) || gap.ends_with(['=', ',', ' ', '\n', '"']);
        let ends = after.is_empty() || after.starts_with([',', ' ', '\n', '"', '/']);
        let is_host = opens || port.is_some() || (begins && ends && !after.starts_with('/'));
        if let Some((service, namespace)) = parts(said.trim_matches('.')) {
            found.push(Name { said, service, namespace, is_host, is_url: opens, port });
        }
        before = said;
        rest = after;
    }
    found
}

/// The service and the namespace of a name: `db`, `db.shop`, `db.shop.svc.cluster.local`,
/// `db-0.db.shop.svc`.
fn parts(name: &str) -> Option<(&str, Option<&str>)> {
    let parts: Vec<&str> = name.split('.').collect();
    if let Some(at) = parts.iter().position(|part| *part == "svc").filter(|at| *at >= 2) {
        return Some((parts.get(at - 2)?, Some(parts.get(at - 1)?)));
    }
    match *parts.as_slice() {
        [service] if !service.is_empty() => Some((service, None)),
        [.., service, namespace] => Some((service, Some(namespace))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(text: &str) -> Vec<(&str, Option<&str>, Option<u16>)> {
        let hosts = names(text).into_iter().filter(|name| name.is_host);
        hosts.map(|name| (name.service, name.namespace, name.port)).collect()
    }

    #[test]
    fn a_name_counts_where_a_host_stands() {
        assert_eq!(hosts("db"), [("db", None, None)]);
        assert_eq!(hosts("postgres://app@db:5432/shop"), [("db", None, Some(5432))]);
        assert_eq!(hosts("http://api.shop.svc.cluster.local/v1"), [("api", Some("shop"), None)]);
        assert_eq!(hosts("--upstream=cart:8080"), [("cart", None, Some(8080))]);
        assert_eq!(hosts("db-0.db.shop.svc:5432"), [("db", Some("shop"), Some(5432))]);
        assert_eq!(hosts("/var/lib/db/data"), []);
    }
}
