//! `${…}`: read, and what only bash does with a value.

use super::lex::{Lexer, Parsed};
use super::pattern::Pattern;
use super::run::{Shell, Stop};
use super::scope::Scope;
use super::stream::Streams;
use super::syntax::{Operation, OperationKind, Piece, Word};

impl Lexer {
    /// What stands behind `${`.
    pub(super) fn braced(&mut self, quoted: bool) -> Parsed<Piece> {
        if self.peek() == Some('#') && self.peek_at(1) != Some('}') {
            self.skip();
            let name = self.parameter().unwrap_or_default();
            let closed = self.next() == Some('}');
            let whole = closed && !name.is_empty();
            return Ok(if whole { Piece::Length { name } } else { Piece::BadSubstitution });
        }
        let Some(mut name) = self.parameter() else { return self.bad_substitution() };
        if self.bash && self.peek() == Some('[') && !self.element(&mut name) {
            return self.bad_substitution();
        }
        let colon = self.peek() == Some(':');
        if colon {
            self.skip();
        }
        let longest = |c: char, lexer: &mut Self| {
            let longest = lexer.peek() == Some(c);
            if longest {
                lexer.skip();
            }
            longest
        };
        let kind = match (self.peek(), colon) {
            (Some('}'), false) => {
                self.skip();
                return Ok(Piece::Variable { name, operation: None, quoted });
            }
            (Some(c @ ('-' | '=' | '?' | '+')), _) => {
                self.skip();
                match c {
                    '-' => OperationKind::Default,
                    '=' => OperationKind::Assign,
                    '?' => OperationKind::Error,
                    _ => OperationKind::Alternative,
                }
            }
            (Some('#'), false) => {
                self.skip();
                OperationKind::CutStart { longest: longest('#', self) }
            }
            (Some('%'), false) => {
                self.skip();
                OperationKind::CutEnd { longest: longest('%', self) }
            }
            _ if self.bash => return self.of_bash(name, colon, quoted),
            _ => return self.bad_substitution(),
        };
        let cuts = matches!(kind, OperationKind::CutStart { .. } | OperationKind::CutEnd { .. });
        let mut word = Vec::new();
        if quoted && !cuts {
            self.double_quoted(&mut word, Some('}'))?;
        } else {
            self.pieces(&mut word, &|lexer| lexer.peek().is_none_or(|c| c == '}'))?;
            if self.next() != Some('}') {
                return Err(self.refused("Missing '}'"));
            }
        }
        let operation = Some(Operation { kind, colon, word, second: None });
        Ok(Piece::Variable { name, operation, quoted })
    }

    fn parameter(&mut self) -> Option<String> {
        if let Some(name) = self.name() {
            return Some(name);
        }
        let c = self.peek().filter(|c| c.is_ascii_digit() || "?#@*$!-".contains(*c))?;
        self.skip();
        Some(c.to_string())
    }

    /// Passes over what dash does not know, to its brace.
    fn bad_substitution(&mut self) -> Parsed<Piece> {
        let mut depth = 1;
        while depth > 0 {
            match self.next() {
                Some('{') => depth += 1,
                Some('}') => depth -= 1,
                Some(_) => {}
                None => return Err(self.refused("Missing '}'")),
            }
        }
        Ok(Piece::BadSubstitution)
    }

    /// `[N]` behind a name; of an array there is no more than what `=~` leaves.
    fn element(&mut self, name: &mut String) -> bool {
        self.skip();
        let mut number = String::new();
        while let Some(c) = self.peek().filter(char::is_ascii_digit) {
            number.push(c);
            self.skip();
        }
        if number.is_empty() || self.next() != Some(']') {
            return false;
        }
        if number != "0" {
            name.push_str(&format!("[{number}]"));
        }
        true
    }

    /// `${x/a/b}`, `${x:1:2}`, `${x^^}` and their like.
    fn of_bash(&mut self, name: String, colon: bool, quoted: bool) -> Parsed<Piece> {
        let (mut word, mut second) = (Vec::new(), None);
        let kind = match (colon, self.peek()) {
            (true, _) => {
                self.pieces(&mut word, &|lexer| matches!(lexer.peek(), None | Some('}' | ':')))?;
                if self.peek() == Some(':') {
                    self.skip();
                    second = Some(self.up_to_brace()?);
                }
                OperationKind::Slice
            }
            (_, Some('/')) => {
                self.skip();
                let all = self.peek() == Some('/');
                if all {
                    self.skip();
                }
                self.pieces(&mut word, &|lexer| matches!(lexer.peek(), None | Some('}' | '/')))?;
                if self.peek() == Some('/') {
                    self.skip();
                    second = Some(self.up_to_brace()?);
                }
                OperationKind::Replace { all }
            }
            (_, Some(sign @ ('^' | ','))) => {
                self.skip();
                let all = self.peek() == Some(sign);
                if all {
                    self.skip();
                }
                OperationKind::Case { upper: sign == '^', all }
            }
            _ => return self.bad_substitution(),
        };
        if self.peek() != Some('}') {
            return self.bad_substitution();
        }
        self.skip();
        let operation = Some(Operation { kind, colon: false, word, second });
        Ok(Piece::Variable { name, operation, quoted })
    }

    fn up_to_brace(&mut self) -> Parsed<Word> {
        let mut word = Vec::new();
        self.pieces(&mut word, &|lexer| matches!(lexer.peek(), None | Some('}')))?;
        Ok(word)
    }
}

impl Shell<'_> {
    /// What bash makes of a value.
    pub(super) fn reshaped(
        &mut self,
        value: &str,
        operation: &Operation,
        scope: &mut Scope,
        streams: Streams,
    ) -> Result<String, Stop> {
        self.spend(value.len())?;
        let chars: Vec<char> = value.chars().collect();
        match operation.kind {
            OperationKind::Case { upper, all } => Ok(in_case(&chars, upper, all)),
            OperationKind::Slice => {
                let number = |word: &Word, shell: &mut Self, scope: &mut Scope| {
                    let text = shell.expand_one(word, scope, streams)?;
                    let value = super::arithmetic::evaluate(&text, &mut scope.variables);
                    value.map_err(|_| Stop::NotRun("a number that bash refuses".to_owned()))
                };
                let from = number(&operation.word, self, scope)?;
                let length = match &operation.second {
                    Some(word) => Some(number(word, self, scope)?),
                    None => None,
                };
                Ok(slice(&chars, from, length))
            }
            _ => {
                let pattern = self.expand_pattern(&operation.word, scope, streams)?;
                let with = match &operation.second {
                    Some(word) => self.expand_one(word, scope, streams)?,
                    None => String::new(),
                };
                if with.contains('&') || pattern.is_anchor() {
                    return Err(Stop::NotRun("it uses an expansion of bash".to_owned()));
                }
                let all = operation.kind == OperationKind::Replace { all: true };
                self.replaced(&chars, &pattern, &with, all)
            }
        }
    }

    fn replaced(
        &mut self,
        chars: &[char],
        pattern: &Pattern,
        with: &str,
        all: bool,
    ) -> Result<String, Stop> {
        let mut out = String::new();
        let mut at = 0;
        let mut more = true;
        while let Some(c) = chars.get(at) {
            let mut end = None;
            if more {
                for to in (at + 1..=chars.len()).rev() {
                    self.spend(to - at)?;
                    if chars.get(at..to).is_some_and(|part| pattern.matches_chars(part)) {
                        end = Some(to);
                        break;
                    }
                }
            }
            match end {
                Some(to) => {
                    self.spend(with.len())?;
                    out.push_str(with);
                    at = to;
                    more = all;
                }
                None => {
                    out.push(*c);
                    at += 1;
                }
            }
            if out.len() > super::expand::LONGEST {
                return Err(Stop::NotRun("a word grows beyond 4 MiB".to_owned()));
            }
        }
        Ok(out)
    }
}

fn in_case(chars: &[char], upper: bool, all: bool) -> String {
    let mut out = String::new();
    for (at, c) in chars.iter().enumerate() {
        match (all || at == 0, upper) {
            (false, _) => out.push(*c),
            (true, true) => out.extend(c.to_uppercase()),
            (true, false) => out.extend(c.to_lowercase()),
        }
    }
    out
}

/// Characters from a place, counted from the end where it is negative, as a length that may be too.
fn slice(chars: &[char], from: i64, length: Option<i64>) -> String {
    let count = i64::try_from(chars.len()).unwrap_or(i64::MAX);
    let from = if from < 0 { count.saturating_add(from) } else { from };
    let to = match length {
        Some(length) if length < 0 => count.saturating_add(length),
        Some(length) => from.saturating_add(length),
        None => count,
    };
    let place = |at: i64| usize::try_from(at.clamp(0, count)).unwrap_or(0);
    match from {
        0.. => {
            chars.get(place(from)..place(to).max(place(from))).unwrap_or_default().iter().collect()
        }
        _ => String::new(),
    }
}
