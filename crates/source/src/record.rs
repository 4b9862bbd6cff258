//! What every source yields: one redacted object or node fact at a time.

use kuberlock_model::certificate::Certificate;
use kuberlock_model::coverage::Reading;
use kuberlock_model::host::{File, Process, Sysctl, Version};
use kuberlock_model::system::SystemFact;
use kuberlock_model::{Origin, Release, Timestamp};
use serde_json::Value;

/// One thing that a source read. It holds no credential: sources redact before they make one.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// One object of the Kubernetes API; never a list of them.
    Object {
        /// The object, redacted.
        object: Value,
        /// Where it was read.
        origin: Origin,
    },
    /// A fact of a node's machine.
    Host {
        /// The node.
        node: String,
        /// The fact.
        record: HostRecord,
    },
    /// The cluster's name.
    Name(String),
    /// The release the API server states.
    Release(Release),
    /// When a snapshot was collected.
    Collected(Timestamp),
    /// What was seen, and what was not.
    Reading(Reading),
}

/// A fact of a node's machine, as found.
#[derive(Clone, Debug, PartialEq)]
pub enum HostRecord {
    /// A file.
    File(File),
    /// A process, or a command line of a unit file.
    Process(Process),
    /// A kernel setting.
    Sysctl(Sysctl),
    /// A version.
    Version(Version),
    /// What a certificate says.
    Certificate(Box<Certificate>),
    /// What the system does beside Kubernetes.
    System(SystemFact),
    /// What the kubelet's `configz` endpoint answered, redacted.
    Configz(Value),
}
