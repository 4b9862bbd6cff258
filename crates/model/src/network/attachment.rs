//! Networks beside the one that all pods share.

use ipnet::IpNet;

use crate::object::{Kind, Metadata};
use crate::selector::LabelSelector;

/// OVN-Kubernetes' UserDefinedNetwork or ClusterUserDefinedNetwork (`k8s.ovn.org/v1`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserDefinedNetwork {
    /// Its kind.
    pub kind: Kind,
    /// Metadata.
    pub metadata: Metadata,
    /// The namespaces of a ClusterUserDefinedNetwork; `None` is the network's own.
    pub namespaces: Option<LabelSelector>,
    /// What it is to its pods.
    pub role: NetworkRole,
    /// `Layer2`, `Layer3` or `Localnet`, as written.
    pub topology: Box<str>,
    /// Its subnets.
    pub subnets: Box<[IpNet]>,
}

impl UserDefinedNetwork {
    /// The label without which a namespace's pods do not get a primary network of their own.
    pub const NAMESPACE_LABEL: &'static str = "k8s.ovn.org/primary-user-defined-network";
}

/// What a network is to its pods.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NetworkRole {
    /// In place of the network that all pods share.
    Primary,
    /// Beside it.
    Secondary,
}

/// A NetworkAttachmentDefinition (`k8s.cni.cncf.io/v1`): a network that pods ask for by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkAttachment {
    /// Metadata.
    pub metadata: Metadata,
    /// The name within its CNI configuration, by which definitions of several namespaces are one
    /// network; `None` where the configuration has none or does not parse.
    pub network: Option<Box<str>>,
    /// `role: primary` of its CNI configuration makes it its namespace's primary network.
    pub role: NetworkRole,
    /// The CNI plugin, such as `ovn-k8s-cni-overlay` or `macvlan`; empty where not told.
    pub plugin: Box<str>,
}

/// The name of a network, as an annotation gives it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NetworkSelection {
    /// The definition's namespace.
    pub namespace: Box<str>,
    /// The definition's name.
    pub name: Box<str>,
}

/// The networks that an annotation's text names, in the short form (`a, other/b@eth1`) or as JSON
/// (`[{"name": "a", "namespace": "other"}]`), as the multi-network specification 1.3 has them.
///
/// ```
/// # use kuberlock_model::network::networks_of;
/// let found = networks_of("l2, other/l3@net1", "team");
/// assert_eq!(found.len(), 2);
/// assert_eq!((&*found[1].namespace, &*found[1].name), ("other", "l3"));
/// assert_eq!(networks_of(r#"[{"name": "l2"}]"#, "team"), [found[0].clone()]);
/// ```
pub fn networks_of(annotation: &str, own_namespace: &str) -> Vec<NetworkSelection> {
    let text = annotation.trim();
    let named = |namespace: &str, name: &str| NetworkSelection {
        namespace: namespace.into(),
        name: name.into(),
    };
    if text.starts_with('[') {
        let Ok(serde_json::Value::Array(items)) = serde_json::from_str(text) else {
            return Vec::new();
        };
        let field = |item: &serde_json::Value, key: &str| {
            item.get(key).and_then(serde_json::Value::as_str).map(str::to_owned)
        };
        let item = |item: &serde_json::Value| {
            let namespace = field(item, "namespace");
            Some(named(namespace.as_deref().unwrap_or(own_namespace), &field(item, "name")?))
        };
        return items.iter().filter_map(item).collect();
    }
    text.split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(|word| {
            let name = word.split('@').next().unwrap_or(word);
            let (namespace, name) = name.split_once('/').unwrap_or((own_namespace, name));
            named(namespace, name)
        })
        .collect()
}
