//! Selectors in the short form: `app=web, tier in (front, back), !old`.

use kuberlock_model::selector::{LabelSelector, Requirement};

/// The selector that a text means; the error says what is wrong with it.
pub(super) fn selector(text: &str) -> Result<LabelSelector, String> {
    let pieces = pieces(text).into_iter().filter(|piece| !piece.trim().is_empty());
    let requirements = pieces.map(|piece| requirement(piece.trim())).collect::<Result<_, _>>()?;
    Ok(LabelSelector { requirements })
}

/// The pieces between commas that stand outside of parentheses.
fn pieces(text: &str) -> Vec<&str> {
    let mut is_inside = false;
    let outside = move |c: char| {
        match c {
            '(' => is_inside = true,
            ')' => is_inside = false,
            _ => {}
        }
        c == ',' && !is_inside
    };
    text.split(outside).collect()
}

fn requirement(text: &str) -> Result<Requirement, String> {
    if let Some(key) = text.strip_prefix('!') {
        return Ok(Requirement::DoesNotExist(self::key(key)?));
    }
    if let Some((key, value)) = text.split_once("!=") {
        return Ok(Requirement::NotIn(self::key(key)?, vec![self::value(value)?]));
    }
    if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        return Ok(Requirement::In(self::key(key)?, vec![self::value(value)?]));
    }
    let mut words = text.splitn(2, char::is_whitespace);
    let (key, rest) = (key(words.next().unwrap_or_default())?, words.next());
    let Some(rest) = rest.map(str::trim).filter(|rest| !rest.is_empty()) else {
        return Ok(Requirement::Exists(key));
    };
    let of = |word: &str| -> Option<Result<Vec<String>, String>> {
        let list = rest.strip_prefix(word)?.trim().strip_prefix('(')?.strip_suffix(')')?;
        Some(list.split(',').map(value).collect())
    };
    match (of("notin"), of("in")) {
        (Some(values), _) => Ok(Requirement::NotIn(key, values?)),
        (None, Some(values)) => Ok(Requirement::In(key, values?)),
        (None, None) => Err(format!("`{text}` is no requirement on labels")),
    }
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

fn key(text: &str) -> Result<String, String> {
    let text = text.trim();
    let (prefix, name) = text.rsplit_once('/').unwrap_or(("x", text));
    if name.is_empty() || name.len() > 63 || !is_word(name) || prefix.is_empty() || !is_word(prefix)
    {
        return Err(format!("`{text}` is no label's key"));
    }
    Ok(text.to_owned())
}

fn value(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.len() > 63 || !is_word(text) {
        return Err(format!("`{text}` is no label's value"));
    }
    Ok(text.to_owned())
}
