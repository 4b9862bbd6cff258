//! Which subjects a waiver is for.

use std::collections::BTreeMap;

use kuberlock_model::rbac::Principal;
use kuberlock_model::{Cluster, Subject};
use serde::Deserialize;

use crate::pattern::Pattern;

/// Everything that is given has to be met; given nothing, every subject is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Selector {
    /// An object's kind, `Node`, `File`, `Component`, `Cluster`, `User`, `Group`.
    kind: Option<Pattern>,
    /// An object's or service account's namespace.
    namespace: Option<Pattern>,
    /// The name of an object, component or principal.
    name: Option<Pattern>,
    /// The node of a machine, file or component.
    node: Option<Pattern>,
    /// A file's path.
    path: Option<Pattern>,
    /// An object's labels.
    #[serde(default)]
    labels: BTreeMap<String, Pattern>,
}

/// What a subject can be known by.
#[derive(Default)]
struct Traits<'a> {
    kind: &'a str,
    namespace: Option<&'a str>,
    name: Option<&'a str>,
    node: Option<&'a str>,
    path: Option<&'a str>,
}

impl Selector {
    /// Whether `subject` of `cluster` is meant.
    pub(crate) fn meets(&self, subject: &Subject, cluster: &Cluster) -> bool {
        let traits = traits(subject);
        let met = |pattern: &Option<Pattern>, value: Option<&str>| match pattern {
            None => true,
            Some(pattern) => value.is_some_and(|value| pattern.meets(value)),
        };
        met(&self.kind, Some(traits.kind))
            && met(&self.namespace, traits.namespace)
            && met(&self.name, traits.name)
            && met(&self.node, traits.node)
            && met(&self.path, traits.path)
            && (self.labels.is_empty() || self.meets_labels(subject, cluster))
    }

    fn meets_labels(&self, subject: &Subject, cluster: &Cluster) -> bool {
        let Subject::Object(key) = subject else { return false };
        let Some(object) = cluster.get(key) else { return false };
        let labels = &object.metadata().labels;
        self.labels
            .iter()
            .all(|(key, value)| labels.get(key).is_some_and(|label| value.meets(label)))
    }
}

fn traits(subject: &Subject) -> Traits<'_> {
    let of = |kind| Traits { kind, ..Traits::default() };
    match subject {
        Subject::Cluster => of("Cluster"),
        Subject::Node { node } => Traits { name: Some(node), node: Some(node), ..of("Node") },
        Subject::Component { component, node } => {
            Traits { name: Some(component.program()), node: node.as_deref(), ..of("Component") }
        }
        Subject::File { node, path } => {
            Traits { node: node.as_deref(), path: Some(path), ..of("File") }
        }
        Subject::Object(key) => Traits {
            namespace: key.namespace.as_deref(),
            name: Some(&key.name),
            ..of(key.kind.names().name)
        },
        Subject::Entry { file, entry } => {
            Traits { name: Some(entry), path: Some(file), ..of("Entry") }
        }
        Subject::Principal { principal } => match principal {
            Principal::User { name } => Traits { name: Some(name), ..of("User") },
            Principal::Group { name } => Traits { name: Some(name), ..of("Group") },
            Principal::ServiceAccount { namespace, name } => {
                Traits { namespace: Some(namespace), name: Some(name), ..of("ServiceAccount") }
            }
        },
    }
}
