//! Sensitive and ordinary workloads in one namespace, and what moving one out would break.
//!
//! Always holds: a tie is something that was seen. That none was seen is no promise: names in Secrets
//! and in programs are not.

use std::collections::{BTreeMap, BTreeSet};

use kuberlock_model::cluster::PodSource;
use kuberlock_model::namespace::{Bond, Mixture, Move, Tie};
use kuberlock_model::network::{NetworkPolicy, Peer, Route, Service};
use kuberlock_model::rbac::{Binding, Principal};
use kuberlock_model::workload::VolumeSource;
use kuberlock_model::{Kind, Object, ObjectKey};

use super::isolation::Policies;
use super::mention::Mention;
use super::sensitive::mark;
use super::{Space, by_namespace, suggestion};
use crate::context::Context;

/// What a workload may be tied to, looked up once for all namespaces.
#[derive(Debug)]
pub(super) struct Surroundings<'a> {
    mentions: &'a [Mention<'a>],
    services: BTreeMap<&'a str, Vec<&'a Object>>,
    policies: Policies<'a>,
    limits: BTreeMap<&'a str, Vec<&'a Object>>,
    routes: Vec<&'a Route>,
    bindings: BTreeMap<(&'a str, &'a str), Vec<&'a Binding>>,
}

impl<'a> Surroundings<'a> {
    pub(super) fn of(context: &'a Context<'_>, mentions: &'a [Mention<'a>]) -> Self {
        let mut limits = by_namespace(context, Kind::ResourceQuota);
        for (namespace, mut ranges) in by_namespace(context, Kind::LimitRange) {
            limits.entry(namespace).or_default().append(&mut ranges);
        }
        let mut bindings: BTreeMap<(&str, &str), Vec<&Binding>> = BTreeMap::new();
        for binding in context.cluster.bindings() {
            for subject in &binding.subjects {
                if let Principal::ServiceAccount { namespace, name } = subject {
                    bindings.entry((namespace, name)).or_default().push(binding);
                }
            }
        }
        Self {
            mentions,
            services: by_namespace(context, Kind::Service),
            policies: Policies::of(context),
            limits,
            routes: context.cluster.routes().collect(),
            bindings,
        }
    }
}

/// What is mixed in a namespace; none where all of its workloads are of one sort. All of a sensitive
/// namespace is sensitive, but for what is marked otherwise.
pub(super) fn mixture(
    context: &Context<'_>,
    space: &Space<'_>,
    is_sensitive: bool,
    around: &Surroundings<'_>,
) -> Option<Mixture> {
    if space.is_own() {
        return None;
    }
    let groups: Vec<&[&PodSource<'_>]> = space.sources.chunk_by(|a, b| a.head == b.head).collect();
    let (mut sensitive, mut ordinary) = (Vec::new(), Vec::new());
    for group in &groups {
        let Some(first) = group.first() else { continue };
        let marked = group.iter().find_map(|source| marked(source));
        let (declared, why) = match marked {
            Some((true, what)) => (true, vec![what]),
            Some((false, _)) => (true, Vec::new()),
            None if is_sensitive => (false, vec!["its namespace is sensitive".to_owned()]),
            None => (false, suggestion::of_workload(context.cluster, group)),
        };
        match why.is_empty() {
            true => ordinary.push(first.head.clone()),
            false => sensitive.push((*group, declared, why)),
        }
    }
    if sensitive.is_empty() || ordinary.is_empty() {
        return None;
    }
    let moves = sensitive.into_iter().filter_map(|(group, declared, why)| {
        let ties = ties(space, group, &groups, around);
        Some(Move { workload: group.first()?.head.clone(), declared, why, ties })
    });
    Some(Mixture { sensitive: moves.collect(), ordinary })
}

/// What the mark of a workload, or of its pods, says.
fn marked(source: &PodSource<'_>) -> Option<(bool, String)> {
    mark(source.metadata).or_else(|| {
        let key = super::sensitive::MARK;
        let value = source.pod_labels.get(key).or_else(|| source.pod_annotations.get(key))?;
        let is_sensitive = value.parse::<bool>().ok()?;
        Some((is_sensitive, format!("its pods are marked {key}: {value}")))
    })
}

fn ties(
    space: &Space<'_>,
    group: &[&PodSource<'_>],
    groups: &[&[&PodSource<'_>]],
    around: &Surroundings<'_>,
) -> Vec<Tie> {
    let Some(own) = group.first().copied() else { return Vec::new() };
    let others: Vec<&PodSource<'_>> = groups
        .iter()
        .filter_map(|of| of.first().copied())
        .filter(|of| of.head != own.head)
        .collect();
    let services: Vec<&Service> = around
        .services
        .get(space.name)
        .into_iter()
        .flatten()
        .filter_map(|object| match object {
            Object::Service(service) if selects(service, own) => Some(service),
            _ => None,
        })
        .collect();
    let mut ties = Vec::new();
    names(space, own, &services, &others, around, &mut ties);
    routes(space, &services, around, &mut ties);
    values(group, &others, &mut ties);
    volumes(group, &mut ties);
    bindings(space, own, &others, around, &mut ties);
    policies(space, own, around, &mut ties);
    for object in around.limits.get(space.name).into_iter().flatten() {
        let what = format!("{} {} no longer holds it", object.kind(), object.metadata().name);
        ties.push(Tie { of: Bond::Limit, what });
    }
    ties.sort();
    ties.dedup();
    ties
}

fn selects(service: &Service, source: &PodSource<'_>) -> bool {
    !service.selector.is_empty()
        && service.selector.iter().all(|(key, value)| source.pod_labels.get(key) == Some(value))
}

/// The names by which it is reached, and those by which it reaches others.
fn names(
    space: &Space<'_>,
    own: &PodSource<'_>,
    services: &[&Service],
    others: &[&PodSource<'_>],
    around: &Surroundings<'_>,
    ties: &mut Vec<Tie>,
) {
    let mut tie = |what: String| ties.push(Tie { of: Bond::Name, what });
    for service in services {
        let name = &service.metadata.name;
        let of_service = |m: &&Mention<'_>| std::ptr::eq(m.service, *service);
        let users = around.mentions.iter().filter(of_service).filter(|m| m.user.head != own.head);
        let mut used = false;
        for mention in users {
            used = true;
            tie(format!("{} reaches it as `{}`", mention.user.head, mention.said));
        }
        if !used {
            tie(format!("Service {name} becomes another name; who uses it was not seen"));
        }
        for other in others.iter().filter(|other| selects(service, other)) {
            tie(format!("Service {name} leads to {} too, and has to be parted", other.head));
        }
    }
    for mention in around.mentions.iter().filter(|m| m.user.head == own.head && m.is_short) {
        let (said, name) = (&mention.said, &mention.service.metadata.name);
        if !services.iter().any(|service| std::ptr::eq(*service, mention.service)) {
            tie(format!(
                "it reaches Service {name} as `{said}`, which has to become `{name}.{}`",
                space.name
            ));
        }
    }
}

fn routes(
    space: &Space<'_>,
    services: &[&Service],
    around: &Surroundings<'_>,
    ties: &mut Vec<Tie>,
) {
    for route in &around.routes {
        for backend in &route.backends {
            let leads = services.iter().any(|service| service.metadata.name == *backend.service);
            if *backend.namespace == *space.name && leads {
                let metadata = &route.metadata;
                let namespace = metadata.namespace.as_deref().unwrap_or_default();
                let what = format!(
                    "{} {namespace}/{} leads to it by Service {}",
                    route.kind, metadata.name, backend.service
                );
                ties.push(Tie { of: Bond::Route, what });
            }
        }
    }
}

/// The Secrets and config maps that it reads: they are read within a namespace.
fn values(group: &[&PodSource<'_>], others: &[&PodSource<'_>], ties: &mut Vec<Tie>) {
    let mut add = |of: Bond, word: &str, name: &str, sharing: Vec<String>| {
        let what = match sharing.first() {
            None => format!("{word} {name} has to be made there"),
            Some(other) if sharing.len() == 1 => {
                format!("{word} {name} has to be made there too: {other} reads it here")
            }
            Some(other) => format!(
                "{word} {name} has to be made there too: {other} and {} more read it here",
                sharing.len() - 1
            ),
        };
        ties.push(Tie { of, what });
    };
    let sharing = |reads: &dyn Fn(&PodSource<'_>) -> bool| -> Vec<String> {
        others.iter().filter(|other| reads(other)).map(|other| other.head.to_string()).collect()
    };
    let secrets: BTreeSet<&str> = group.iter().flat_map(|of| suggestion::secrets(of)).collect();
    for name in secrets {
        let shared = sharing(&|other| suggestion::secrets(other).contains(name));
        add(Bond::Secret, "Secret", name, shared);
    }
    let pulls: BTreeSet<&str> =
        group.iter().flat_map(|of| &of.spec.pull_secrets).map(|name| &**name).collect();
    for name in pulls {
        let shared = sharing(&|other| other.spec.pull_secrets.iter().any(|of| **of == *name));
        add(Bond::Secret, "the image's Secret", name, shared);
    }
    let maps: BTreeSet<&str> = group.iter().flat_map(|of| suggestion::config_maps(of)).collect();
    for name in maps {
        let shared = sharing(&|other| suggestion::config_maps(other).contains(name));
        add(Bond::ConfigMap, "ConfigMap", name, shared);
    }
}

fn volumes(group: &[&PodSource<'_>], ties: &mut Vec<Tie>) {
    for source in group {
        for volume in &source.spec.volumes {
            if let VolumeSource::PersistentVolumeClaim(name) = &volume.source {
                let what = format!("PersistentVolumeClaim {name} stays: its data has to be moved");
                ties.push(Tie { of: Bond::Volume, what });
            }
        }
        for name in source.claims {
            let what = format!("the claims `{name}` of its pods stay: their data has to be moved");
            ties.push(Tie { of: Bond::Volume, what });
        }
    }
}

fn bindings(
    space: &Space<'_>,
    own: &PodSource<'_>,
    others: &[&PodSource<'_>],
    around: &Surroundings<'_>,
    ties: &mut Vec<Tie>,
) {
    let account = own.spec.service_account.as_str();
    let named = around.bindings.get(&(space.name, account));
    for binding in named.into_iter().flatten() {
        let metadata = &binding.metadata;
        let key = ObjectKey::new(binding.kind(), metadata.namespace.as_deref(), &metadata.name);
        let what = format!("{key} names its account {account}, which is another one there");
        ties.push(Tie { of: Bond::Binding, what });
    }
    if account != "default" {
        let mut sharing = others.iter().filter(|other| other.spec.service_account == account);
        let what = match sharing.next() {
            Some(other) => format!("ServiceAccount {account} is {}'s too", other.head),
            None => format!("ServiceAccount {account} has to be made there"),
        };
        ties.push(Tie { of: Bond::Binding, what });
    }
}

fn policies(
    space: &Space<'_>,
    own: &PodSource<'_>,
    around: &Surroundings<'_>,
    ties: &mut Vec<Tie>,
) {
    let mut tie = |what: String| ties.push(Tie { of: Bond::Policy, what });
    for policy in around.policies.within(space.name) {
        let name = &policy.metadata.name;
        if policy.pods.matches(own.pod_labels) {
            tie(format!("NetworkPolicy {name} no longer holds it"));
        }
        if names_as_neighbour(policy, own) {
            tie(format!(
                "NetworkPolicy {name} no longer lets it through: it means pods of its own namespace"
            ));
        }
    }
}

/// Whether a rule means the pod because it shares the policy's namespace.
fn names_as_neighbour(policy: &NetworkPolicy, own: &PodSource<'_>) -> bool {
    let rules = policy.ingress_rules.iter().chain(&policy.egress_rules);
    rules.flat_map(|rule| &rule.peers).any(|peer| match peer {
        Peer::Pods { namespaces: None, pods } => {
            pods.as_ref().is_none_or(|pods| pods.matches(own.pod_labels))
        }
        _ => false,
    })
}
