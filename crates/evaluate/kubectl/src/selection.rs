//! Label and field selectors as kubectl's options write them.

use kuberlock_model::object::Object;
use kuberlock_model::selector::{LabelSelector, Requirement};

use crate::output::{NotAnswered, not_answered};

/// `-l`: `a=b,c!=d,e in (x,y),f,!g`.
pub(crate) fn labels(text: &str) -> Result<LabelSelector, NotAnswered> {
    let parts = split(text);
    let requirements = parts.iter().map(|part| requirement(part.trim()));
    Ok(LabelSelector {
        requirements: requirements.collect::<Result<_, _>>()?,
        ..LabelSelector::default()
    })
}

/// Splits at commas outside of parentheses.
fn split(text: &str) -> Vec<&str> {
    let mut inside = false;
    text.split(move |c| {
        match c {
            '(' => inside = true,
            ')' => inside = false,
            _ => {}
        }
        c == ',' && !inside
    })
    .filter(|part| !part.trim().is_empty())
    .collect()
}

fn requirement(text: &str) -> Result<Requirement, NotAnswered> {
    let set = |key: &str, values: &str| {
        let inside = values.trim().strip_prefix('(').and_then(|v| v.strip_suffix(')'));
        let values = inside?.split(',').map(|value| value.trim().to_owned()).collect();
        Some((key.trim().to_owned(), values))
    };
    let one = |key: &str, value: &str| (key.trim().to_owned(), vec![value.trim().to_owned()]);
    if let Some((key, value)) = text.split_once("!=") {
        let (key, values) = one(key, value);
        return Ok(Requirement::NotIn(key, values));
    }
    if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        let (key, values) = one(key, value);
        return Ok(Requirement::In(key, values));
    }
    if let Some((key, values)) = text.split_once(" notin ").and_then(|(k, v)| set(k, v)) {
        return Ok(Requirement::NotIn(key, values));
    }
    if let Some((key, values)) = text.split_once(" in ").and_then(|(k, v)| set(k, v)) {
        return Ok(Requirement::In(key, values));
    }
    if text.contains([' ', '(', ')']) {
        return not_answered(format!("the label selector `{text}` is not understood"));
    }
    Ok(match text.strip_prefix('!') {
        Some(key) => Requirement::DoesNotExist(key.trim().to_owned()),
        None => Requirement::Exists(text.to_owned()),
    })
}

/// `--field-selector`, as far as the model holds the field.
pub(crate) fn fields(text: &str, object: &Object) -> Result<bool, NotAnswered> {
    for part in text.split(',').filter(|part| !part.is_empty()) {
        let (field, value, wanted) = if let Some((field, value)) = part.split_once("!=") {
            (field, value, false)
        } else if let Some((field, value)) = part.split_once("==").or_else(|| part.split_once('='))
        {
            (field, value, true)
        } else {
            return not_answered(format!("the field selector `{part}` is not understood"));
        };
        let metadata = object.metadata();
        let actual = match (field, object) {
            ("metadata.name", _) => metadata.name.as_str(),
            ("metadata.namespace", _) => metadata.namespace.as_deref().unwrap_or_default(),
            ("spec.nodeName", Object::Pod(pod)) => {
                pod.spec.node_name.as_deref().unwrap_or_default()
            }
            _ => return not_answered(format!("the field selector `{field}` is not answered")),
        };
        if (actual == value) != wanted {
            return Ok(false);
        }
    }
    Ok(true)
}
