//! What a control found, gathered into one violation.

use kuberlock_model::FieldPath;
use kuberlock_model::workload::{Container, Volume};

use crate::Pod;
use crate::control::Control;

/// A field that breaks a control, or the nearest one where what is asked for is not there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Field {
    /// Where it is in the pod's document.
    pub path: FieldPath,
    /// What it says: `hostPID: true`, `runAsNonRoot is not set`.
    pub value: String,
}

/// A control that a pod does not meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The control's name: `hostNamespaces`.
    pub control: &'static str,
    /// Who does what it must not, in one sentence.
    pub message: String,
    /// What makes it, in the order of the document's lists.
    pub fields: Vec<Field>,
}

/// Who breaks a control, and by which fields.
#[derive(Debug, Default)]
pub(crate) struct Found<'a> {
    pod: bool,
    containers: Vec<&'a str>,
    volumes: Vec<&'a str>,
    annotations: Vec<&'a str>,
    fields: Vec<Field>,
}

impl<'a> Found<'a> {
    /// The field `field` below the pod's spec.
    pub(crate) fn pod(&mut self, pod: &Pod<'_>, field: &str, value: String) {
        self.pod = true;
        self.fields.push(Field { path: below(pod.path, field), value });
    }

    /// The field `field` below a container.
    pub(crate) fn container(
        &mut self,
        pod: &Pod<'_>,
        container: &'a Container,
        field: &str,
        value: String,
    ) {
        push(&mut self.containers, &container.name);
        self.fields.push(Field { path: below(&container.path(pod.path), field), value });
    }

    /// The `index`th volume.
    pub(crate) fn volume(&mut self, pod: &Pod<'_>, index: usize, volume: &'a Volume) {
        push(&mut self.volumes, &volume.name);
        let value = format!("volume `{}` is of type {}", volume.name, volume.source.field());
        self.fields.push(Field { path: volume.path(pod.path, index), value });
    }

    /// An annotation of the pod.
    pub(crate) fn annotation(&mut self, pod: &Pod<'_>, key: &'a str, value: &str) {
        push(&mut self.annotations, key);
        self.fields.push(Field { path: pod.annotation(key), value: format!("{key}: {value}") });
    }

    /// The violation of `control`, where something was found.
    pub(crate) fn violation(self, control: &Control) -> Option<Violation> {
        if self.fields.is_empty() {
            return None;
        }
        let mut who = Vec::new();
        if self.pod {
            who.push("the pod".to_owned());
        }
        who.extend(named("container", &self.containers));
        who.extend(named("volume", &self.volumes));
        who.extend(named("annotation", &self.annotations));
        let message = format!("{} {}", who.join(" and "), control.rule);
        Some(Violation { control: control.name, message, fields: self.fields })
    }
}

/// `field` may be several keys; empty is `path` itself.
fn below(path: &FieldPath, field: &str) -> FieldPath {
    match (path.as_str(), field) {
        (_, "") => path.clone(),
        ("", _) => FieldPath::of(field),
        (path, _) => FieldPath::of(&format!("{path}.{field}")),
    }
}

fn push<'a>(names: &mut Vec<&'a str>, name: &'a str) {
    if names.last() != Some(&name) {
        names.push(name);
    }
}

fn named(what: &str, names: &[&str]) -> Option<String> {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.len() {
        0 => None,
        1 => Some(format!("{what} {}", quoted.join(", "))),
        _ => Some(format!("{what}s {}", quoted.join(", "))),
    }
}
