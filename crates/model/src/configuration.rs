//! Configuration files of the components, as far as a question is asked of them.

use std::collections::BTreeMap;

use serde_json::Value;

/// A configuration file, converted.
#[derive(Clone, Debug, PartialEq)]
pub enum Configuration {
    /// `kubelet.config.k8s.io` KubeletConfiguration, or a drop-in of one.
    Kubelet(Fields),
    /// `kubescheduler.config.k8s.io` KubeSchedulerConfiguration.
    Scheduler(Fields),
    /// The file of etcd's `--config-file`.
    Etcd(Fields),
    /// `apiserver.config.k8s.io` AuthenticationConfiguration.
    Authentication(AnonymousAccess),
    /// A file that should be one of these and could not be read, with the reason.
    Unreadable(String),
}

/// The scalar fields and lists of a document, by dotted path (`authentication.anonymous.enabled`).
///
/// Mappings are flattened, so that a drop-in is laid over a file field by field; a list is one
/// value, as the kubelet's merge replaces lists whole (KEP-3983).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields(pub BTreeMap<String, Value>);

impl Fields {
    /// Flattens the document `value`.
    pub fn flatten(value: &Value) -> Self {
        let mut fields = BTreeMap::new();
        flatten("", value, &mut fields);
        Self(fields)
    }

    /// The value at `path`, where the document sets it. An explicit null is not set.
    pub fn get(&self, path: &str) -> Option<&Value> {
        self.0.get(path)
    }
}

fn flatten(prefix: &str, value: &Value, fields: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(&path, value, fields);
            }
        }
        Value::Null => {}
        scalar_or_list => {
            fields.insert(prefix.to_owned(), scalar_or_list.clone());
        }
    }
}

/// What an AuthenticationConfiguration says of anonymous requests
/// (KEP-4633, `anonymous` of `apiserver.config.k8s.io`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnonymousAccess {
    /// The file has no `anonymous` section: the flag decides.
    Unset,
    /// Refused.
    Disabled,
    /// Allowed, on every path where there are none here.
    Enabled {
        /// The only paths that may be asked anonymously; empty is all.
        paths: Vec<String>,
    },
}
