//! YAML into JSON values, as lenient as the components are: the first document counts, and of a
//! key given twice the last.

use serde_json::Value;

/// The first document of a text.
pub(crate) fn first_document(text: &str) -> Result<Value, String> {
    documents(text).map(|all| all.into_iter().next().unwrap_or(Value::Null))
}

/// All documents of a text, empty ones left out.
pub(crate) fn documents(text: &str) -> Result<Vec<Value>, String> {
    let options = serde_saphyr::options! {
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::LastWins,
    };
    let all: Vec<Value> = serde_saphyr::from_multiple_with_options(text, options)
        .map_err(|error| error.to_string())?;
    Ok(all.into_iter().filter(|value| !value.is_null()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_document_counts_and_the_last_of_two_keys() {
        assert_eq!(first_document("a: 1\na: 2\n---\nb: 3\n"), Ok(json!({"a": 2})));
    }

    #[test]
    fn an_open_bracket_is_refused() {
        assert!(first_document("spec: [unclosed").is_err());
    }
}
