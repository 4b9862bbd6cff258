//! Networks that pods have in place of the one that all share.

use std::sync::Arc;

use kuberlock_model::network::{NetworkRole, UserDefinedNetwork};

use crate::facts::Facts;

impl Facts {
    /// The primary network of a namespace's pods, where it is not the one that all pods share: a
    /// UserDefinedNetwork of the namespace, a ClusterUserDefinedNetwork that selects it (both only
    /// where the namespace has the label for it), or a NetworkAttachmentDefinition with that role.
    pub(crate) fn primary_network(&self, namespace: &str) -> Option<Arc<str>> {
        let labels = self.namespace_labels(namespace);
        if labels.contains_key(UserDefinedNetwork::NAMESPACE_LABEL) {
            let networks = self.user_defined.values().filter(|n| n.role == NetworkRole::Primary);
            let mut own = networks.filter(|network| match &network.namespaces {
                None => network.metadata.namespace.as_deref() == Some(namespace),
                Some(selector) => selector.matches(&labels),
            });
            if let Some(network) = own.next() {
                return Some(match &network.namespaces {
                    None => format!("{namespace}/{}", network.metadata.name).into(),
                    Some(_) => network.metadata.name.as_str().into(),
                });
            }
        }
        let mut attached = self.attachments.values().filter(|attachment| {
            attachment.role == NetworkRole::Primary
                && attachment.metadata.namespace.as_deref() == Some(namespace)
        });
        let attachment = attached.next()?;
        Some(attachment.network.as_deref().unwrap_or(&attachment.metadata.name).into())
    }
}
