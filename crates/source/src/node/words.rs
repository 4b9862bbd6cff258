//! Words, quotes and variables as systemd reads them.
//!
//! Enters: lines of unit and environment files. Leaves: words. Always holds: what is wrongly quoted
//! is taken as it stands, as systemd's looser readers do.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

/// Splits `text` at white space, quotes and escapes undone (systemd.syntax(7), "Quoting").
pub(super) fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (_, '\\') => escape(&mut chars, word.get_or_insert_default()),
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Undoes one escape of C's manner, its backslash already read.
fn escape(chars: &mut Peekable<Chars<'_>>, word: &mut String) {
    match chars.next() {
        Some('n') => word.push('\n'),
        Some('t') => word.push('\t'),
        Some('r') => word.push('\r'),
        Some('s') => word.push(' '),
        Some('x') => {
            let digits: String = chars.by_ref().take(2).collect();
            let byte = u8::from_str_radix(&digits, 16).ok().filter(u8::is_ascii);
            word.extend(byte.map(char::from));
        }
        Some(c @ ('\\' | '"' | '\'')) => word.push(c),
        Some(other) => word.extend(['\\', other]),
        None => word.push('\\'),
    }
}

/// Replaces the variables of one word: `$NAME` alone becomes the words of its value, `${NAME}`
/// anywhere its value, `$$` a dollar sign (systemd.service(5), "Command lines").
pub(super) fn expand(word: &str, environment: &BTreeMap<String, String>) -> Vec<String> {
    if let Some(name) = word.strip_prefix('$').filter(|name| is_name(name)) {
        return environment.get(name).map(|value| split(value)).unwrap_or_default();
    }
    let mut expanded = String::with_capacity(word.len());
    let mut rest = word;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        rest = after;
        if let Some(after) = rest.strip_prefix('$') {
            expanded.push('$');
            rest = after;
        } else if let Some((name, after)) = rest.strip_prefix('{').and_then(|r| r.split_once('}')) {
            expanded.push_str(environment.get(name).map_or("", String::as_str));
            rest = after;
        } else {
            expanded.push('$');
        }
    }
    expanded.push_str(rest);
    vec![expanded]
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The assignments of an environment file (systemd.exec(5), `EnvironmentFile=`).
pub(super) fn environment_file(text: &str) -> Vec<(String, String)> {
    let mut assignments = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim_start();
        if line.starts_with(['#', ';']) {
            continue;
        }
        let Some((name, value)) = line.split_once('=') else { continue };
        let mut value = value.to_owned();
        while let Some(head) = value.strip_suffix('\\') {
            value = format!("{head}{}", lines.next().unwrap_or_default());
        }
        let name = name.trim().strip_prefix("export ").unwrap_or(name.trim()).to_owned();
        assignments.push((name, unquote(value.trim())));
    }
    assignments
}

/// A value with its quotes undone, but its inner white space kept.
fn unquote(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut quote: Option<char> = None;
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (Some('\''), c) => text.push(c),
            (_, '\\') => text.extend(chars.next()),
            (_, c) => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_escapes_are_undone() {
        assert_eq!(
            split(r#"a "b c" 'd"e' f\x41\sg "" h'i'j"#),
            ["a", "b c", "d\"e", "fA g", "", "hij"]
        );
        assert_eq!(split("open 'quote"), ["open", "quote"]);
    }

    #[test]
    fn variables_are_words_or_parts_of_words() {
        let environment = BTreeMap::from([
            ("A".to_owned(), "x 'y z'".to_owned()),
            ("B".to_owned(), "b".to_owned()),
        ]);
        assert_eq!(expand("$A", &environment), ["x", "y z"]);
        assert_eq!(expand("--f=${B}$$c$", &environment), ["--f=b$c$"]);
        assert!(expand("$NONE", &environment).is_empty());
        assert_eq!(expand("${NONE}", &environment), [""]);
    }

    #[test]
    fn environment_files_are_read() {
        let text = "# c\nA=\"--x=1 --y='2'\"\nexport B=b \\\n c\n\nnonsense\nC='a\\b'\n";
        assert_eq!(
            environment_file(text),
            [
                ("A".to_owned(), "--x=1 --y='2'".to_owned()),
                ("B".to_owned(), "b  c".to_owned()),
                ("C".to_owned(), "a\\b".to_owned()),
            ]
        );
    }
}
