//! YAML and JSON, as Kubernetes reads them.
//!
//! Enters: text. Leaves: documents with their byte ranges; each as a value, or as a tree that
//! knows where everything stands. Always holds: nesting, aliases and nodes are bounded; an error
//! says where and quotes nothing of the text, since it may be a credential.
//!
//! The dialect is that of manifests (`sigs.k8s.io/yaml`): octal numbers with a leading zero, YAML
//! 1.1 booleans, merge keys, the last of repeated keys.

mod documents;
mod places;
mod tree;
mod value;

pub use documents::documents;
pub(crate) use places::Places;
pub(crate) use tree::{Node, NodeKind, Tree, comments, tree};
pub(crate) use value::document;
pub use value::to_value;

/// How deep a document may nest.
pub const MAX_DEPTH: usize = 100;

/// What is wrong with a document, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {reason}")]
pub struct Error {
    /// Line, from 1, within the text given.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
    /// Why; one sentence, lower-case.
    pub reason: String,
}
