//! Files that are read line by line: unit files, environment files, TOML, and whatever else is
//! no YAML.
//!
//! Enters: text. Leaves: the text, each line judged on its own. Always holds: the number of lines.

use super::mark::{PLACEHOLDER, around_marks, mark};
use super::name::{Secrecy, secrecy};
use super::shape;
use super::value::{Trust, judged, value};
use super::words::{arguments, environment, script};

/// Directives of unit files that hold prose or names of units.
static PROSE: [&str; 12] = [
    "After",
    "Before",
    "Conflicts",
    "Description",
    "Documentation",
    "KillMode",
    "PartOf",
    "Requires",
    "Restart",
    "RequiredBy",
    "WantedBy",
    "Wants",
];

/// Replaces PEM blocks, whatever they hold.
pub(super) fn without_pem(text: &str) -> String {
    if !text.contains("-----BEGIN ") {
        return text.to_owned();
    }
    let mut whole = String::with_capacity(text.len());
    let mut inside = false;
    for line in text.split_inclusive('\n') {
        let (body, end) = split_end(line);
        let opens = body.find("-----BEGIN ");
        match opens {
            Some(at) if !inside => {
                let (before, block) = body.split_at_checked(at).unwrap_or(("", body));
                // A block on one line, `\n` escaped: all of it up to the quote.
                let close = block.find(['"', '\'']).unwrap_or(block.len());
                let (block, after) = block.split_at_checked(close).unwrap_or((block, ""));
                inside = !block.contains("-----END ");
                whole.push_str(&format!("{before}{}{after}", mark(block)));
            }
            _ if inside => inside = !body.contains("-----END "),
            _ => whole.push_str(body),
        }
        whole.push_str(end);
    }
    whole
}

/// Redacts line by line.
pub(super) fn redact(text: &str) -> String {
    let mut reader = Reader::default();
    let mut whole = String::with_capacity(text.len());
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let (body, end) = split_end(line);
        let mut logical = body.to_owned();
        let mut last_end = end;
        // A backslash joins lines into one; the joints stay.
        while logical.ends_with('\\') && !logical.trim_start().starts_with('#') {
            let Some(next) = lines.next() else { break };
            logical.push_str(last_end);
            let (body, end) = split_end(next);
            logical.push_str(body);
            last_end = end;
        }
        let mut again = reader;
        let redacted = around_marks(&logical, |logical| reader.line(logical));
        // Odd text may read otherwise once a part of it is marked: then all of it is.
        let is_stable = redacted == around_marks(&redacted, |line| again.line(line));
        // Where a joint is gone, its lines would be read on their own the next time.
        let joints = |text: &str| {
            let ends = text.split('\n').rev().skip(1);
            ends.filter(|line| line.trim_end_matches('\r').ends_with('\\')).count()
        };
        let same_lines = is_stable
            && redacted.matches('\n').count() == logical.matches('\n').count()
            && joints(&redacted) == joints(&logical);
        match same_lines {
            true => whole.push_str(&redacted),
            false => {
                whole.push_str(&mark(&logical));
                whole.extend(logical.chars().filter(|c| *c == '\n'));
            }
        }
        whole.push_str(last_end);
    }
    whole
}

/// A comment with its sign: kept if it is prose.
pub(super) fn comment(text: &str) -> String {
    let sign = text.len() - text.trim_start_matches(['#', ';', ' ', '\t']).len();
    let (sign, rest) = text.split_at_checked(sign).unwrap_or(("#", text));
    format!("{sign}{}", around_marks(rest, prose))
}

fn split_end(line: &str) -> (&str, &str) {
    let body = line.trim_end_matches(['\n', '\r']);
    line.split_at_checked(body.len()).unwrap_or((line, ""))
}

/// Text of ordinary words, none of which names a credential; else a mark.
fn prose(text: &str) -> String {
    let ordinary = |word: &str| {
        let bare = word.trim_matches(|c: char| c.is_ascii_punctuation() && c != '/' && c != '-');
        let letters = |part: &str| part.len() <= 20 && part.chars().all(char::is_alphabetic);
        secrecy(bare) != Secrecy::Is
            && (bare.split(['-', '/', '\'']).all(letters)
                || bare.chars().all(|c| c.is_ascii_punctuation())
                || value("", bare, Trust::Component) == bare)
    };
    if text.split_whitespace().all(ordinary) { text.to_owned() } else { mark_trimmed(text) }
}

fn mark_trimmed(text: &str) -> String {
    let inner = text.trim();
    if inner.is_empty() { text.to_owned() } else { text.replacen(inner, &mark(inner), 1) }
}

#[derive(Clone, Copy, Default)]
struct Reader {
    section: Secrecy0,
    /// The sign that ends a TOML string of several lines.
    until: Option<&'static str>,
}

/// [`Secrecy`] with a default.
#[derive(Clone, Copy)]
struct Secrecy0(Secrecy);

impl Default for Secrecy0 {
    fn default() -> Self {
        Self(Secrecy::No)
    }
}

impl Reader {
    fn line(&mut self, line: &str) -> String {
        let trimmed = line.trim();
        if let Some(sign) = self.until {
            if trimmed.contains(sign) {
                self.until = None;
            }
            return mark_trimmed(line);
        }
        if trimmed.chars().all(|c| c == PLACEHOLDER) {
            return line.to_owned();
        }
        if trimmed.starts_with(['#', ';']) {
            let indent = line.len() - line.trim_start().len();
            let (indent, rest) = line.split_at_checked(indent).unwrap_or(("", line));
            return format!("{indent}{}", comment(rest));
        }
        if trimmed.starts_with('[') && trimmed.ends_with(']') && !trimmed.contains('=') {
            return self.section(line, trimmed);
        }
        match line.split_once('=') {
            Some((key, value)) if is_key(key) => format!("{key}={}", self.value(key.trim(), value)),
            _ => self.foreign(line),
        }
    }

    fn section(&mut self, line: &str, trimmed: &str) -> String {
        let name = trimmed.trim_matches(['[', ']', ' ']);
        let last = name.rsplit(['.', '"']).find(|part| !part.is_empty()).unwrap_or(name);
        self.section = Secrecy0(match secrecy(last) {
            Secrecy::Is => Secrecy::Is,
            _ => Secrecy::No,
        });
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-\"/:' *".contains(c);
        let fits = name.chars().all(plain) && name.split('"').all(shape::is_word_or_empty);
        if fits { line.to_owned() } else { mark_trimmed(line) }
    }

    fn value(&mut self, key: &str, text: &str) -> String {
        let inner = text.trim();
        if let Some(sign) = ["'''", "\"\"\""].into_iter().find(|sign| inner.starts_with(sign)) {
            if inner.matches(sign).count() == 1 {
                self.until = Some(sign);
            }
            return mark_trimmed(text);
        }
        if inner.is_empty() {
            return text.to_owned();
        }
        let secrecy = secrecy(key).max(self.section.0);
        let judged = if key.starts_with("Exec") {
            command(inner)
        } else if key == "Environment" {
            assignments(inner)
        } else if PROSE.contains(&key) {
            prose(inner)
        } else {
            setting(key, secrecy, inner)
        };
        text.replacen(inner, &judged, 1)
    }

    /// A line of no known form: word by word, only closed shapes and small words.
    fn foreign(&self, line: &str) -> String {
        let name = line.split_once(':').map(|(name, _)| name.trim()).unwrap_or_default();
        if self.section.0 == Secrecy::Is || secrecy(name) == Secrecy::Is {
            return mark_trimmed(line);
        }
        let quotes_off = line.trim().trim_matches([',', '"', '\'']);
        if quotes_off == value("", quotes_off, Trust::Foreign) {
            return line.to_owned();
        }
        script(line, Trust::Foreign)
    }
}

fn is_key(key: &str) -> bool {
    let bare = key.trim().trim_start_matches("export ").trim_matches(['"', '\'']);
    (1..=128).contains(&bare.len())
        && bare.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/:".contains(&b))
        && shape::is_word(bare)
}

/// `ExecStart=`: a program and its arguments.
fn command(text: &str) -> String {
    let program = text.split_whitespace().next().unwrap_or_default();
    let program = program.trim_start_matches(['-', '@', '+', '!', ':']);
    // Which programs are trusted is asked in one place.
    let probe = arguments(&[program.to_owned(), "--probe=Probe_word".to_owned()]);
    let trusted = probe.last().is_some_and(|word| word == "--probe=Probe_word");
    script(text, if trusted { Trust::Component } else { Trust::Foreign })
}

/// `Environment="A=b" C=d`
fn assignments(text: &str) -> String {
    let mut whole = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (open, end) = match first {
            '"' | '\'' => {
                (1, rest.get(1..).and_then(|r| r.find(first)).map_or(rest.len(), |at| at + 1))
            }
            c if c.is_whitespace() => {
                whole.push(c);
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
                continue;
            }
            _ => (0, rest.find(char::is_whitespace).unwrap_or(rest.len())),
        };
        let word = rest.get(open..end).unwrap_or_default();
        let judged = match word.split_once('=') {
            Some((name, text)) if is_key(name) => {
                let name = name.trim();
                format!("{name}={}", environment(name, text))
            }
            _ => mark(word),
        };
        let quote = rest.get(..open).unwrap_or_default();
        let close = rest.get(end..end + open).unwrap_or_default();
        whole.push_str(&format!("{quote}{judged}{close}"));
        rest = rest.get(end + close.len()..).unwrap_or_default();
    }
    whole
}

/// The value of a TOML key, of a directive, or of a variable.
fn setting(key: &str, secrecy: Secrecy, text: &str) -> String {
    let is_list = text.starts_with('[') || text.starts_with('{');
    if is_list || text.matches(['"', '\'']).count() > 2 {
        return quoted_strings(key, secrecy, text);
    }
    for quote in ['"', '\''] {
        if let Some((inner, tail)) =
            text.strip_prefix(quote).and_then(|rest| rest.rsplit_once(quote))
        {
            let tail = if tail.trim().is_empty() { tail.to_owned() } else { comment(tail) };
            return format!("{quote}{}{quote}{tail}", plain(key, secrecy, inner));
        }
    }
    plain(key, secrecy, text)
}

fn plain(key: &str, secrecy: Secrecy, text: &str) -> String {
    let is_variable =
        key.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    match secrecy {
        Secrecy::No if is_variable => environment(key, text),
        Secrecy::No if text.contains(char::is_whitespace) => script(text, Trust::Foreign),
        secrecy => judged(secrecy, text, Trust::Component),
    }
}

/// Judges each quoted string of a list or inline table, and marks the rest if it is odd.
fn quoted_strings(key: &str, secrecy: Secrecy, text: &str) -> String {
    let mut whole = String::new();
    for (at, part) in text.split('"').enumerate() {
        if at > 0 {
            whole.push('"');
        }
        let outside = at % 2 == 0;
        if outside && part.chars().all(|c| c.is_whitespace() || "[]{},=".contains(c)) {
            whole.push_str(part);
        } else if outside {
            whole.push_str(&script(part, Trust::Foreign));
        } else {
            whole.push_str(&plain(key, secrecy, part));
        }
    }
    whole
}
