//! `kubectl get`.

mod columns;
mod table;

use std::collections::BTreeSet;

use kuberlock_model::object::{Kind, Object, ObjectKey};
use kuberlock_model::{Cluster, Reach};
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::jsonpath::Template;
use crate::output::{NotAnswered, Output, not_answered};
use crate::resource::{self, Named};
use crate::{check_held, rebuild, selection};

/// What was found, and what else is to be told.
struct Found<'a> {
    objects: Vec<&'a Object>,
    /// `error: …` lines.
    errors: Vec<String>,
    /// Whether one object was asked for by name, so that it is shown without a list around it.
    single: bool,
    kinds: BTreeSet<Kind>,
    /// Whether kinds were asked for that the model does not know.
    others: bool,
}

/// Answers `kubectl get`, and tells of which kinds it showed objects.
pub(crate) fn run(
    arguments: &Arguments,
    words: &[&str],
    cluster: &Cluster,
) -> Result<(Output, BTreeSet<Kind>), NotAnswered> {
    let found = match find(arguments, words, cluster)? {
        Ok(found) => found,
        Err(error) => return Ok((Output::failure(1, error), BTreeSet::new())),
    };
    let output = show(arguments, &found)?;
    Ok((output, found.kinds))
}

/// What is asked for: kinds, and names of each where names are given.
struct Asked {
    kinds: Vec<(Kind, Vec<String>)>,
    others: bool,
}

fn find<'a>(
    arguments: &Arguments,
    words: &[&str],
    cluster: &'a Cluster,
) -> Result<Result<Found<'a>, String>, NotAnswered> {
    let asked = match asked(words, cluster)? {
        Ok(asked) => asked,
        Err(error) => return Ok(Err(error)),
    };
    let names: usize = asked.kinds.iter().map(|(_, names)| names.len()).sum();
    if names > 0 && arguments.all_namespaces {
        let text = "error: a resource cannot be retrieved by name across all namespaces\n";
        return Ok(Err(text.to_owned()));
    }
    if names > 0 && (arguments.labels.is_some() || arguments.fields.is_some()) {
        return not_answered("names beside a selector are not answered");
    }
    let mut found = Found {
        objects: Vec::new(),
        errors: Vec::new(),
        single: names == 1,
        kinds: asked.kinds.iter().map(|(kind, _)| *kind).collect(),
        others: asked.others,
    };
    for (kind, names) in &asked.kinds {
        if names.is_empty() {
            found.objects.extend(list(*kind, arguments, cluster)?);
        }
        for name in names {
            match named(*kind, name, arguments, cluster)? {
                Some(object) => found.objects.push(object),
                None if arguments.ignore_not_found => {}
                None => found.errors.push(not_found(*kind, name)),
            }
        }
    }
    Ok(Ok(found))
}

fn not_found(kind: Kind, name: &str) -> String {
    let names = kind.names();
    let resource = match names.group {
        "" => names.resource.to_owned(),
        group => format!("{}.{group}", names.resource),
    };
    format!("Error from server (NotFound): {resource} {name:?} not found\n")
}

fn asked(words: &[&str], cluster: &Cluster) -> Result<Result<Asked, String>, NotAnswered> {
    let Some((first, names)) = words.split_first() else {
        return not_answered("kubectl get without a kind is not answered");
    };
    let mut asked = Asked { kinds: Vec::new(), others: false };
    if first.contains('/') {
        for word in words {
            let Some((kind, name)) = word.split_once('/') else {
                return not_answered(format!("`{word}` beside TYPE/NAME is not answered"));
            };
            match kinds(kind, cluster)? {
                Ok((kinds, _)) => {
                    asked.kinds.extend(kinds.into_iter().map(|kind| (kind, vec![name.to_owned()])));
                }
                Err(error) => return Ok(Err(error)),
            }
        }
        return Ok(Ok(asked));
    }
    if names.iter().any(|name| name.is_empty()) {
        return Ok(Err("error: resource name may not be empty\n".to_owned()));
    }
    for word in first.split(',') {
        match kinds(word, cluster)? {
            Ok((kinds, others)) => {
                asked.others |= others;
                let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
                asked.kinds.extend(kinds.into_iter().map(|kind| (kind, names.clone())));
            }
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(asked))
}

type Kinds = Result<(Vec<Kind>, bool), String>;

fn kinds(word: &str, cluster: &Cluster) -> Result<Kinds, NotAnswered> {
    match resource::named(word, cluster) {
        Named::Kinds(kinds, others) => Ok(Ok((kinds, others))),
        Named::NotServed => {
            Ok(Err(format!("error: the server doesn't have a resource type {word:?}\n")))
        }
        Named::Unknown => not_answered(format!("the model does not know the kind `{word}`")),
    }
}

/// Objects of a kind are known only where a source covered the kind whole.
pub(crate) fn covered(kind: Kind, cluster: &Cluster) -> Result<(), NotAnswered> {
    let reach = cluster.coverage().kind(kind);
    if reach.is_whole() && *reach != Reach::NotServed {
        return Ok(());
    }
    not_answered(format!("the sources do not show every {}: {reach}", kind.names().name))
}

fn list<'a>(
    kind: Kind,
    arguments: &Arguments,
    cluster: &'a Cluster,
) -> Result<Vec<&'a Object>, NotAnswered> {
    covered(kind, cluster)?;
    let labels = arguments.labels.as_deref().map(selection::labels).transpose()?;
    let namespace = namespace(kind, arguments);
    let mut objects = Vec::new();
    for object in cluster.of_kind(kind) {
        let metadata = object.metadata();
        let is_there = namespace.is_none() || namespace == metadata.namespace.as_deref();
        let is_labelled = labels.as_ref().is_none_or(|labels| labels.matches(&metadata.labels));
        if is_there
            && is_labelled
            && selection::fields(arguments.fields.as_deref().unwrap_or_default(), object)?
        {
            objects.push(object);
        }
    }
    // The order of the server's keys, in which `-` comes before the `/` that ends a namespace.
    objects.sort_by_cached_key(|object| {
        let metadata = object.metadata();
        format!("{}/{}", metadata.namespace.as_deref().unwrap_or_default(), metadata.name)
    });
    Ok(objects)
}

fn namespace(kind: Kind, arguments: &Arguments) -> Option<&str> {
    (kind.names().namespaced && !arguments.all_namespaces)
        .then(|| arguments.namespace.as_deref().unwrap_or("default"))
}

fn named<'a>(
    kind: Kind,
    name: &str,
    arguments: &Arguments,
    cluster: &'a Cluster,
) -> Result<Option<&'a Object>, NotAnswered> {
    let object = cluster.get(&ObjectKey::new(kind, namespace(kind, arguments), name));
    if object.is_none() {
        covered(kind, cluster)?;
    }
    Ok(object)
}

fn show(arguments: &Arguments, found: &Found<'_>) -> Result<Output, NotAnswered> {
    let stderr = found.errors.concat();
    let status = u8::from(!found.errors.is_empty());
    if found.single && found.objects.is_empty() {
        return Ok(Output { stdout: String::new(), stderr, status });
    }
    if found.objects.is_empty() && arguments.ignore_not_found && !found.others {
        return Ok(Output { stdout: String::new(), stderr, status });
    }
    let format = arguments.output.as_deref().unwrap_or_default();
    let (name, template) = format.split_once('=').unwrap_or((format, ""));
    if matches!(name, "" | "wide" | "name") {
        return table::show(
            arguments,
            found,
            name,
            Output { stdout: String::new(), stderr, status },
        );
    }
    let value = value(found);
    let printed = match name {
        "json" => {
            complete(found)?;
            Ok(crate::print::json(&value))
        }
        "jsonpath" | "jsonpath-as-json" => jsonpath(name, template, &value, arguments, found)?,
        "custom-columns" => columns::show(template, &value, arguments, found)?,
        _ => return not_answered(format!("kubectl's output `{format}` is not answered")),
    };
    Ok(match printed {
        Ok(stdout) => Output { stdout, stderr, status },
        Err(error) => Output { stdout: String::new(), stderr: stderr + &error, status: 1 },
    })
}

/// Kinds that the model does not know may hold anything.
fn complete(found: &Found<'_>) -> Result<(), NotAnswered> {
    if found.others {
        return not_answered("`all` has kinds that the model does not know");
    }
    Ok(())
}

fn value(found: &Found<'_>) -> Value {
    match found.objects.as_slice() {
        [object] if found.single => rebuild::object(object),
        objects => {
            let items: Vec<Value> = objects.iter().map(|object| rebuild::object(object)).collect();
            json!({
                "apiVersion": "v1",
                "items": items,
                "kind": "List",
                "metadata": { "resourceVersion": "" },
            })
        }
    }
}

fn jsonpath(
    name: &str,
    template: &str,
    value: &Value,
    arguments: &Arguments,
    found: &Found<'_>,
) -> Result<Result<String, String>, NotAnswered> {
    let parsed = match Template::parse(template) {
        Ok(parsed) => parsed,
        Err(error) => {
            return Ok(Err(format!("error: error parsing jsonpath {template}, {error}\n")));
        }
    };
    // An autoscaler has no pod template, so nothing that is looked for in one is in it.
    if parsed.only_with() != Some("secretKeyRef") {
        complete(found)?;
    }
    for path in parsed.fields() {
        check_held(&found.kinds, &path)?;
    }
    let missing_keys = !arguments.missing_keys_are_errors;
    let rendered = match name {
        "jsonpath" => parsed.render(value, missing_keys),
        _ => parsed.render_json(value, missing_keys),
    };
    match rendered {
        Ok(text) => Ok(Ok(text)),
        // What kubectl prints then holds the whole object, of which the model has a part.
        Err(error) => {
            not_answered(format!("kubectl fails with `{error}`, and its text is not known"))
        }
    }
}
