//! Namespaces: how each stands, what is mixed in them, and what brings one to where it should be.
//!
//! Enters: a cluster, and what its owner says is sensitive. Leaves: the subjects that the checks of
//! the pack `namespace` judge, [`Standing`](kuberlock_model::namespace::Standing)s, and
//! [`Proposal`](secure::Proposal)s. Always holds: a suggestion is told as one, and moves no verdict;
//! whether traffic passes is decided by evaluating policies, not by their names or shape.

pub(crate) mod dns;
pub mod holders;
pub(crate) mod isolation;
pub(crate) mod labels;
mod mention;
mod mixing;
pub mod secure;
pub mod sensitive;
mod standing;
mod suggestion;

use std::collections::BTreeMap;

use kuberlock_model::cluster::PodSource;
use kuberlock_model::{Evidence, FieldPath, Kind, Metadata, Object, ObjectKey, Subject};

use crate::check::Outcome;
use crate::context::Context;

pub use sensitive::{Declared, NotDeclared};
pub use standing::standings;

/// The namespaces that Kubernetes makes for its own parts: what runs there is the installer's, and
/// so is what is granted there.
pub(crate) const OWN: [&str; 3] = ["kube-node-lease", "kube-public", "kube-system"];

/// A namespace and what asks for pods in it.
#[derive(Debug)]
pub(crate) struct Space<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// Its metadata, where the object was seen.
    pub(crate) metadata: Option<&'a Metadata>,
    /// What asks for pods in it, by head, a template before the pods made of it.
    pub(crate) sources: Vec<&'a PodSource<'a>>,
}

impl<'a> Space<'a> {
    /// The object.
    pub(crate) fn key(&self) -> ObjectKey {
        ObjectKey::new(Kind::Namespace, None, self.name)
    }

    /// Whether it is one of Kubernetes' own.
    pub(crate) fn is_own(&self) -> bool {
        OWN.contains(&self.name)
    }

    /// What asks for pods that network policies reach.
    pub(crate) fn on_pod_network(&self) -> impl Iterator<Item = &'a PodSource<'a>> {
        self.sources.iter().copied().filter(|source| !source.spec.host_network)
    }

    /// Something that is missing in the namespace: the place to look is the object itself, or what
    /// runs there where only that was seen.
    pub(crate) fn missing(&self, said: impl Into<String>) -> Option<Evidence> {
        let first = self.sources.first().map(|source| source.metadata);
        let field = FieldPath::of("metadata").key("name");
        Some(Evidence::field(said, &self.metadata.or(first)?.origin, field))
    }
}

/// Every namespace by name: those whose object was seen, and those that something runs in.
pub(crate) fn spaces<'a>(context: &'a Context<'_>) -> BTreeMap<&'a str, Space<'a>> {
    let mut spaces: BTreeMap<&str, Space<'_>> = BTreeMap::new();
    for namespace in context.cluster.namespaces() {
        let metadata = &namespace.metadata;
        let space = Space { name: &metadata.name, metadata: Some(metadata), sources: Vec::new() };
        spaces.insert(&metadata.name, space);
    }
    for source in context.pod_sources() {
        let Some(name) = source.metadata.namespace.as_deref() else { continue };
        let new = || Space { name, metadata: None, sources: Vec::new() };
        spaces.entry(name).or_insert_with(new).sources.push(source);
    }
    spaces
}

/// Asks one question of every namespace; Kubernetes' own are not asked.
pub(crate) fn judge(
    context: &Context<'_>,
    mut ask: impl FnMut(&Space<'_>) -> Outcome,
) -> Vec<(Subject, Outcome)> {
    let answer = |space: &Space<'_>| match space.is_own() {
        true => Outcome::not_applicable("Kubernetes made it for its own parts"),
        false => ask(space),
    };
    let mut answer = answer;
    spaces(context).values().map(|space| (Subject::Object(space.key()), answer(space))).collect()
}

/// The objects of `kind` by namespace.
pub(crate) fn by_namespace<'a>(
    context: &Context<'a>,
    kind: Kind,
) -> BTreeMap<&'a str, Vec<&'a Object>> {
    let mut found: BTreeMap<&str, Vec<&Object>> = BTreeMap::new();
    for object in context.cluster.of_kind(kind) {
        let namespace = object.metadata().namespace.as_deref().unwrap_or_default();
        found.entry(namespace).or_default().push(object);
    }
    found
}
