//! What a minor release of Kubernetes knows: flags, gates, plugins, fields, and their defaults.
//!
//! The tables are made by `testbed/release-tables` from the sources of each minor and lie in
//! `data/releases`. No check holds a default of its own: it asks here.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Release;
use crate::component::ComponentKind;

// `TEXTS`: the tables there are, oldest first: minor and text.
include!(concat!(env!("OUT_DIR"), "/releases.rs"));

/// The table of one minor.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseTable {
    /// Version of the format.
    pub schema: String,
    /// The release the table was made from.
    pub release: String,
    /// Its minor, `1.37`.
    pub minor: String,
    /// The etcd that kubeadm of this minor deploys.
    pub etcd: String,
    /// The etcd release the flags were read from, where it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etcd_flags_from: Option<String>,
    /// Flags by program.
    pub components: BTreeMap<String, ComponentTable>,
    /// Feature gates.
    pub feature_gates: Vec<FeatureGate>,
    /// Admission plugins in the order they run.
    pub admission_plugins: Vec<AdmissionPlugin>,
    /// Fields of KubeletConfiguration.
    pub kubelet_configuration: Vec<KubeletField>,
}

/// The flags of one program.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct ComponentTable {
    /// Sorted by name.
    pub flags: Vec<FlagEntry>,
}

/// One flag.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FlagEntry {
    /// Its name without dashes.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub flag_type: FlagType,
    /// Its default as `--help` prints it; `None` where it depends on the machine.
    #[serde(default)]
    pub default: Option<String>,
    /// Whether the default depends on the machine.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub machine_dependent: bool,
    /// The value of a bare `--flag`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_opt_default: Option<String>,
    /// Why it is deprecated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// Whether `--help` hides it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
}

/// A flag's type, by the name that pflag or Go's `flag` gives it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct FlagType(pub String);

impl FlagType {
    /// `true` or `false`; bare is true.
    pub fn is_bool(&self) -> bool {
        self.0 == "bool"
    }

    /// Whether a flag of this type collects what it is given several times.
    pub fn is_list(&self) -> bool {
        matches!(
            self.0.as_str(),
            "strings"
                | "stringSlice"
                | "stringArray"
                | "int32Slice"
                | "mapStringBool"
                | "mapStringString"
        )
    }
}

impl FlagEntry {
    /// The value the flag has when it is written without one, where it may be.
    pub fn without_value(&self) -> Option<String> {
        self.no_opt_default.clone().or_else(|| self.flag_type.is_bool().then(|| "true".to_owned()))
    }
}

/// One feature gate.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct FeatureGate {
    /// Its name.
    pub name: String,
    /// `ALPHA`, `BETA`, `GA` (written empty by Kubernetes) or `DEPRECATED`.
    pub stage: String,
    /// Whether it is on.
    pub default: bool,
    /// Whether it can no longer be changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub locked: bool,
}

/// One admission plugin.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct AdmissionPlugin {
    /// Its name.
    pub name: String,
    /// Whether it is on unless disabled.
    pub default: bool,
}

/// One field of KubeletConfiguration.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KubeletField {
    /// Its dotted path.
    pub field: String,
    /// Its Go type.
    #[serde(rename = "type")]
    pub field_type: String,
    /// Its default where a configuration file is given.
    #[serde(default)]
    pub default: Value,
    /// Its default where there is none, if another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag_default: Option<Value>,
}

impl ReleaseTable {
    /// The flags of `kind`.
    pub fn component(&self, kind: ComponentKind) -> Option<&ComponentTable> {
        self.components.get(kind.program())
    }

    /// The admission plugin `name`.
    pub fn admission_plugin(&self, name: &str) -> Option<&AdmissionPlugin> {
        self.admission_plugins.iter().find(|p| p.name == name)
    }

    /// The kubelet's field `path`.
    pub fn kubelet_field(&self, path: &str) -> Option<&KubeletField> {
        self.kubelet_configuration.iter().find(|f| f.field == path)
    }
}

impl ComponentTable {
    /// The flag `name`.
    pub fn flag(&self, name: &str) -> Option<&FlagEntry> {
        let at = self.flags.binary_search_by(|f| f.name.as_str().cmp(name)).ok()?;
        self.flags.get(at)
    }
}

/// A table chosen for a release.
#[derive(Clone, Copy, Debug)]
pub struct Chosen {
    /// The table.
    pub table: &'static ReleaseTable,
    /// Whether it is the release's own; otherwise the nearest older one, or the oldest there is.
    pub exact: bool,
}

/// The minors that have a table, oldest first.
pub fn minors() -> Vec<String> {
    TEXTS.iter().map(|(minor, _)| format!("1.{minor}")).collect()
}

/// The table of `release`: its own, else the nearest older one, else the oldest there is.
pub fn for_release(release: &Release) -> Chosen {
    let at = TEXTS.iter().rposition(|(minor, _)| *minor <= release.minor).unwrap_or(0);
    let exact = TEXTS.get(at).is_some_and(|(minor, _)| *minor == release.minor);
    Chosen { table: table(at), exact }
}

/// The newest table.
pub fn newest() -> &'static ReleaseTable {
    table(TEXTS.len() - 1)
}

fn table(at: usize) -> &'static ReleaseTable {
    static TABLES: [OnceLock<ReleaseTable>; TEXTS.len()] = [const { OnceLock::new() }; TEXTS.len()];
    // INVARIANT: `at` is an index of TEXTS: all callers take it from there. The texts are part of
    // this crate, and a test parses each; a default here would hide a broken build.
    #[expect(clippy::indexing_slicing, clippy::expect_used, reason = "see the invariant above")]
    TABLES[at].get_or_init(|| serde_json::from_str(TEXTS[at].1).expect("a table of this build"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_parses_and_is_sorted() {
        for (at, (minor, _)) in TEXTS.iter().enumerate() {
            let table = table(at);
            assert_eq!(table.minor, format!("1.{minor}"));
            for kind in ComponentKind::ALL {
                let flags = &table.component(kind).unwrap().flags;
                assert!(!flags.is_empty(), "{kind} of {}", table.minor);
                assert!(flags.is_sorted_by(|a, b| a.name < b.name), "{kind} of {}", table.minor);
            }
        }
    }
}
