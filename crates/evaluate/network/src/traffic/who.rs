//! An end of a connection, in the cluster's terms.

use std::fmt;
use std::net::IpAddr;

use kuberlock_model::{Kind, ObjectKey};
use serde::{Serialize, Serializer};

/// An end of a connection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    /// A pod that is there.
    Pod {
        /// The workload at the head of its owners, or the pod itself.
        head: ObjectKey,
        /// The pod's name.
        name: String,
    },
    /// The pods of a workload: which of them is not told, or it is gone.
    Workload(ObjectKey),
    /// A node.
    Node(String),
    /// Some node: which is not told.
    Nodes,
    /// The API server.
    ApiServer,
    /// An address outside the cluster.
    Address(IpAddr),
    /// A host outside the cluster, by a name that policies cannot say.
    Host(String),
    /// Somebody outside the cluster: who is not told.
    Outside,
    /// Anybody, inside or outside.
    Anybody,
}

impl Who {
    /// The workload at the head, where it is pods.
    pub fn head(&self) -> Option<&ObjectKey> {
        match self {
            Self::Pod { head, .. } | Self::Workload(head) => Some(head),
            _ => None,
        }
    }

    /// The namespace, where it is pods.
    pub fn namespace(&self) -> Option<&str> {
        self.head()?.namespace.as_deref()
    }

    /// The same, one pod not told from the others of its workload.
    #[must_use]
    pub fn folded(&self) -> Self {
        match self {
            Self::Pod { head, .. } => Self::Workload(head.clone()),
            other => other.clone(),
        }
    }
}

/// `namespace/name[Kind]`, `node/name`, an address, or a word.
impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pod { head, name } if head.kind == Kind::Pod => {
                write!(f, "{}/{name}[Pod]", head.namespace.as_deref().unwrap_or_default())
            }
            Self::Pod { head, .. } | Self::Workload(head) => {
                let namespace = head.namespace.as_deref().unwrap_or_default();
                write!(f, "{namespace}/{}[{}]", head.name, head.kind)
            }
            Self::Node(name) => write!(f, "node/{name}"),
            Self::Nodes => f.write_str("a node"),
            Self::ApiServer => f.write_str("kube-apiserver"),
            Self::Address(address) => write!(f, "{address}"),
            Self::Host(name) => f.write_str(name),
            Self::Outside => f.write_str("outside"),
            Self::Anybody => f.write_str("anybody"),
        }
    }
}

impl Serialize for Who {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
