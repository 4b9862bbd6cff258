//! What is probably sensitive: by the Secrets that a workload reads, and by names. A suggestion is
//! for a person to take or to leave; no verdict rests on it.

use std::collections::BTreeSet;

use kuberlock_model::cluster::PodSource;
use kuberlock_model::workload::{Reference, VolumeSource};
use kuberlock_model::{Cluster, Kind, Object, ObjectKey};

/// Parts of names of what holds or guards something worth stealing.
const WORDS: [&str; 46] = [
    "auth",
    "bank",
    "banking",
    "billing",
    "cardholder",
    "cards",
    "credential",
    "credentials",
    "database",
    "db",
    "etcd",
    "finance",
    "health",
    "hr",
    "iam",
    "identity",
    "idp",
    "keycloak",
    "kms",
    "ldap",
    "ledger",
    "login",
    "mariadb",
    "medical",
    "mongo",
    "mongodb",
    "mysql",
    "oauth",
    "oauth2",
    "oidc",
    "passwords",
    "patients",
    "payment",
    "payments",
    "payroll",
    "pci",
    "pii",
    "pki",
    "postgres",
    "postgresql",
    "secrets",
    "sso",
    "tokens",
    "users",
    "vault",
    "wallet",
];

/// Why a name is that of something sensitive.
pub(crate) fn by_name(name: &str) -> Option<String> {
    let parts = name.split(|c: char| !c.is_ascii_alphanumeric());
    let word = parts.into_iter().find(|part| WORDS.contains(part))?;
    Some(format!("its name says `{word}`"))
}

/// Why a workload is probably sensitive: its name, and the Secrets that its pods read. Certificates
/// are left out: every server has one.
pub(crate) fn of_workload(cluster: &Cluster, sources: &[&PodSource<'_>]) -> Vec<String> {
    let Some(first) = sources.first() else { return Vec::new() };
    let mut reasons: Vec<String> = by_name(&first.head.name).into_iter().collect();
    let secrets: BTreeSet<&str> = sources.iter().flat_map(|source| secrets(source)).collect();
    let namespace = first.metadata.namespace.as_deref();
    let secrets = secrets.into_iter().filter(|name| !is_certificate(cluster, namespace, name));
    reasons.extend(secrets.map(|name| format!("it reads Secret {name}")));
    reasons
}

/// The Secrets whose values a pod gets, each once and in order.
pub(crate) fn secrets<'a>(source: &'a PodSource<'_>) -> BTreeSet<&'a str> {
    references(source)
        .filter_map(|reference| match reference {
            Reference::Secret(name) => Some(&**name),
            Reference::ConfigMap(_) => None,
        })
        .chain(source.spec.volumes.iter().filter_map(|volume| match &volume.source {
            VolumeSource::Secret(name) => Some(&**name),
            _ => None,
        }))
        .collect()
}

/// The config maps whose values a pod gets, each once and in order.
pub(crate) fn config_maps<'a>(source: &'a PodSource<'_>) -> BTreeSet<&'a str> {
    references(source)
        .filter_map(|reference| match reference {
            Reference::ConfigMap(name) => Some(&**name),
            Reference::Secret(_) => None,
        })
        .chain(source.spec.volumes.iter().filter_map(|volume| match &volume.source {
            VolumeSource::ConfigMap(name) => Some(&**name),
            _ => None,
        }))
        .filter(|name| *name != "kube-root-ca.crt")
        .collect()
}

fn references<'a>(source: &'a PodSource<'_>) -> impl Iterator<Item = &'a Reference> {
    let variables = source.spec.containers.iter().flat_map(|container| &container.variables);
    let projected = source.spec.volumes.iter().flat_map(|volume| match &volume.source {
        VolumeSource::Projected { of, .. } => &**of,
        _ => &[],
    });
    variables.map(|variable| &variable.of).chain(projected)
}

fn is_certificate(cluster: &Cluster, namespace: Option<&str>, name: &str) -> bool {
    match cluster.get(&ObjectKey::new(Kind::Secret, namespace, name)) {
        Some(Object::Secret(secret)) => secret.secret_type == "kubernetes.io/tls",
        // Where Secrets were not read, the name has to do.
        _ => name.split('-').any(|part| matches!(part, "tls" | "cert" | "certs" | "ca")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_counts_whole() {
        assert_eq!(by_name("prod-db").as_deref(), Some("its name says `db`"));
        assert!(by_name("auth").is_some() && by_name("vault-0").is_some());
        for plain in ["author", "feedback", "dbus-less", "shop", "payload"] {
            assert_eq!(by_name(plain), None, "{plain}");
        }
    }
}
