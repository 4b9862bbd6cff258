//! Lines of np-guard's output.

use std::fmt;

/// A connection, as np-guard writes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Whence: `namespace/name[Kind]`, `a.b.c.d-e.f.g.h[External]`, `{ingress-controller}`.
    pub src: String,
    /// Whither.
    pub dst: String,
    /// The network, where the cluster has more than one.
    pub network: Option<Network>,
    /// What gets through: `All Connections`, `TCP 80,443,UDP 53`.
    pub conn: String,
}

/// `src => dst : conn`.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} => {} : {}", self.src, self.dst, self.conn)
    }
}

/// A network of pods.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    /// What it is.
    pub kind: NetworkKind,
    /// Its name; that of a UserDefinedNetwork is its namespace's.
    pub name: String,
}

impl Network {
    pub(super) fn of_pods() -> Self {
        Self { kind: NetworkKind::Pods, name: "pod-network".to_owned() }
    }
}

/// `pod-network`, `blue[UDN]`.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind.word() {
            None => f.write_str(&self.name),
            Some(word) => write!(f, "{}[{word}]", self.name),
        }
    }
}

/// Kinds of networks, in the order of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NetworkKind {
    /// The one that all pods share.
    Pods,
    /// One namespace's, in place of it.
    UserDefined,
    /// Several namespaces', in place of it.
    ClusterUserDefined,
    /// One beside the first, by a NetworkAttachmentDefinition.
    Attached,
}

impl NetworkKind {
    fn word(self) -> Option<&'static str> {
        match self {
            Self::Pods => None,
            Self::UserDefined => Some("UDN"),
            Self::ClusterUserDefined => Some("CUDN"),
            Self::Attached => Some("NAD"),
        }
    }

    /// What its section is about.
    pub(super) fn heading(self) -> &'static str {
        match self {
            Self::Pods => "Pod network",
            Self::UserDefined => "primary UDN",
            Self::ClusterUserDefined => "primary CUDN",
            Self::Attached => "secondary NAD",
        }
    }
}

/// A row as comma-separated values, where a value that holds a comma stands in quotes.
pub(super) fn row<'v>(values: impl IntoIterator<Item = &'v str>) -> String {
    let value = |text: &str| match text.contains([',', '"', '\n', '\r']) || text.starts_with(' ') {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    };
    let values: Vec<String> = values.into_iter().map(value).collect();
    format!("{}\n", values.join(","))
}
