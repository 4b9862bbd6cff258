//! A component as it runs, and the value each setting has: what is written, else the default of
//! the release.

use kuberlock_model::component::{Component, ComponentKind, parse_bool};
use kuberlock_model::configuration::{Configuration, Fields};
use kuberlock_model::host::ConfigurationFile;
use kuberlock_model::release::table::ComponentTable;
use kuberlock_model::{Evidence, FieldPath, Remedy};

use crate::context::Context;

/// One component on one node.
#[derive(Debug)]
pub struct Running<'a> {
    /// The component.
    pub component: Component,
    /// What else is known.
    pub context: &'a Context<'a>,
}

/// The value of a setting, and where it comes from.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The value; `None` where nothing sets it and the release has no default for it.
    pub value: Option<String>,
    /// Where it comes from.
    pub evidence: Evidence,
    /// Whether something sets it, rather than the release.
    pub is_set: bool,
}

impl Setting {
    /// The value as Go reads a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        self.value.as_deref().and_then(parse_bool)
    }

    /// Whether there is a value, and it is not empty.
    pub fn is_given(&self) -> bool {
        self.value.as_deref().is_some_and(|value| !matches!(value, "" | "[]"))
    }

    /// The elements of a comma-separated value, or of a list as JSON writes one.
    pub(crate) fn names(&self) -> Vec<String> {
        let plain = |element: &str| element.trim_matches('"').to_owned();
        self.elements().into_iter().map(plain).collect()
    }

    /// The elements of a comma-separated value.
    pub fn elements(&self) -> Vec<&str> {
        let value = self.value.as_deref().unwrap_or_default();
        value.trim_matches(['[', ']']).split(',').map(str::trim).filter(|e| !e.is_empty()).collect()
    }
}

impl Running<'_> {
    fn table(&self) -> Option<&'static ComponentTable> {
        self.context.table.table.component(self.component.kind)
    }

    /// Whether the release has a flag `name` for this component.
    pub fn knows(&self, name: &str) -> bool {
        self.table().is_some_and(|table| table.flag(name).is_some())
    }

    /// The flag `name`: as written, else the release's default.
    pub fn flag(&self, name: &str) -> Setting {
        match self.component.flag(name, self.table()) {
            Some(flag) => Setting {
                value: Some(flag.value),
                evidence: Evidence::field(
                    flag.written,
                    flag.origin.as_ref().unwrap_or(&self.component.origin),
                    flag.field,
                ),
                is_set: true,
            },
            None => self.default_of(name),
        }
    }

    /// The release's default of the flag `name`.
    pub fn default_of(&self, name: &str) -> Setting {
        let release = self.context.table.table.minor.clone();
        let entry = self.table().and_then(|t| t.flag(name));
        let value = entry.and_then(|e| e.default.clone());
        let said = match (&value, entry) {
            (_, None) => format!("--{name} does not exist"),
            (Some(value), _) if !value.is_empty() => format!("--{name} not set: {value}"),
            _ => format!("--{name} not set"),
        };
        Setting { value, evidence: Evidence::default_of(said, release), is_set: false }
    }

    /// A setting of etcd: its configuration file where there is one (it then reads neither flags
    /// nor environment), else the flag, else the environment, else the default.
    ///
    /// `field` is the file's dotted path for the flag `name`.
    ///
    /// # Errors
    /// The configuration file is named and was not read: the path.
    pub fn etcd(&self, name: &str, field: &str) -> Result<Setting, String> {
        match self.etcd_file() {
            None => Ok(self.etcd_written(name)),
            Some(path) => match self.configuration(&path) {
                Some(ConfigurationFile {
                    configuration: Configuration::Etcd(fields),
                    origin,
                    ..
                }) => Ok(in_file(fields, field, origin, || self.default_of(name))),
                _ => Err(path),
            },
        }
    }

    /// The configuration file of etcd, where it has one.
    pub fn etcd_file(&self) -> Option<String> {
        self.etcd_written("config-file").value.filter(|path| !path.is_empty())
    }

    /// etcd's flag `name`, else its environment, else the default.
    fn etcd_written(&self, name: &str) -> Setting {
        let variable = format!("ETCD_{}", name.replace('-', "_").to_uppercase());
        let flag = self.flag(name);
        match self.component.environment.get(&variable) {
            Some(value) if !flag.is_set => Setting {
                value: Some(value.clone()),
                evidence: Evidence::field(
                    format!("{variable}={value}"),
                    &self.component.origin,
                    FieldPath::root(),
                ),
                is_set: true,
            },
            _ => flag,
        }
    }

    /// The configuration file that this component's flags call `path`, where it was read. A
    /// container's path need not be the node's: a file of that name is then taken.
    pub fn configuration(&self, path: &str) -> Option<&ConfigurationFile> {
        let host = self.context.cluster.host(&self.component.node)?;
        let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        host.configurations
            .get(path)
            .or_else(|| host.configurations.values().find(|file| name(&file.path) == name(path)))
    }

    /// The remedy that gives a flag this value.
    pub fn set_flag(&self, flag: &str, value: &str) -> Remedy {
        self.flag_remedy(flag, value, false)
    }

    /// The remedy that adds this element to a list flag.
    pub fn add_to_flag(&self, flag: &str, element: &str) -> Remedy {
        self.flag_remedy(flag, element, true)
    }

    fn flag_remedy(&self, flag: &str, value: &str, merge: bool) -> Remedy {
        Remedy::SetFlag {
            component: self.component.kind,
            node: self.component.node.clone(),
            flag: flag.to_owned(),
            value: value.to_owned(),
            merge,
        }
    }

    /// Whether the kubelet starts it from a manifest, and so probes it.
    pub fn is_static_pod(&self) -> bool {
        let program = self.component.kind.program();
        let pods = self.context.cluster.static_pods();
        let on_node = pods.filter(|(node, _)| *node == self.component.node).map(|(_, pod)| pod);
        let mirrors = self.context.cluster.pods().filter(|pod| {
            pod.is_mirror() && pod.spec.node_name.as_deref() == Some(&self.component.node)
        });
        self.component.kind != ComponentKind::Kubelet
            && on_node.chain(mirrors).any(|p| p.spec.containers.iter().any(|c| c.name == program))
    }
}

/// The field of a configuration file, else the default.
pub(crate) fn in_file(
    fields: &Fields,
    field: &str,
    origin: &kuberlock_model::Origin,
    default: impl FnOnce() -> Setting,
) -> Setting {
    match fields.get(field) {
        None => default(),
        Some(value) => {
            let value = scalar(value);
            Setting {
                evidence: Evidence::field(
                    format!("{field}: {value}"),
                    origin,
                    FieldPath::of(field),
                ),
                value: Some(value),
                is_set: true,
            }
        }
    }
}

/// A scalar as text; anything else as JSON.
pub(crate) fn scalar(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
