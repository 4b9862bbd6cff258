//! A node's kubelet, and the value each field of its configuration has.
//!
//! The order is the kubelet's own (KEP-3983): flag over drop-in over file over default; its own
//! account (`configz`) is taken where the machine was not seen.

use kuberlock_model::component::{Component, ComponentKind};
use kuberlock_model::configuration::{Configuration, Fields};
use kuberlock_model::host::{ConfigurationFile, Host};
use kuberlock_model::layout::Layout;
use kuberlock_model::{Evidence, Remedy};

use crate::context::Context;
use crate::running::{Running, Setting, in_file, scalar};

/// The kubelet of one node.
#[derive(Debug)]
pub struct Kubelet<'a> {
    /// The node.
    pub node: &'a str,
    context: &'a Context<'a>,
    running: Option<Running<'a>>,
    files: Vec<&'a ConfigurationFile>,
    configz: Option<&'a ConfigurationFile>,
}

impl<'a> Kubelet<'a> {
    /// The kubelet of `node`, where something tells how it runs; `component` is its command line,
    /// where one was seen.
    pub fn of(
        context: &'a Context<'a>,
        node: &'a str,
        component: Option<Component>,
    ) -> Option<Self> {
        let host = context.cluster.host(node)?;
        let files = configuration_files(host, component.as_ref(), context);
        let configz = host.configz.as_ref();
        let running = component.map(|component| Running { component, context });
        (running.is_some() || !files.is_empty() || configz.is_some()).then_some(Self {
            node,
            context,
            running,
            files,
            configz,
        })
    }

    /// What else is known.
    pub fn context(&self) -> &'a Context<'a> {
        self.context
    }

    /// Who laid the node out.
    pub fn layout(&self) -> Layout {
        self.context.cluster.layout(self.node)
    }

    /// Its flag `name`, where its command line was seen.
    pub fn flag(&self, name: &str) -> Option<Setting> {
        self.running.as_ref().map(|running| running.flag(name))
    }

    /// Its command line, where it was seen.
    pub fn running(&self) -> Option<&Running<'a>> {
        self.running.as_ref()
    }

    /// Its configuration file, then its drop-ins, in the order in which later ones win.
    pub fn files(&self) -> &[&'a ConfigurationFile] {
        &self.files
    }

    /// Its own account of its configuration.
    pub fn configz(&self) -> Option<&'a ConfigurationFile> {
        self.configz
    }

    /// The field `path` of KubeletConfiguration, which `flag` sets too.
    ///
    /// # Errors
    /// A configuration file could not be read: which, and why.
    pub fn field(&self, path: &str, flag: &str) -> Result<Setting, String> {
        let written = self.running.as_ref().map(|r| r.flag(flag)).filter(|setting| setting.is_set);
        if let Some(setting) = written {
            return Ok(setting);
        }
        // Later files win, the configuration file itself being the first.
        for file in self.files.iter().rev() {
            match &file.configuration {
                Configuration::Kubelet(fields) if self.sets(fields, path) => {
                    return Ok(in_file(fields, path, &file.origin, || self.default_of(path)));
                }
                Configuration::Unreadable(why) => return Err(format!("`{}`: {why}", file.path)),
                _ => {}
            }
        }
        match self.configz.map(|file| (&file.configuration, &file.origin)) {
            Some((Configuration::Kubelet(fields), origin)) if self.files.is_empty() => {
                Ok(in_file(fields, path, origin, || self.default_of(path)))
            }
            _ if self.names_a_file() && self.files.is_empty() => {
                Err("the file of its --config was not seen".into())
            }
            _ => Ok(self.default_of(path)),
        }
    }

    /// Whether a file's fields decide `path`. The kubelet's defaulting takes an empty text and a
    /// duration of zero for a field that is not set, as kubeadm writes them.
    fn sets(&self, fields: &Fields, path: &str) -> bool {
        let entry = self.context.table.table.kubelet_field(path);
        let written = fields.get(path);
        match (written.and_then(serde_json::Value::as_str), entry.map(|e| e.field_type.as_str())) {
            (Some(text), Some("duration")) => crate::flag::seconds(text) != Some(0.0),
            (Some(""), Some("string")) => false,
            _ => written.is_some(),
        }
    }

    fn names_a_file(&self) -> bool {
        self.running.as_ref().is_some_and(|r| r.flag("config").is_set)
    }

    fn default_of(&self, path: &str) -> Setting {
        let table = self.context.table.table;
        let entry = table.kubelet_field(path);
        let default = entry.map(|e| match &e.flag_default {
            // Without a configuration file the kubelet keeps the defaults of its flags; its own
            // account leaves out what is zero, and holds what the flags gave otherwise.
            Some(flag_default) if self.files.is_empty() && self.configz.is_none() => flag_default,
            _ => &e.default,
        });
        let value = default.filter(|v| !v.is_null()).map(scalar);
        let said = match &value {
            Some(value) if !value.is_empty() => format!("{path} not set: {value}"),
            _ => format!("{path} not set"),
        };
        Setting { value, evidence: Evidence::default_of(said, table.minor.clone()), is_set: false }
    }

    /// The remedy that gives a field this value, where it is decided today.
    pub fn set_field(&self, path: &str, flag: &str, value: serde_json::Value) -> Remedy {
        if let Some(running) = &self.running
            && running.flag(flag).is_set
        {
            return running.set_flag(flag, &scalar(&value));
        }
        let decides = |file: &&&ConfigurationFile| match &file.configuration {
            Configuration::Kubelet(fields) => fields.get(path).is_some(),
            _ => false,
        };
        let file = self.files.iter().rev().find(decides).or(self.files.first());
        Remedy::SetKubeletField {
            node: self.node.to_owned(),
            file: file.map_or("/var/lib/kubelet/config.yaml", |f| f.path.as_str()).to_owned(),
            field: path.to_owned(),
            value,
        }
    }
}

/// The kubelet's configuration file, then its drop-ins, in the order in which they are laid over
/// one another.
fn configuration_files<'a>(
    host: &'a Host,
    component: Option<&Component>,
    context: &Context<'_>,
) -> Vec<&'a ConfigurationFile> {
    let table = context.table.table.component(ComponentKind::Kubelet);
    let flag = |name| component.and_then(|c| c.flag(name, table)).map(|flag| flag.value);
    // Without a command line, the file that every installer writes is the best witness there is.
    let usual = || component.is_none().then(|| "/var/lib/kubelet/config.yaml".to_owned());
    let config = flag("config").or_else(usual);
    let mut files: Vec<&ConfigurationFile> =
        config.and_then(|path| host.configurations.get(&path)).into_iter().collect();
    if let Some(folder) = flag("config-dir") {
        let folder = format!("{}/", folder.trim_end_matches('/'));
        let in_folder = host.configurations.range(folder.clone()..);
        files.extend(in_folder.take_while(|(path, _)| path.starts_with(&folder)).map(|(_, f)| f));
    }
    files
}
