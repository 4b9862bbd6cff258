//! Label and field selectors as kubectl's options write them.

use kuberlock_model::object::Object;
use kuberlock_model::selector::{LabelSelector, NotASelector};

use crate::output::{NotAnswered, not_answered};

/// `-l`: `a=b,c!=d,e in (x,y),f,!g`.
pub(crate) fn labels(text: &str) -> Result<LabelSelector, NotAnswered> {
    text.parse().or_else(|error: NotASelector| not_answered(error.to_string()))
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
