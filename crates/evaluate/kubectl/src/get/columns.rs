//! `-o custom-columns=HEADER:PATH,…`

use serde_json::Value;

use super::Found;
use crate::arguments::Arguments;
use crate::check_held;
use crate::jsonpath::{Template, sprint};
use crate::output::NotAnswered;
use crate::print;

struct Column {
    header: String,
    path: Template,
}

pub(super) fn show(
    spec: &str,
    value: &Value,
    arguments: &Arguments,
    found: &Found<'_>,
) -> Result<Result<String, String>, NotAnswered> {
    super::complete(found)?;
    let columns = match parse(spec) {
        Ok(columns) => columns,
        Err(error) => return Ok(Err(format!("error: {error}\n"))),
    };
    for path in columns.iter().flat_map(|column| column.path.fields()) {
        check_held(&found.kinds, &path)?;
    }
    let mut rows = Vec::new();
    if !arguments.no_headers {
        rows.push(columns.iter().map(|column| column.header.clone()).collect());
    }
    let items = match value.get("items").and_then(Value::as_array) {
        Some(items) if !found.single => items.as_slice(),
        _ => std::slice::from_ref(value),
    };
    for item in items {
        match columns.iter().map(|column| cell(column, item)).collect() {
            Ok(row) => rows.push(row),
            Err(error) => return Ok(Err(format!("error: {error}\n"))),
        }
    }
    Ok(Ok(print::columns(&rows)))
}

fn parse(spec: &str) -> Result<Vec<Column>, String> {
    if spec.is_empty() {
        return Err("custom-columns format specified but no custom columns given".to_owned());
    }
    let columns = spec.split(',').map(|part| {
        let Some((header, path)) = part.split_once(':') else {
            return Err(format!(
                "unexpected custom-columns spec: {part}, expected <header>:<json-path-expr>"
            ));
        };
        let path = Template::parse(&relaxed(path)?).map_err(|error| error.to_string())?;
        Ok(Column { header: header.to_owned(), path })
    });
    columns.collect()
}

/// A path may lack its dot and its braces.
fn relaxed(path: &str) -> Result<String, String> {
    if path.is_empty() {
        return Ok(String::new());
    }
    let braced = path.strip_prefix('{').and_then(|path| path.strip_suffix('}'));
    let bare = braced.unwrap_or(path);
    let bare = bare.strip_prefix('.').unwrap_or(bare);
    if bare.is_empty() || bare.contains(['{', '}']) {
        return Err("unexpected path string, expected a 'name1.name2' or '.name1.name2' or \
                    '{name1.name2}' or '{.name1.name2}'"
            .to_owned());
    }
    Ok(format!("{{.{bare}}}"))
}

fn cell(column: &Column, item: &Value) -> Result<String, String> {
    let found = column.path.find(item, true).map_err(|error| error.to_string())?;
    if found.first().is_none_or(Vec::is_empty) {
        return Ok("<none>".to_owned());
    }
    let texts: Vec<String> = found.iter().flatten().map(|value| sprint(value)).collect();
    // As kubectl shows what would move the cursor.
    Ok(texts.join(",").replace('\u{1b}', "^["))
}
