//! Metadata and selectors, which many kinds share.

use k8s_openapi::apimachinery::pkg::apis::meta::v1 as api;
use kuberlock_model::Metadata;
use kuberlock_model::object::Controller;
use kuberlock_model::selector::{LabelSelector, Requirement};

use super::typed::Source;

const LONGEST_NAME: usize = 253;
const LONGEST_NAMESPACE: usize = 63;

impl Source {
    /// The object's metadata, checked and defaulted as the API server does.
    pub(super) fn metadata(&self, meta: api::ObjectMeta) -> Result<Metadata, String> {
        let name = meta.name.filter(|name| !name.is_empty()).or(meta.generate_name);
        let name = name.filter(|name| !name.is_empty()).ok_or("has no name")?;
        check_name(&name)?;
        let namespace = if self.kind.namespaced {
            let namespace = meta.namespace.filter(|namespace| !namespace.is_empty());
            let namespace = namespace.unwrap_or_else(|| "default".to_owned());
            check_namespace(&namespace)?;
            Some(namespace)
        } else {
            None
        };
        Ok(Metadata {
            name,
            namespace,
            uid: meta.uid,
            labels: meta.labels.unwrap_or_default(),
            annotations: meta.annotations.unwrap_or_default(),
            controller: meta.owner_references.unwrap_or_default().into_iter().find_map(controller),
            origin: self.origin.clone(),
        })
    }
}

fn controller(owner: api::OwnerReference) -> Option<Controller> {
    let group = owner.api_version.split_once('/').map_or("", |(group, _)| group).to_owned();
    owner.controller?.then_some(Controller { group, kind: owner.kind, name: owner.name })
}

/// What every name of the API is: a segment of a path.
fn check_name(name: &str) -> Result<(), String> {
    if name.len() > LONGEST_NAME {
        return Err(format!("has a name longer than {LONGEST_NAME} bytes"));
    }
    if let Some(reason) = template(name) {
        return Err(reason);
    }
    let is_segment = !name.contains(['/', '%']) && name != "." && name != "..";
    if !is_segment || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err("has a name with characters that no name may have".to_owned());
    }
    Ok(())
}

fn check_namespace(namespace: &str) -> Result<(), String> {
    if let Some(reason) = template(namespace) {
        return Err(reason);
    }
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let is_label = namespace.len() <= LONGEST_NAMESPACE
        && namespace.bytes().all(inner)
        && !namespace.starts_with('-')
        && !namespace.ends_with('-');
    if is_label {
        return Ok(());
    }
    Err("has a namespace that is no DNS label of up to 63 characters".to_owned())
}

/// Whether a name has still to be filled in.
pub(crate) fn is_template(name: &str) -> bool {
    name.contains("{{") || name.contains("${")
}

fn template(name: &str) -> Option<String> {
    is_template(name).then(|| {
        "is a template, not a manifest: render it first, for example with `helm template`"
            .to_owned()
    })
}

/// A label selector.
pub(super) fn selector(from: api::LabelSelector) -> Result<LabelSelector, String> {
    let labels = from.match_labels.unwrap_or_default();
    let mut requirements: Vec<Requirement> =
        labels.into_iter().map(|(key, value)| Requirement::In(key, vec![value])).collect();
    let labels = requirements.len();
    for expression in from.match_expressions.unwrap_or_default() {
        let values = expression.values.unwrap_or_default();
        requirements.push(match expression.operator.as_str() {
            "In" => Requirement::In(expression.key, values),
            "NotIn" => Requirement::NotIn(expression.key, values),
            "Exists" => Requirement::Exists(expression.key),
            "DoesNotExist" => Requirement::DoesNotExist(expression.key),
            other => return Err(format!("has a selector with the unknown operator `{other}`")),
        });
    }
    Ok(LabelSelector { requirements, labels })
}
