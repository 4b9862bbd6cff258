//! `config.yaml`: which components a target has, what they may be called, where their files may lie.
//!
//! Enters: the text of the global file, then that of the benchmark's own. Leaves: one [`Config`],
//! the second merged over the first. Always holds: names are found whatever their case, as viper
//! finds them.

use serde_json::{Map, Value};

use crate::Error;

/// The configuration, merged.
#[derive(Clone, Debug, Default)]
pub struct Config {
    root: Map<String, Value>,
}

/// What the configuration says of one component of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Component {
    /// Its name, as it stands in the list of components.
    pub name: String,
    /// What may run for it.
    pub bins: Vec<String>,
    /// Whether it may be missing.
    pub optional: bool,
    /// The files of each kind.
    files: Vec<(FileKind, Vec<String>, Option<String>)>,
}

/// The kinds of files a component has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// Configuration.
    Conf,
    /// The service's unit.
    Service,
    /// The kubeconfig.
    Kubeconfig,
    /// The certificate authority.
    CaFile,
    /// Where data lie.
    DataDir,
}

impl FileKind {
    /// All of them, in the order in which variables are replaced.
    pub const ALL: [Self; 5] =
        [Self::Conf, Self::Service, Self::Kubeconfig, Self::CaFile, Self::DataDir];

    /// What follows the component's name in a variable.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Conf => "conf",
            Self::Service => "svc",
            Self::Kubeconfig => "kubeconfig",
            Self::CaFile => "cafile",
            Self::DataDir => "datadir",
        }
    }

    /// The keys of the candidates and of the default.
    fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::Conf => ("confs", "defaultconf"),
            Self::Service => ("svc", "defaultsvc"),
            Self::Kubeconfig => ("kubeconfig", "defaultkubeconfig"),
            Self::CaFile => ("cafile", "defaultcafile"),
            Self::DataDir => ("datadirs", "defaultdatadir"),
        }
    }
}

impl Component {
    /// The candidates for a file, and the default where one is set.
    pub fn files(&self, kind: FileKind) -> (&[String], Option<&str>) {
        let found = self.files.iter().find(|(of, _, _)| *of == kind);
        found.map_or((&[], None), |(_, some, default)| (some, default.as_deref()))
    }
}

impl Config {
    /// Merges the text of `file` over what is there.
    ///
    /// # Errors
    /// Where it is no YAML, or no map.
    pub fn merge(&mut self, file: &str, text: &str) -> Result<(), Error> {
        let syntax = |reason: String| Error::Syntax { file: file.to_owned(), reason };
        let read: Option<Value> =
            crate::read_yaml(|options| serde_saphyr::from_str_with_options(text, options))
                .map_err(|error| syntax(error.to_string()))?;
        match read {
            None | Some(Value::Null) => Ok(()),
            Some(Value::Object(map)) => {
                merge(&mut self.root, fold(map));
                Ok(())
            }
            Some(_) => Err(syntax("it is no map".to_owned())),
        }
    }

    /// The benchmark of each release: `1.32` to `cis-1.12`.
    pub fn benchmark_of(&self, release: &str) -> Option<String> {
        text(self.map("version_mapping")?.get(&release.to_lowercase())?)
    }

    /// The releases that a benchmark is for: `1.32`, `1.33`.
    pub fn releases_of(&self, benchmark: &str) -> Vec<String> {
        let all = self.map("version_mapping").into_iter().flatten();
        let named = all.filter(|(_, of)| text(of).as_deref() == Some(benchmark));
        named.map(|(release, _)| release.clone()).collect()
    }

    /// The targets of a benchmark, as the configuration lists them.
    pub fn targets(&self, benchmark: &str) -> Option<Vec<String>> {
        let listed = self.map("target_mapping")?.get(&benchmark.to_lowercase())?;
        Some(texts(listed))
    }

    /// The components of a target, in their order; None where it says nothing of the target.
    pub fn components(&self, target: &str) -> Option<Vec<Component>> {
        let target = self.map(&target.to_lowercase())?;
        let names = target.get("components").map(texts).unwrap_or_default();
        Some(names.into_iter().filter_map(|name| component(target, name)).collect())
    }

    fn map(&self, key: &str) -> Option<&Map<String, Value>> {
        self.root.get(key)?.as_object()
    }
}

fn component(target: &Map<String, Value>, name: String) -> Option<Component> {
    let said = target.get(&name.to_lowercase())?.as_object()?;
    let list = |key: &str| said.get(key).map(texts).unwrap_or_default();
    let truth = |value: &Value| match value {
        Value::Bool(truth) => *truth,
        other => text(other)
            .is_some_and(|t| matches!(t.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True")),
    };
    let files = FileKind::ALL.into_iter().map(|kind| {
        let (some, default) = kind.keys();
        (kind, list(some), said.get(default).and_then(text))
    });
    Some(Component {
        bins: list("bins"),
        optional: said.get("optional").is_some_and(truth),
        files: files.collect(),
        name,
    })
}

/// Keys in lower case, as viper keeps them.
fn fold(map: Map<String, Value>) -> Map<String, Value> {
    let value = |value| match value {
        Value::Object(inner) => Value::Object(fold(inner)),
        other => other,
    };
    map.into_iter().map(|(key, inner)| (key.to_lowercase(), value(inner))).collect()
}

/// Maps come together, everything else is replaced.
fn merge(into: &mut Map<String, Value>, from: Map<String, Value>) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
            // Viper keeps what is there where the types differ and it is a map.
            (Some(Value::Object(_)), _) => {}
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A list; a text is split at blanks, as viper's cast does.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(text).collect(),
        Value::String(text) => text.split_whitespace().map(str::to_owned).collect(),
        other => text(other).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_benchmarks_own_is_merged_over_the_global_one() {
        let mut config = Config::default();
        let global = "Master:\n  components: [apiServer]\n  apiserver:\n    bins: [a, 'b c']\n    \
            defaultconf: /x\ntarget_mapping:\n  CIS-1: [master]\nversion_mapping: {'1.32': cis-1}\n";
        config.merge("config.yaml", global).unwrap();
        config.merge("own", "master:\n  apiserver:\n    confs: [/y]\n    bins: [d]\n").unwrap();
        config.merge("empty", "---\n# nothing\n").unwrap();
        let [component] = &config.components("master").unwrap()[..] else { panic!() };
        assert_eq!(
            (component.name.as_str(), &component.bins[..]),
            ("apiServer", &["d".to_owned()][..])
        );
        assert_eq!(component.files(FileKind::Conf), (&["/y".to_owned()][..], Some("/x")));
        assert_eq!(config.targets("cis-1").unwrap(), ["master"]);
        assert_eq!(config.benchmark_of("1.32").as_deref(), Some("cis-1"));
        assert!(config.components("node").is_none());
        assert!(config.merge("list", "[a]").is_err());
    }
}
