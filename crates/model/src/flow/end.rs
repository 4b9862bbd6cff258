//! One end of a connection, as the observer told it.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::Serialize;

/// One end of a connection, as far as the observer told.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FlowEnd {
    /// The namespace of the pod.
    pub namespace: Option<Box<str>>,
    /// The pod's name.
    pub pod: Option<Box<str>>,
    /// The name of what made the pod; with `*` at its end where the observer cut the pods' names.
    pub workload: Option<Box<str>>,
    /// The node's name.
    pub node: Option<Box<str>>,
    /// What it is, where it is no pod.
    pub entity: Option<Entity>,
    /// Its address.
    pub address: Option<IpAddr>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

impl FlowEnd {
    /// An address of which nothing else is known.
    pub fn at(address: IpAddr) -> Self {
        Self { address: Some(address), ..Self::default() }
    }

    /// A pod by name.
    pub fn pod(namespace: &str, name: &str) -> Self {
        let (namespace, pod) = (Some(namespace.into()), Some(name.into()));
        Self { namespace, pod, ..Self::default() }
    }

    /// A node by name.
    pub fn node(name: &str) -> Self {
        Self { node: Some(name.into()), ..Self::default() }
    }

    /// Whether nothing at all is known of it.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for FlowEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let namespace = self.namespace.as_deref().unwrap_or("?");
        match (&self.pod, &self.workload, &self.node, self.address, self.entity) {
            (Some(name), ..) | (None, Some(name), ..) => write!(f, "{namespace}/{name}"),
            (_, _, Some(node), ..) => write!(f, "node/{node}"),
            (.., Some(address), _) => write!(f, "{address}"),
            (.., Some(entity)) => f.write_str(entity.word()),
            _ => f.write_str("?"),
        }
    }
}

/// `namespace/name`, `node/NAME`, an address, or the word of an [`Entity`].
impl FromStr for FlowEnd {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::at(address.to_canonical()));
        }
        if let Some(entity) = Entity::find(text) {
            return Ok(Self { entity: Some(entity), ..Self::default() });
        }
        let shown = || text.chars().take(80).collect::<String>();
        match text.split_once('/') {
            Some(("node", name)) if is_name(name) => Ok(Self::node(name)),
            Some((namespace, name)) if is_name(namespace) && is_name(name) => {
                Ok(Self::pod(namespace, name))
            }
            _ => Err(format!("`{}` is no end of a connection", shown())),
        }
    }
}

/// Whether `text` can be the name of a namespace, pod or node.
fn is_name(text: &str) -> bool {
    (1..=253).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b))
}

/// Something that is no pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entity {
    /// The node that the observer runs on.
    Host,
    /// Another node.
    RemoteNode,
    /// The API server.
    ApiServer,
    /// Outside of the cluster.
    World,
    /// The proxy that a plugin runs on every node for Ingress.
    Ingress,
    /// A plugin's own probes.
    Health,
}

impl Entity {
    /// Every entity.
    pub const ALL: [Self; 6] =
        [Self::Host, Self::RemoteNode, Self::ApiServer, Self::World, Self::Ingress, Self::Health];

    /// Its word in our own lists and in Cilium's reserved labels.
    pub fn word(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::RemoteNode => "remote-node",
            Self::ApiServer => "kube-apiserver",
            Self::World => "world",
            Self::Ingress => "ingress",
            Self::Health => "health",
        }
    }

    /// The entity with this word.
    pub fn find(word: &str) -> Option<Self> {
        let word = if word.starts_with("world-ipv") { "world" } else { word };
        Self::ALL.into_iter().find(|entity| entity.word() == word)
    }

    /// Whether it is on a node's own network.
    pub fn is_node(self) -> bool {
        matches!(self, Self::Host | Self::RemoteNode | Self::Ingress | Self::Health)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_reads_back_as_it_is_shown() {
        for text in ["shop/web-1", "node/worker-2", "10.0.0.7", "2001:db8::1", "world"] {
            assert_eq!(text.parse::<FlowEnd>().unwrap().to_string(), text);
        }
        for text in ["", "shop", "a/b/c", "Shop/web", "shop/", "/web"] {
            assert!(text.parse::<FlowEnd>().is_err(), "{text}");
        }
    }
}
