//! Policies that let through what is needed, and nothing else.
//!
//! Enters: a cluster, what was observed and what manifests declare. Leaves: [`Generated`]: for each
//! namespace a policy that denies by default, one for DNS as the cluster runs it, and one a
//! workload. Always holds: every rule carries its evidence; labels that controllers set for one pod
//! or one generation are never selected by; what policies cannot say is told.

mod dns;
mod evidence;
mod external;
mod namespace;
mod peers;
mod rules;
mod selection;
mod yaml;

use std::collections::BTreeSet;

use kuberlock_model::network::NetworkPolicy;
use kuberlock_model::{Cluster, FieldPath, Object, Origin};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

pub use evidence::Evidence;

use crate::Cni;
use crate::declared::Declared;
use crate::traffic::{Directory, Traffic};

/// The schema of [`Generated`] as JSON.
pub const SCHEMA: &str = "kuberlock.dev/netpol-generated/v1";

/// Namespaces of Kubernetes' own parts: policies there are made only where they are asked for.
pub const OWN_NAMESPACES: [&str; 3] = ["kube-node-lease", "kube-public", "kube-system"];

/// How policies are generated.
#[derive(Clone, Debug)]
pub struct Options {
    /// For which namespaces; empty is all but [`OWN_NAMESPACES`].
    pub namespaces: BTreeSet<String>,
    /// To how many bits addresses of IPv4 outside the cluster are widened; 32 leaves them as they are.
    pub prefix_v4: u8,
    /// The same for IPv6.
    pub prefix_v6: u8,
}

impl Default for Options {
    fn default() -> Self {
        Self { namespaces: BTreeSet::new(), prefix_v4: 32, prefix_v6: 128 }
    }
}

/// What policies are generated from.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The network plugin.
    pub cni: Cni,
    /// What was observed; `None` to go by manifests alone.
    pub traffic: Option<&'a Traffic>,
    /// What manifests declare; `None` to go by flows alone.
    pub declared: Option<&'a Declared>,
    /// How.
    pub options: &'a Options,
}

/// A generated policy.
#[derive(Clone, Debug)]
pub struct GeneratedPolicy {
    /// The policy.
    pub policy: NetworkPolicy,
    /// Why it is there; one sentence.
    pub why: String,
    /// The evidence of each rule for what comes in, in order.
    pub ingress: Vec<Vec<Evidence>>,
    /// The evidence of each rule for what goes out, in order.
    pub egress: Vec<Vec<Evidence>>,
}

/// Something that generated policies cannot say, or say wider than it was seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Note {
    /// About whom.
    pub about: String,
    /// What; one sentence, lower-case.
    pub text: String,
}

/// Everything that was generated.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The policies, by namespace and name.
    pub policies: Vec<GeneratedPolicy>,
    /// What they cannot say.
    pub notes: Vec<Note>,
}

impl Generated {
    /// The policies as objects, for [`crate::simulate::changes`].
    pub fn objects(&self) -> Vec<Object> {
        self.policies.iter().map(|of| Object::NetworkPolicy(of.policy.clone())).collect()
    }

    /// The policies as YAML, each rule with its evidence as a comment. `locate` says where a field
    /// of a source is (`deploy.yaml:12`); what it does not know is told by path.
    pub fn yaml(&self, locate: &dyn Fn(&Origin, &FieldPath) -> Option<String>) -> String {
        yaml::documents(self, locate)
    }
}

/// The rules themselves are in the YAML: this tells why each is there.
impl Serialize for Generated {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shown = serializer.serialize_struct("Generated", 3)?;
        shown.serialize_field("schema", SCHEMA)?;
        shown.serialize_field("policies", &self.policies)?;
        shown.serialize_field("notes", &self.notes)?;
        shown.end()
    }
}

impl Serialize for GeneratedPolicy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let metadata = &self.policy.metadata;
        let mut shown = serializer.serialize_struct("GeneratedPolicy", 5)?;
        shown.serialize_field("namespace", &metadata.namespace)?;
        shown.serialize_field("name", &metadata.name)?;
        shown.serialize_field("why", &self.why)?;
        shown.serialize_field("ingress", &self.ingress)?;
        shown.serialize_field("egress", &self.egress)?;
        shown.end()
    }
}

/// Generates policies.
pub fn generate(input: &Input<'_>) -> Generated {
    let directory = Directory::new(input.cluster);
    let needs = evidence::needs(input);
    let mut generating = namespace::Generating::new(&directory, input);
    generating.take(&needs);
    generating.finish(&needs)
}
