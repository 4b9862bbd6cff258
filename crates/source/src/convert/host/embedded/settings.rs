//! What k3s or RKE2 is told: its command line over its configuration file and the drop-ins of it.

use std::collections::BTreeMap;

use kuberlock_model::component::ComponentKind;
use kuberlock_model::{FieldPath, Origin};
use serde_json::Value;

use super::super::kubelet::{self, Files};
use super::Supervisor;
use crate::yaml;

/// One value, and where it was read.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) origin: Origin,
    pub(super) field: FieldPath,
}

/// The supervisor's settings by name.
#[derive(Debug, Default)]
pub(super) struct Settings(BTreeMap<String, Vec<Said>>);

impl Settings {
    /// The settings of `supervisor` with the command line `args`, which was read at `origin`.
    pub(super) fn of(
        supervisor: &Supervisor,
        args: &[String],
        origin: &Origin,
        files: &Files,
    ) -> Self {
        let written = Self::of_words(args, origin);
        let usual = format!("/etc/rancher/{}/config.yaml", supervisor.name);
        let config = written.last("config").map_or(usual, str::to_owned);
        let mut settings = Self::default();
        for path in std::iter::once(config.clone()).chain(drop_ins(&config, files)) {
            settings.lay(&path, &supervisor.node, files);
        }
        // A flag on the command line replaces all that the files give it, lists too.
        settings.0.extend(written.0);
        settings
    }

    /// The last value of `name`.
    pub(super) fn last(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.last().map(|said| said.text.as_str())
    }

    /// Whether the switch `name` is on.
    pub(super) fn is_on(&self, name: &str) -> bool {
        self.last(name).and_then(kuberlock_model::component::parse_bool).unwrap_or(false)
    }

    /// What `kind` is given beside the supervisor's own defaults.
    pub(super) fn extra(&self, kind: ComponentKind) -> &[Said] {
        self.0.get(&format!("{}-arg", kind.program())).map_or(&[], Vec::as_slice)
    }

    fn of_words(args: &[String], origin: &Origin) -> Self {
        let mut settings: BTreeMap<String, Vec<Said>> = BTreeMap::new();
        let mut words = args.iter().skip(2).peekable();
        while let Some(word) = words.next() {
            let Some(body) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else {
                continue;
            };
            let (name, text) = match body.split_once('=') {
                Some((name, value)) => (name, value.to_owned()),
                None => {
                    let value = words.next_if(|next| !next.starts_with('-'));
                    (body, value.map_or_else(|| "true".to_owned(), Clone::clone))
                }
            };
            let said = Said { text, origin: origin.clone(), field: FieldPath::root() };
            settings.entry(full(name).to_owned()).or_default().push(said);
        }
        Self(settings)
    }

    /// Lays the file at `path` over what is there: a key replaces, one that ends in `+` adds.
    fn lay(&mut self, path: &str, node: &str, files: &Files) {
        let Ok((own, text)) = kubelet::text(files, path) else { return };
        let Ok(Value::Object(document)) = yaml::to_value(text) else { return };
        let origin = Origin::whole(format!("{node}:{own}"));
        for (key, value) in document {
            let values: Vec<(String, FieldPath)> = match &value {
                Value::Array(list) => {
                    let at = |at| FieldPath::root().key(&key).index(at);
                    list.iter().enumerate().map(|(i, value)| (scalar(value), at(i))).collect()
                }
                other => vec![(scalar(other), FieldPath::root().key(&key))],
            };
            let said = values.into_iter().map(|(text, field)| {
                let origin = origin.clone();
                Said { text, origin, field }
            });
            let name = full(key.trim_end_matches('+')).to_owned();
            let held = self.0.entry(name).or_default();
            if !key.ends_with('+') {
                held.clear();
            }
            held.extend(said);
        }
    }
}

/// The drop-ins of the configuration file `config`, in the order of their names.
fn drop_ins(config: &str, files: &Files) -> Vec<String> {
    let folder = format!("{config}.d/");
    let below = files.range(folder.clone()..).take_while(|(path, _)| path.starts_with(&folder));
    let is_yaml = |path: &str| path.ends_with(".yaml") || path.ends_with(".yml");
    below.map(|(path, _)| path).filter(|path| is_yaml(path)).cloned().collect()
}

/// The long name of a flag that has a short one, or had another.
fn full(name: &str) -> &str {
    match name {
        "d" => "data-dir",
        "c" => "config",
        "kube-controller-arg" => "kube-controller-manager-arg",
        name => name,
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
