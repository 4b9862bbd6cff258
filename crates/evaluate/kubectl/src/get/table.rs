//! The table that kubectl prints without `-o`, and `-o name`.
//!
//! The table's columns are made by the server, and one of them is the object's age, which the model
//! does not hold: kubectl's own word for that is `<unknown>`. Only network policies are answered:
//! audits count their rows.

use kuberlock_model::object::{Kind, Object};
use kuberlock_model::selector::{LabelSelector, Requirement};

use super::Found;
use crate::arguments::Arguments;
use crate::output::{NotAnswered, Output, not_answered};
use crate::print;

pub(super) fn show(
    arguments: &Arguments,
    found: &Found<'_>,
    format: &str,
    mut output: Output,
) -> Result<Output, NotAnswered> {
    super::complete(found)?;
    if format == "name" {
        output.stdout = found.objects.iter().map(|object| name(object)).collect();
        return Ok(output);
    }
    if format == "wide" || found.kinds.iter().any(|kind| *kind != Kind::NetworkPolicy) {
        return not_answered("tables are answered of network policies only");
    }
    if found.objects.is_empty() {
        if !arguments.ignore_not_found && found.errors.is_empty() {
            output.stderr = nothing(arguments);
        }
        return Ok(output);
    }
    let mut rows = Vec::new();
    let lead = |cells: &[&str]| {
        let skipped = usize::from(!arguments.all_namespaces);
        cells.iter().skip(skipped).map(|cell| (*cell).to_owned()).collect::<Vec<_>>()
    };
    if !arguments.no_headers {
        rows.push(lead(&["NAMESPACE", "NAME", "POD-SELECTOR", "AGE"]));
    }
    for object in &found.objects {
        if let Object::NetworkPolicy(policy) = object {
            let metadata = &policy.metadata;
            let namespace = metadata.namespace.as_deref().unwrap_or_default();
            rows.push(lead(&[namespace, &metadata.name, &selector(&policy.pods), "<unknown>"]));
        }
    }
    output.stdout = print::columns(&rows);
    Ok(output)
}

fn nothing(arguments: &Arguments) -> String {
    if arguments.all_namespaces {
        return "No resources found\n".to_owned();
    }
    let namespace = arguments.namespace.as_deref().unwrap_or("default");
    format!("No resources found in {namespace} namespace.\n")
}

fn name(object: &Object) -> String {
    let names = object.kind().names();
    let kind = names.name.to_ascii_lowercase();
    let name = &object.metadata().name;
    match names.group {
        "" => format!("{kind}/{name}\n"),
        group => format!("{kind}.{group}/{name}\n"),
    }
}

fn selector(selector: &LabelSelector) -> String {
    if selector.is_empty() {
        return "<none>".to_owned();
    }
    let parts: Vec<String> = selector
        .requirements
        .iter()
        .map(|requirement| match requirement {
            Requirement::In(key, values) if values.len() == 1 => {
                format!("{key}={}", values.concat())
            }
            Requirement::In(key, values) => format!("{key} in ({})", values.join(",")),
            Requirement::NotIn(key, values) => format!("{key} notin ({})", values.join(",")),
            Requirement::Exists(key) => key.clone(),
            Requirement::DoesNotExist(key) => format!("!{key}"),
        })
        .collect();
    parts.join(",")
}
