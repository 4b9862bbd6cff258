//! How kubectl's users name kinds: `pods`, `pod`, `po`, `roles.rbac.authorization.k8s.io`, `all`.

use kuberlock_model::object::{Kind, KindName};
use kuberlock_model::{Cluster, Release};

/// The kinds of the category `all`, in kubectl's order. Autoscalers belong to it too; the model
/// does not know them.
const ALL: [&str; 9] = [
    "pods",
    "replicationcontrollers",
    "services",
    "daemonsets",
    "deployments",
    "replicasets",
    "statefulsets",
    "cronjobs",
    "jobs",
];

/// What a word stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// Kinds of the model, and whether there are others that it does not know.
    Kinds(Vec<Kind>, bool),
    /// A kind that this release does not serve.
    NotServed,
    /// A kind that the model does not know, such as that of a custom resource.
    Unknown,
}

/// The kinds that `word` names for `cluster`.
pub(crate) fn named(word: &str, cluster: &Cluster) -> Named {
    let word = word.to_ascii_lowercase();
    if word == "all" {
        return Named::Kinds(ALL.iter().filter_map(|name| Kind::by_resource(name)).collect(), true);
    }
    let (name, group) = word.split_once('.').unwrap_or((&word, ""));
    let fits = |kind: &&KindName| {
        let is_group = group.is_empty()
            || group == kind.group
            || group.strip_prefix(kind.version).and_then(|g| g.strip_prefix('.'))
                == Some(kind.group);
        is_group
            && (name == kind.resource
                || name == kind.name.to_ascii_lowercase()
                || short_names(kind.resource).contains(&name))
    };
    match Kind::all().iter().find(fits) {
        Some(kind) => Named::Kinds(vec![kind.kind], false),
        None if is_gone(name, cluster.release().as_ref()) => Named::NotServed,
        None => Named::Unknown,
    }
}

fn short_names(resource: &str) -> &'static [&'static str] {
    match resource {
        "namespaces" => &["ns"],
        "nodes" => &["no"],
        "pods" => &["po"],
        "deployments" => &["deploy"],
        "statefulsets" => &["sts"],
        "daemonsets" => &["ds"],
        "replicasets" => &["rs"],
        "replicationcontrollers" => &["rc"],
        "cronjobs" => &["cj"],
        "serviceaccounts" => &["sa"],
        "networkpolicies" => &["netpol"],
        "services" => &["svc"],
        "configmaps" => &["cm"],
        _ => &[],
    }
}

/// Whether a kind was removed from Kubernetes before this release: pod security policies, in 1.25.
fn is_gone(name: &str, release: Option<&Release>) -> bool {
    matches!(name, "psp" | "podsecuritypolicy" | "podsecuritypolicies")
        && release.is_some_and(|release| release.minor >= 25)
}
