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
    Authentication(Authentication),
    /// `apiserver.config.k8s.io` AuthorizationConfiguration: its authorizers in order.
    Authorization(Vec<Authorizer>),
    /// `apiserver.config.k8s.io` EncryptionConfiguration: its rules in order, never a key.
    Encryption(Vec<EncryptionRule>),
    /// `apiserver.config.k8s.io` AdmissionConfiguration: its plugins by name.
    Admission(BTreeMap<String, PluginConfiguration>),
    /// `audit.k8s.io` Policy.
    AuditPolicy(AuditPolicy),
    /// `kubeproxy.config.k8s.io` KubeProxyConfiguration.
    KubeProxy(Fields),
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

/// What an AuthenticationConfiguration says of who may come in, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// Anonymous requests.
    pub anonymous: AnonymousAccess,
    /// The issuers whose tokens are taken (`jwt[].issuer.url`).
    pub issuers: Vec<String>,
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

/// One authorizer of an AuthorizationConfiguration (KEP-3221).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorizer {
    /// `Node`, `RBAC`, `Webhook` and the like.
    pub authorizer_type: String,
    /// Its own name, where it has one.
    pub name: String,
}

/// What an EncryptionConfiguration says of some resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptionRule {
    /// `secrets`, `configmaps`, `*.apps`, `*.*` and the like.
    pub resources: Vec<String>,
    /// The names of its providers in order (`aescbc`, `identity`): the first writes, all read.
    pub providers: Vec<String>,
}

impl EncryptionRule {
    /// Whether it speaks of the core group's `resource`.
    pub fn covers(&self, resource: &str) -> bool {
        self.resources.iter().any(|of| of == resource || of == "*." || of == "*.*")
    }
}

/// The configuration of one admission plugin.
#[derive(Clone, Debug, PartialEq)]
pub enum PluginConfiguration {
    /// Written in the file itself.
    Inline(Fields),
    /// In a file of its own.
    Path(String),
}

/// What an audit policy holds, as far as its presence is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditPolicy {
    /// The levels of its rules, in order.
    pub levels: Vec<String>,
}
