//! Values as Go writes them, so that what is printed is the same to the byte.

use serde_json::Value;

/// `%q`: a text in quotes.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\u{b}' => out.push_str("\\v"),
            c if c < ' ' || c == '\u{7f}' => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A text as `encoding/json` writes it, which also hides what HTML would read.
pub(crate) fn json_text(text: &str, out: &mut String) {
    let written = |c: char| match c {
        '"' | '\\' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => true,
        c => c < ' ',
    };
    out.push('"');
    let mut plain = 0;
    for (at, c) in text.match_indices(written) {
        out.push_str(text.get(plain..at).unwrap_or_default());
        plain = at + c.len();
        match c {
            "\"" => out.push_str("\\\""),
            "\\" => out.push_str("\\\\"),
            "\n" => out.push_str("\\n"),
            "\t" => out.push_str("\\t"),
            "\r" => out.push_str("\\r"),
            "\u{8}" => out.push_str("\\b"),
            "\u{c}" => out.push_str("\\f"),
            c => c.chars().for_each(|c| out.push_str(&format!("\\u{:04x}", u32::from(c)))),
        }
    }
    out.push_str(text.get(plain..).unwrap_or_default());
    out.push('"');
}

/// A number as `%v` writes it: a float with an exponent from a million on.
pub(crate) fn number(number: &serde_json::Number, float: bool) -> String {
    let whole =
        number.as_i64().map(|n| n.to_string()).or_else(|| number.as_u64().map(|n| n.to_string()));
    match (whole, float) {
        (Some(whole), false) => whole,
        _ => number.as_f64().map_or_else(|| number.to_string(), float_text),
    }
}

fn float_text(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return format!("{number}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// A value as `encoding/json` writes it.
pub(crate) fn json(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => json_text(text, out),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                json(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (at, (key, item)) in map.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                json_text(key, out);
                out.push(':');
                json(item, out);
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}
