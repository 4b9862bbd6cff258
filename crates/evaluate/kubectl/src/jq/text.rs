//! Values as text: JSON, compact or indented, and jq's cut form in errors.

use super::value::Value;

/// On one line.
pub(super) fn compact(value: &Value, sorted: bool) -> String {
    let mut out = String::new();
    write(value, None, sorted, 0, &mut out);
    out
}

/// With line ends, `indent` a level.
pub(super) fn indented(value: &Value, indent: &str, sorted: bool) -> String {
    let mut out = String::new();
    write(value, Some(indent), sorted, 0, &mut out);
    out
}

/// As errors show a value: at most 14 bytes.
pub(super) fn cut(value: &Value) -> String {
    let text = compact(value, false);
    if text.len() <= 14 {
        return text;
    }
    let mut end = 11;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}...", text.get(..end).unwrap_or_default())
}

fn write(value: &Value, indent: Option<&str>, sorted: bool, level: usize, out: &mut String) {
    let line = |level: usize, out: &mut String| {
        if let Some(indent) = indent {
            out.push('\n');
            out.push_str(&indent.repeat(level));
        }
    };
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(bool) => out.push_str(if *bool { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&self::number(*number)),
        Value::Text(text) => quote(text, out),
        Value::Array(list) if list.is_empty() => out.push_str("[]"),
        Value::Object(pairs) if pairs.is_empty() => out.push_str("{}"),
        Value::Array(list) => {
            for (at, element) in list.iter().enumerate() {
                out.push(if at == 0 { '[' } else { ',' });
                line(level + 1, out);
                write(element, indent, sorted, level + 1, out);
            }
            line(level, out);
            out.push(']');
        }
        Value::Object(pairs) => {
            let by_key = sorted.then(|| Value::sorted(pairs));
            for (at, (key, element)) in by_key.as_deref().unwrap_or(pairs).iter().enumerate() {
                out.push(if at == 0 { '{' } else { ',' });
                line(level + 1, out);
                quote(key, out);
                out.push_str(if indent.is_some() { ": " } else { ":" });
                write(element, indent, sorted, level + 1, out);
            }
            line(level, out);
            out.push('}');
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' || c == '\u{7f}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// The shortest digits, with an exponent where there would be many zeros.
pub(super) fn number(number: f64) -> String {
    if number.is_nan() {
        return "null".to_owned();
    }
    let number = number.clamp(-f64::MAX, f64::MAX);
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits = mantissa.chars().filter(char::is_ascii_digit).count();
    let most = i32::try_from(digits).unwrap_or(i32::MAX).saturating_add(14);
    if number == 0.0 || (-5 < exponent && exponent <= most) {
        return format!("{number}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}
