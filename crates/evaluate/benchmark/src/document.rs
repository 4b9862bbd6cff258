//! Documents inside config maps, which the model keeps as text.
//!
//! Enters: a config map's text, as hostile as any input. Leaves: its fields, or why there are none.
//! The parser's own bounds on aliases, depth and size hold.

use kuberlock_model::configuration::Fields;
use kuberlock_model::object::ConfigMap;
use kuberlock_model::{Cluster, Evidence, FieldPath, Kind, Object, ObjectKey};
use serde_json::Value;

/// A document of a config map of `kube-system`.
pub(crate) struct Document<'a> {
    map: &'a ConfigMap,
    key: &'static str,
    pub(crate) value: Value,
}

impl<'a> Document<'a> {
    /// The document at `key` of the config map `name`; `None` where there is no such config map, or
    /// no such key in it.
    ///
    /// # Errors
    /// The text is no document: why.
    pub(crate) fn find(
        cluster: &'a Cluster,
        name: &str,
        key: &'static str,
    ) -> Result<Option<Self>, String> {
        let object = cluster.get(&ObjectKey::new(Kind::ConfigMap, Some("kube-system"), name));
        let Some(Object::ConfigMap(map)) = object else { return Ok(None) };
        let Some(text) = map.data.get(key) else { return Ok(None) };
        let value: Value = serde_saphyr::from_str(text).map_err(|error| {
            // The rest of the message shows the text itself.
            let message = error.to_string();
            let reason = message.lines().next().unwrap_or_default().trim_start_matches("error: ");
            format!("`{key}` of the config map `{name}` cannot be read: {reason}")
        })?;
        Ok(Some(Self { map, key, value }))
    }

    /// Its fields by dotted path.
    pub(crate) fn fields(&self) -> Fields {
        Fields::flatten(&self.value)
    }

    /// What it says of something, as evidence.
    pub(crate) fn evidence(&self, said: impl Into<String>) -> Evidence {
        let field = FieldPath::root().key("data").key(self.key);
        Evidence::field(said, &self.map.metadata.origin, field)
    }
}
