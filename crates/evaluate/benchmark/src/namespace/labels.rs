//! Labels as the API server has them: every namespace carries its own name.

use std::collections::BTreeMap;

use kuberlock_model::Metadata;

/// The label that the API server gives each namespace.
pub(crate) const NAME: &str = "kubernetes.io/metadata.name";

/// The labels of the namespace `name`; where its object was not seen, at least its name.
pub(crate) fn of(name: &str, metadata: Option<&Metadata>) -> BTreeMap<String, String> {
    let mut labels = metadata.map(|metadata| metadata.labels.clone()).unwrap_or_default();
    labels.insert(NAME.to_owned(), name.to_owned());
    labels
}
