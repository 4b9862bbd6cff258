//! JSON as Go writes it: keys in order, `<`, `>` and `&` escaped; and columns as kubectl aligns
//! them.

use serde_json::Value;

const INDENT: &str = "    ";

/// As `kubectl -o json`: four spaces a level, a line end at the end.
pub(crate) fn json(value: &Value) -> String {
    let mut out = String::new();
    indented(value, 0, &mut out);
    out.push('\n');
    out
}

/// On one line, without spaces.
pub(crate) fn compact(value: &Value) -> String {
    escape(&value.to_string())
}

/// What Go's encoder escapes beyond what JSON demands, so that JSON may stand in HTML.
fn escape(json: &str) -> String {
    if !json.contains(['<', '>', '&', '\u{2028}', '\u{2029}', '\u{7f}']) {
        return json.to_owned();
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

fn indented(value: &Value, level: usize, out: &mut String) {
    let line = |level: usize, out: &mut String| {
        out.push('\n');
        out.push_str(&INDENT.repeat(level));
    };
    match value {
        Value::Array(list) if !list.is_empty() => {
            for (at, element) in list.iter().enumerate() {
                out.push(if at == 0 { '[' } else { ',' });
                line(level + 1, out);
                indented(element, level + 1, out);
            }
            line(level, out);
            out.push(']');
        }
        Value::Object(map) if !map.is_empty() => {
            for (at, (key, element)) in map.iter().enumerate() {
                out.push(if at == 0 { '{' } else { ',' });
                line(level + 1, out);
                out.push_str(&compact(&Value::from(key.as_str())));
                out.push_str(": ");
                indented(element, level + 1, out);
            }
            line(level, out);
            out.push('}');
        }
        other => out.push_str(&compact(other)),
    }
}

/// Rows of cells, each column as wide as its widest cell and three spaces, six at least; the last
/// cell of a row is not filled up.
pub(crate) fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |at: usize| {
        let cells = rows.iter().filter(|row| row.len() > at + 1).filter_map(|row| row.get(at));
        cells.map(|cell| cell.chars().count() + 3).max().unwrap_or(0).max(6)
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    let mut out = String::new();
    for row in rows {
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            if at + 1 == row.len() {
                out.push_str(cell);
            } else {
                out.push_str(&format!("{cell:<width$}"));
            }
        }
        out.push('\n');
    }
    out
}
