//! Words become fields: variables, substitutions, splitting, names of files.

use super::pattern::Pattern;
use super::run::{Shell, Stop};
use super::scope::Scope;
use super::stream::Streams;
use super::syntax::{Operation, OperationKind, Piece, Word};
use crate::node::{FileType, Node as _};

/// A field being made: its characters, each quoted or not.
#[derive(Debug, Default)]
struct Field {
    text: String,
    /// The same, with a backslash before what is quoted and could be a pattern.
    pattern: String,
    /// Whether an unquoted character of a pattern is in it.
    globs: bool,
}

impl Field {
    fn push(&mut self, text: &str, quoted: bool) {
        self.text.push_str(text);
        for c in text.chars() {
            if matches!(c, '*' | '?' | '[') && !quoted {
                self.globs = true;
            } else if c == '\\' || quoted && matches!(c, '*' | '?' | '[' | ']' | '-' | '!' | '^') {
                self.pattern.push('\\');
            }
            self.pattern.push(c);
        }
    }
}

/// The fields of one word.
#[derive(Debug, Default)]
struct Fields {
    done: Vec<Field>,
    /// The last, where something stands in it, be it nothing quoted.
    open: Option<Field>,
    /// How much was put in.
    bytes: usize,
}

/// The longest that a word may grow.
pub(super) const LONGEST: usize = 4 << 20;

impl Fields {
    fn push(&mut self, text: &str, quoted: bool) {
        self.bytes += text.len();
        if quoted || !text.is_empty() {
            self.open.get_or_insert_default().push(text, quoted);
        }
    }

    fn close(&mut self) {
        self.done.extend(self.open.take());
    }

    /// An unquoted value, split at `separators`.
    fn split(&mut self, value: &str, separators: &str) {
        self.bytes += value.len();
        let blank = |c: char| matches!(c, ' ' | '\t' | '\n') && separators.contains(c);
        let mut rest = value.chars().peekable();
        // Blanks before a value end what stands before it.
        while let Some(c) = rest.next() {
            if !separators.contains(c) {
                self.open.get_or_insert_default().push(c.encode_utf8(&mut [0; 4]), false);
                continue;
            }
            let mut hard = !blank(c);
            while let Some(next) = rest.peek().copied().filter(|next| separators.contains(*next)) {
                if !blank(next) {
                    if hard {
                        break;
                    }
                    hard = true;
                }
                rest.next();
            }
            if hard {
                self.open.get_or_insert_default();
            }
            self.close();
        }
    }
}

impl Shell<'_> {
    /// Words as the arguments of a command.
    pub(super) fn expand_all(
        &mut self,
        words: &[Word],
        scope: &mut Scope,
        streams: Streams,
    ) -> Result<Vec<String>, Stop> {
        let mut all = Vec::new();
        for word in words {
            let mut fields = Fields::default();
            self.pieces(word, scope, streams, &mut fields, true)?;
            fields.close();
            for field in fields.done {
                if !field.globs || scope.noglob {
                    all.push(field.text);
                    continue;
                }
                let found = self.glob(&field.pattern)?;
                match found.is_empty() {
                    true => all.push(field.text),
                    false => all.extend(found),
                }
            }
            self.spend(all.len())?;
        }
        Ok(all)
    }

    /// A word as one text, neither split nor looked up.
    pub(super) fn expand_one(
        &mut self,
        word: &Word,
        scope: &mut Scope,
        streams: Streams,
    ) -> Result<String, Stop> {
        let mut fields = Fields::default();
        self.pieces(word, scope, streams, &mut fields, false)?;
        fields.close();
        let texts: Vec<String> = fields.done.into_iter().map(|field| field.text).collect();
        Ok(texts.join(" "))
    }

    /// A word as a pattern.
    pub(super) fn expand_pattern(
        &mut self,
        word: &Word,
        scope: &mut Scope,
        streams: Streams,
    ) -> Result<Pattern, Stop> {
        let mut fields = Fields::default();
        self.pieces(word, scope, streams, &mut fields, false)?;
        fields.close();
        let texts: Vec<String> = fields.done.into_iter().map(|field| field.pattern).collect();
        Ok(Pattern::new(&texts.join(" ")))
    }

    fn pieces(
        &mut self,
        word: &Word,
        scope: &mut Scope,
        streams: Streams,
        fields: &mut Fields,
        split: bool,
    ) -> Result<(), Stop> {
        for (at, piece) in word.iter().enumerate() {
            let before = fields.bytes;
            self.piece(at, piece, scope, streams, fields, split)?;
            self.spend(10 + fields.bytes - before)?;
            if fields.bytes > LONGEST {
                return Err(Stop::NotRun("a word grows beyond 4 MiB".to_owned()));
            }
        }
        Ok(())
    }

    fn piece(
        &mut self,
        at: usize,
        piece: &Piece,
        scope: &mut Scope,
        streams: Streams,
        fields: &mut Fields,
        split: bool,
    ) -> Result<(), Stop> {
        match piece {
            Piece::Literal { text, quoted } => {
                let home = at == 0 && !quoted && text.starts_with('~');
                match text.strip_prefix('~').filter(|rest| home && is_path(rest)) {
                    Some(rest) => {
                        let home = scope.variables.get("HOME").cloned().unwrap_or_default();
                        fields.push(&home, true);
                        fields.push(rest, false);
                    }
                    None => fields.push(text, *quoted),
                }
            }
            Piece::Output { list, quoted } => {
                let text = match list {
                    Ok(lists) => {
                        let (text, status) = self.captured(lists, scope, streams)?;
                        scope.substituted = Some(status);
                        text
                    }
                    Err(error) => {
                        self.refuse(error, scope, streams)?;
                        Vec::new()
                    }
                };
                let text = String::from_utf8_lossy(&text).replace('\0', "");
                self.value(text.trim_end_matches('\n'), *quoted, scope, fields, split);
            }
            Piece::Arithmetic { word, quoted } => {
                let text = self.expand_one(word, scope, streams)?;
                match super::arithmetic::evaluate(&text, &mut scope.variables) {
                    Ok(number) => {
                        self.value(&number.to_string(), *quoted, scope, fields, split);
                    }
                    Err(message) => return self.fatal(&message, scope, streams),
                }
            }
            Piece::Length { name } => {
                let value = variable(name, scope).unwrap_or_default();
                fields.push(&value.chars().count().to_string(), false);
            }
            Piece::BadSubstitution if scope.bash => {
                return Err(Stop::NotRun("it uses an expansion of bash".to_owned()));
            }
            Piece::BadSubstitution => return self.fatal("Bad substitution", scope, streams),
            Piece::Variable { name, operation, quoted } => {
                self.variable(name, operation.as_ref(), *quoted, scope, streams, fields, split)?;
            }
        }
        Ok(())
    }

    fn value(&self, text: &str, quoted: bool, scope: &Scope, fields: &mut Fields, split: bool) {
        if quoted || !split {
            fields.push(text, quoted);
            return;
        }
        let separators = scope.variables.get("IFS").map_or(" \t\n", String::as_str);
        fields.split(text, separators);
    }

    #[expect(clippy::too_many_arguments, reason = "a piece, its place and where it goes")]
    fn variable(
        &mut self,
        name: &str,
        operation: Option<&Operation>,
        quoted: bool,
        scope: &mut Scope,
        streams: Streams,
        fields: &mut Fields,
        split: bool,
    ) -> Result<(), Stop> {
        if name == "@" && operation.is_none() {
            for (at, value) in scope.positional.clone().iter().enumerate() {
                if at > 0 {
                    fields.close();
                }
                self.value(value, quoted, scope, fields, split);
            }
            return Ok(());
        }
        let value = variable(name, scope);
        let Some(operation) = operation else {
            if value.is_none() && scope.nounset {
                return self.fatal(&format!("{name}: parameter not set"), scope, streams);
            }
            self.value(&value.unwrap_or_default(), quoted, scope, fields, split);
            return Ok(());
        };
        let given = value.clone().filter(|value| !(operation.colon && value.is_empty()));
        match (operation.kind, given) {
            (
                OperationKind::Default | OperationKind::Assign | OperationKind::Error,
                Some(value),
            ) => {
                self.value(&value, quoted, scope, fields, split);
                Ok(())
            }
            (OperationKind::Alternative, None) => {
                fields.push("", quoted);
                Ok(())
            }
            (OperationKind::Default, None) | (OperationKind::Alternative, Some(_)) => {
                self.pieces(&operation.word, scope, streams, fields, split && !quoted)
            }
            (OperationKind::Assign, None) => {
                let value = self.expand_one(&operation.word, scope, streams)?;
                scope.variables.insert(name.to_owned(), value.clone());
                self.value(&value, quoted, scope, fields, split);
                Ok(())
            }
            (OperationKind::Error, None) => {
                let mut text = self.expand_one(&operation.word, scope, streams)?;
                if text.is_empty() {
                    text = "parameter not set or null".to_owned();
                }
                self.fatal(&format!("{name}: {text}"), scope, streams)
            }
            (OperationKind::CutStart { longest }, _) => {
                let pattern = self.expand_pattern(&operation.word, scope, streams)?;
                let value = self.cut(&value.unwrap_or_default(), &pattern, longest, true)?;
                self.value(&value, quoted, scope, fields, split);
                Ok(())
            }
            (
                OperationKind::Replace { .. } | OperationKind::Slice | OperationKind::Case { .. },
                _,
            ) => {
                let value = self.reshaped(&value.unwrap_or_default(), operation, scope, streams)?;
                self.value(&value, quoted, scope, fields, split);
                Ok(())
            }
            (OperationKind::CutEnd { longest }, _) => {
                let pattern = self.expand_pattern(&operation.word, scope, streams)?;
                let value = self.cut(&value.unwrap_or_default(), &pattern, longest, false)?;
                self.value(&value, quoted, scope, fields, split);
                Ok(())
            }
        }
    }

    /// `value` without what `pattern` takes from its start or its end.
    fn cut(
        &mut self,
        value: &str,
        pattern: &Pattern,
        longest: bool,
        start: bool,
    ) -> Result<String, Stop> {
        let chars: Vec<char> = value.chars().collect();
        let count = chars.len();
        for step in 0..=count {
            self.spend(count)?;
            let length = if longest { count - step } else { step };
            let (from, to) = if start { (0, length) } else { (count - length, count) };
            if !chars.get(from..to).is_some_and(|part| pattern.matches_chars(part)) {
                continue;
            }
            let left = if start { chars.get(to..) } else { chars.get(..from) };
            return Ok(left.unwrap_or_default().iter().collect());
        }
        Ok(value.to_owned())
    }

    /// Complains as the shell does, and ends it.
    fn fatal<T>(&mut self, message: &str, scope: &Scope, streams: Streams) -> Result<T, Stop> {
        if scope.bash {
            return Err(Stop::NotRun("what bash ends a script for".to_owned()));
        }
        let text = format!("{}: {}: {message}\n", scope.name, scope.line);
        self.write(streams.err, text.as_bytes())?;
        Err(Stop::Exit(2))
    }

    /// The paths that a pattern stands for, sorted.
    fn glob(&mut self, pattern: &str) -> Result<Vec<String>, Stop> {
        let absolute = pattern.starts_with('/');
        let mut found = vec![if absolute { "/".to_owned() } else { String::new() }];
        let steps: Vec<&str> = pattern.split('/').filter(|step| !step.is_empty()).collect();
        for (at, step) in steps.iter().enumerate() {
            let mut next = Vec::new();
            for folder in &found {
                self.glob_step(folder, step, at + 1 < steps.len(), &mut next)?;
            }
            found = next;
        }
        found.sort();
        Ok(found)
    }

    fn glob_step(
        &mut self,
        folder: &str,
        step: &str,
        more: bool,
        found: &mut Vec<String>,
    ) -> Result<(), Stop> {
        let join = |name: &str| match folder {
            "" => name.to_owned(),
            folder if folder.ends_with('/') => format!("{folder}{name}"),
            folder => format!("{folder}/{name}"),
        };
        if !has_pattern(step) {
            let path = join(&unquoted(step));
            if self.node.stat(&path, more).is_ok() {
                found.push(path);
            }
            return Ok(());
        }
        let place = if folder.is_empty() { "." } else { folder };
        let Ok(entries) = self.node.list(place) else { return Ok(()) };
        self.spend(100 * entries.len())?;
        let pattern = Pattern::new(step);
        let hidden = step.starts_with('.') || step.starts_with("\\.");
        for entry in entries {
            if (!hidden && entry.name.starts_with('.')) || !pattern.matches(&entry.name) {
                continue;
            }
            let path = join(&entry.name);
            let folder = || match entry.kind {
                FileType::Directory => true,
                FileType::Link => {
                    let stat = self.node.stat(&path, true);
                    stat.is_ok_and(|status| status.file_type() == FileType::Directory)
                }
                _ => false,
            };
            if !more || folder() {
                found.push(path);
            }
        }
        Ok(())
    }
}

fn is_path(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('/')
}

fn has_pattern(step: &str) -> bool {
    let mut chars = step.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            '*' | '?' | '[' => return true,
            _ => {}
        }
    }
    false
}

fn unquoted(step: &str) -> String {
    let mut text = String::new();
    let mut chars = step.chars();
    while let Some(c) = chars.next() {
        text.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    text
}

/// A variable's value.
fn variable(name: &str, scope: &Scope) -> Option<String> {
    match name {
        "?" => Some(scope.status.to_string()),
        "#" => Some(scope.positional.len().to_string()),
        "$" => Some("1".to_owned()),
        "!" => None,
        "-" => Some(String::new()),
        "0" => Some(scope.name.clone()),
        "@" | "*" => Some(scope.positional.join(" ")),
        name => match name.parse::<usize>() {
            Ok(number) => scope.positional.get(number.saturating_sub(1)).cloned(),
            Err(_) => scope.variables.get(name).cloned(),
        },
    }
}

/// A word whose value is known without running anything.
pub(super) fn without_running(word: &Word, scope: &Scope) -> Option<String> {
    let mut text = String::new();
    for piece in word {
        match piece {
            Piece::Literal { text: part, .. } => text.push_str(part),
            Piece::Variable { name, operation: None, .. } => {
                text.push_str(&variable(name, scope).unwrap_or_default());
            }
            _ => return None,
        }
    }
    Some(text)
}
