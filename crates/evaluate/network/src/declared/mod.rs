//! Connections that manifests tell of, whether or not anybody saw them.
//!
//! Enters: a cluster. Leaves: [`Declared`]: who is bound to open which connection, each with the
//! place that says so. Always holds: a name counts only where it can be nothing but a host (in a
//! URL, before a port, in a variable that is called one, or written out with its namespace); names
//! that lead nowhere are told.

mod edges;
mod hosts;
mod outside;
mod servers;
mod words;

use kuberlock_model::network::Protocol;
use kuberlock_model::{Cluster, FieldPath, ObjectKey, Origin};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::traffic::{Directory, Who};

/// A connection that a manifest tells of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DeclaredEdge {
    /// Who opens it.
    pub from: Who,
    /// To whom.
    pub to: Who,
    /// By which protocol.
    pub protocol: Protocol,
    /// To which port of `to`.
    pub port: u16,
    /// What tells of it; never empty.
    pub reasons: Vec<Reason>,
}

/// What tells of a connection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    /// What kind of thing.
    pub kind: ReasonKind,
    /// The object.
    pub object: ObjectKey,
    /// Where the object was read.
    pub origin: Origin,
    /// The field of it.
    pub path: FieldPath,
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shown = serializer.serialize_struct("Reason", 4)?;
        shown.serialize_field("kind", &self.kind)?;
        shown.serialize_field("object", &self.object.to_string())?;
        shown.serialize_field("source", &*self.origin.source)?;
        shown.serialize_field("path", &self.path)?;
        shown.end()
    }
}

/// What kind of thing tells of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReasonKind {
    /// A variable's value.
    Variable,
    /// A word of a command line.
    Argument,
    /// A value of a config map that the pod takes.
    ConfigMap,
    /// A route that leads to a service.
    Route,
    /// A service that is reached from outside.
    Exposed,
    /// A webhook that the API server asks.
    Webhook,
    /// A binding of the pod's service account: it asks the API server.
    Binding,
    /// A binding that only servers of APIs behind the API server need: it asks them.
    Extension,
    /// A probe or lifecycle handler that names another host.
    Handler,
}

/// A name that leads nowhere, or to a port that is not there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Dangling {
    /// Whose manifest names it.
    pub by: Who,
    /// The name, with its port where it has one.
    pub name: String,
    /// What is wrong; half a sentence.
    pub reason: String,
}

/// Everything that manifests tell of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Declared {
    /// The connections, by ends, protocol and port.
    pub edges: Vec<DeclaredEdge>,
    /// Names that lead nowhere.
    pub dangling: Vec<Dangling>,
    /// Routes and exposed services of which nobody is known to lead traffic in.
    pub unled: Vec<ObjectKey>,
}

impl Declared {
    /// What the manifests of `cluster` tell of.
    pub fn of(cluster: &Cluster) -> Self {
        Self::within(&Directory::new(cluster))
    }

    /// [`Declared::of`], of a directory that was made already.
    pub fn within(directory: &Directory<'_>) -> Self {
        let mut edges = edges::Edges::default();
        hosts::of_workloads(directory, &mut edges);
        outside::of_routes(directory, &mut edges);
        outside::of_services(directory, &mut edges);
        servers::of_webhooks(directory, &mut edges);
        servers::of_extensions(directory, &mut edges);
        servers::of_bindings(directory, &mut edges);
        edges.finish()
    }
}
