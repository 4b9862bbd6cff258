//! A release table as parts: each a list of named entries with what is to be said of them, so that
//! showing and comparing are the same for flags, gates, plugins and fields.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use kuberlock_model::component::ComponentKind;
use kuberlock_model::release::table::{FlagEntry, ReleaseTable};

use crate::error::Error;

/// One part of a table.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// `kube-apiserver`, `gates`, `plugins`, `kubelet-configuration`.
    pub(crate) name: &'static str,
    /// What is said of each entry, by name.
    pub(crate) entries: BTreeMap<String, Entry>,
}

/// What is said of a flag, gate, plugin or field.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Entry {
    /// Its type or stage.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Its default.
    pub(crate) default: String,
    /// Why it is deprecated, or that it is locked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remark: Option<String>,
}

impl Entry {
    /// In one line, as it stands behind a name.
    pub(crate) fn line(&self) -> String {
        let default = if self.default.is_empty() { "\"\"" } else { &self.default };
        let remark = self.remark.as_ref().map(|r| format!(" · {r}")).unwrap_or_default();
        format!("{} = {default}{remark}", self.kind)
    }
}

impl Part {
    /// The part as text for people.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("{} ({})\n", self.name, self.entries.len());
        for (name, entry) in &self.entries {
            let _ = writeln!(text, "  {name}: {}", entry.line());
        }
        text
    }
}

/// The parts of `table`, or the one that `only` names.
pub(crate) fn chosen(table: &ReleaseTable, only: Option<&str>) -> Result<Vec<Part>, Error> {
    let mut parts = all(table);
    if let Some(only) = only {
        let names: Vec<&str> = parts.iter().map(|part| part.name).collect();
        let help = format!("there are {}", names.join(", "));
        parts.retain(|part| part.name == only);
        if parts.is_empty() {
            return Err(Error::NoSuch { what: "part", name: only.to_owned(), help });
        }
    }
    Ok(parts)
}

fn all(table: &ReleaseTable) -> Vec<Part> {
    let mut parts: Vec<Part> = ComponentKind::ALL
        .into_iter()
        .map(|kind| {
            let flags = table.component(kind).map(|t| t.flags.as_slice()).unwrap_or_default();
            let entries = flags.iter().map(|flag| (flag.name.clone(), of_flag(flag))).collect();
            Part { name: kind.program(), entries }
        })
        .collect();
    let gates = table.feature_gates.iter().map(|gate| {
        let remark = gate.locked.then(|| "locked".to_owned());
        let stage = if gate.stage.is_empty() { "GA" } else { &gate.stage };
        let on = if gate.default { "on" } else { "off" };
        (gate.name.clone(), Entry { kind: stage.to_owned(), default: on.to_owned(), remark })
    });
    parts.push(Part { name: "gates", entries: gates.collect() });
    let plugins = table.admission_plugins.iter().map(|plugin| {
        let on = if plugin.default { "on" } else { "off" };
        let entry = Entry { kind: "plugin".to_owned(), default: on.to_owned(), remark: None };
        (plugin.name.clone(), entry)
    });
    parts.push(Part { name: "plugins", entries: plugins.collect() });
    let fields = table.kubelet_configuration.iter().map(|field| {
        let remark = field.flag_default.as_ref().map(|v| format!("{v} without a file"));
        let entry =
            Entry { kind: field.field_type.clone(), default: field.default.to_string(), remark };
        (field.field.clone(), entry)
    });
    parts.push(Part { name: "kubelet-configuration", entries: fields.collect() });
    parts
}

fn of_flag(flag: &FlagEntry) -> Entry {
    let default = match (&flag.default, flag.machine_dependent) {
        (_, true) => "(by machine)".to_owned(),
        (Some(default), _) => default.clone(),
        (None, _) => String::new(),
    };
    let remark = flag.deprecated.as_ref().map(|why| {
        // The first sentence says it; the rest is the same for every flag.
        format!("deprecated: {}", why.split(". ").next().unwrap_or(why))
    });
    Entry { kind: flag.flag_type.0.clone(), default, remark }
}

/// The parts as JSON.
pub(crate) fn json(table: &ReleaseTable, parts: &[Part]) -> serde_json::Value {
    let parts: BTreeMap<&str, &BTreeMap<String, Entry>> =
        parts.iter().map(|part| (part.name, &part.entries)).collect();
    serde_json::json!({
        "schema": "kuberlock.dev/release/v1",
        "release": table.release,
        "etcd": table.etcd,
        "parts": parts,
    })
}
