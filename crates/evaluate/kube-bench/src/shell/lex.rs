//! Words of a script: quoting, expansions, redirections, here-documents.

use std::cell::Cell;
use std::rc::Rc;

use super::parse::Parser;
use super::syntax::{Piece, Place, Redirect, Syntax, Word};

pub(super) type Parsed<T> = Result<T, Syntax>;

/// How deep expansions may nest.
const MOST_DEPTH: u32 = 40;

/// Words with a meaning of their own where a command may begin.
const RESERVED: [&str; 9] = ["then", "else", "elif", "fi", "do", "done", "esac", "}", "in"];

/// The text, and how far it is read.
#[derive(Debug)]
pub(crate) struct Lexer {
    text: Rc<[char]>,
    pub(super) at: usize,
    pub(super) line: u32,
    pub(super) depth: u32,
    /// Where the texts of here-documents end, which were read when they were named.
    texts: Vec<usize>,
    /// Whether it is bash's language.
    pub(super) bash: bool,
}

/// Whether `c` ends a word.
fn ends_word(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')')
}

fn is_name(c: char, first: bool) -> bool {
    c == '_' || c.is_ascii_alphabetic() || (!first && c.is_ascii_digit())
}

impl Lexer {
    pub(super) fn new(text: &str, depth: u32, bash: bool) -> Self {
        let text = text.chars().collect();
        Self { text, at: 0, line: 1, depth, texts: Vec::new(), bash }
    }

    /// Another reader of the same text, from here.
    fn fork(&self) -> Self {
        let (text, at, line, depth) = (Rc::clone(&self.text), self.at, self.line, self.depth);
        Self { text, at, line, depth, texts: Vec::new(), bash: self.bash }
    }

    pub(super) fn at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    pub(super) fn skip(&mut self) {
        if self.peek() == Some('\n') {
            self.line += 1;
        }
        self.at += 1;
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek();
        if next.is_some() {
            self.skip();
        }
        next
    }

    /// Passes over blanks, comments and continued lines.
    pub(super) fn blanks(&mut self) {
        loop {
            match (self.peek(), self.peek_at(1)) {
                (Some(' ' | '\t'), _) => self.skip(),
                (Some('\\'), Some('\n')) => {
                    self.skip();
                    self.skip();
                }
                (Some('#'), _) => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.skip();
                    }
                }
                _ => return,
            }
        }
    }

    /// Passes over blanks and ends of lines.
    pub(super) fn newlines(&mut self) -> Parsed<()> {
        self.blanks();
        while self.peek() == Some('\n') {
            self.newline()?;
            self.blanks();
        }
        Ok(())
    }

    /// Takes the end of a line, and the here-documents that begin behind it.
    pub(super) fn newline(&mut self) -> Parsed<()> {
        self.skip();
        if let Some(end) = self.texts.drain(..).max() {
            while self.at < end {
                self.skip();
            }
        }
        Ok(())
    }

    /// Whether the word `word` stands here, unquoted and whole.
    pub(super) fn at_reserved(&self, word: &str) -> bool {
        let mut ahead = 0;
        for c in word.chars() {
            if self.peek_at(ahead) != Some(c) {
                return false;
            }
            ahead += 1;
        }
        self.peek_at(ahead).is_none_or(ends_word)
    }

    /// Takes the word `word` where it stands here.
    pub(super) fn reserved(&mut self, word: &str) -> bool {
        let there = self.at_reserved(word);
        if there {
            self.at += word.chars().count();
            self.blanks();
        }
        there
    }

    /// A reserved word where a command should begin.
    pub(super) fn stray_reserved(&self) -> Option<&'static str> {
        RESERVED.iter().copied().filter(|word| *word != "in").find(|word| self.at_reserved(word))
    }

    /// A name.
    pub(super) fn name(&mut self) -> Option<String> {
        let mut name = String::new();
        while let Some(c) = self.peek().filter(|c| is_name(*c, name.is_empty())) {
            name.push(c);
            self.skip();
        }
        (!name.is_empty()).then_some(name)
    }

    /// `name()`, taken whole.
    pub(super) fn function_name(&mut self) -> Option<String> {
        let (at, line) = (self.at, self.line);
        if let Some(name) = self.name() {
            self.blanks();
            if self.peek() == Some('(') {
                self.skip();
                self.blanks();
                if self.peek() == Some(')') {
                    self.skip();
                    return Some(name);
                }
            }
        }
        (self.at, self.line) = (at, line);
        None
    }

    /// `name=word`.
    pub(super) fn assignment(&mut self) -> Parsed<Option<(String, Word)>> {
        let at = self.at;
        let Some(name) = self.name() else { return Ok(None) };
        if self.peek() != Some('=') {
            self.at = at;
            return Ok(None);
        }
        self.skip();
        Ok(Some((name, self.word()?.unwrap_or_default())))
    }

    /// What an error calls the next token.
    pub(super) fn next_token(&self) -> String {
        match (self.peek(), self.peek_at(1)) {
            (None, _) => "end of file".to_owned(),
            (Some('\n'), _) => "newline".to_owned(),
            (Some(a @ (';' | '&' | '|')), Some(b)) if a == b => format!("\"{a}{b}\""),
            (Some(a @ (';' | '&' | '|' | '(' | ')')), _) => format!("\"{a}\""),
            (Some('<' | '>'), _) => "redirection".to_owned(),
            _ => match RESERVED.iter().find(|word| self.at_reserved(word)) {
                Some(word) => format!("\"{word}\""),
                None => "word".to_owned(),
            },
        }
    }

    /// A redirection.
    pub(super) fn redirect(&mut self) -> Parsed<Option<Redirect>> {
        let digit = self.peek().and_then(|c| c.to_digit(10));
        let ahead = usize::from(digit.is_some());
        if self.bash && self.peek() == Some('&') && self.peek_at(1) == Some('>') {
            self.at += 2;
            if self.peek() == Some('>') {
                self.skip();
            }
            self.blanks();
            let word = self.word()?.ok_or_else(|| self.refused("newline unexpected"))?;
            return Ok(Some(Redirect { stream: 1, to: Place::Both(word) }));
        }
        let Some(sign @ ('<' | '>')) = self.peek_at(ahead) else { return Ok(None) };
        if sign == '<' && self.peek_at(ahead + 1) == Some('(') {
            return Err(self.refused("\"(\" unexpected"));
        }
        self.at += ahead + 1;
        let usual = u32::from(sign == '>');
        let stream = u8::try_from(digit.unwrap_or(usual)).unwrap_or(9);
        let second = self.peek();
        let make: fn(Word) -> Place = match (sign, second) {
            ('<', Some('<')) => {
                self.skip();
                return self.here_document(stream).map(Some);
            }
            (_, Some('&')) => Place::Stream,
            ('>', Some('>' | '|')) => Place::Write,
            ('<', Some('>')) => Place::Write,
            ('>', _) => Place::Write,
            _ => Place::Read,
        };
        if matches!((sign, second), (_, Some('&')) | ('>', Some('>' | '|')) | ('<', Some('>'))) {
            self.skip();
        }
        self.blanks();
        let substituted = self.peek() == Some('<') && self.peek_at(1) == Some('(');
        if self.bash && sign == '<' && second != Some('&') && substituted {
            self.at += 2;
            let (lists, at, line) = Parser::at(self.fork(), self.depth).within_parentheses()?;
            (self.at, self.line) = (at, line);
            return Ok(Some(Redirect { stream, to: Place::Output(lists) }));
        }
        let word = self
            .word()?
            .ok_or_else(|| self.refused(&format!("{} unexpected", self.next_token())))?;
        Ok(Some(Redirect { stream, to: make(word) }))
    }

    fn here_document(&mut self, stream: u8) -> Parsed<Redirect> {
        if self.peek() == Some('<') {
            // A here-string is bash's; dash refuses it.
            if !self.bash {
                return Err(self.refused("redirection unexpected"));
            }
            self.skip();
            self.blanks();
            let mut word = self.word()?.ok_or_else(|| self.refused("newline unexpected"))?;
            push(&mut word, "\n".to_owned(), true);
            return Ok(Redirect { stream, to: Place::Text(word) });
        }
        let tabs = self.peek() == Some('-');
        if tabs {
            self.skip();
        }
        self.blanks();
        let word = self.word()?.ok_or_else(|| self.refused("newline unexpected"))?;
        let mut delimiter = String::new();
        let mut plain = true;
        for piece in &word {
            let Piece::Literal { text, quoted } = piece else {
                return Err(Syntax::Unknown("an expansion in a here-document's end".to_owned()));
            };
            delimiter.push_str(text);
            plain &= !quoted;
        }
        let text = self.here_text(&delimiter, tabs);
        let word = match plain {
            true => self.quoted_text(&text)?,
            false => vec![Piece::Literal { text, quoted: true }],
        };
        Ok(Redirect { stream, to: Place::Text(word) })
    }

    /// The lines behind this one up to `delimiter`.
    fn here_text(&mut self, delimiter: &str, tabs: bool) -> String {
        let begun = self.texts.iter().max().copied();
        let mut at = begun.unwrap_or_else(|| {
            let rest = self.text.iter().skip(self.at);
            self.at + rest.take_while(|c| **c != '\n').count() + 1
        });
        let mut text = String::new();
        while at < self.text.len() {
            let rest = self.text.iter().skip(at);
            let line: String = rest.take_while(|c| **c != '\n').collect();
            at += line.chars().count() + 1;
            let line = if tabs { line.trim_start_matches('\t') } else { &line };
            if line == delimiter {
                break;
            }
            text.push_str(line);
            text.push('\n');
        }
        self.texts.push(at);
        text
    }

    /// A here-document's text, as if between double quotes.
    pub(super) fn quoted_text(&self, text: &str) -> Parsed<Word> {
        let mut lexer = Self::new(text, self.depth + 1, self.bash);
        let mut word = Vec::new();
        lexer.double_quoted(&mut word, None)?;
        Ok(word)
    }

    /// A word; None where none begins.
    pub(super) fn word(&mut self) -> Parsed<Option<Word>> {
        if self.peek().is_none_or(ends_word) {
            return Ok(None);
        }
        let mut word = Vec::new();
        self.pieces(&mut word, &|lexer| lexer.peek().is_none_or(ends_word))?;
        if self.bash && has_braces(&word) {
            return Err(Syntax::Unknown("an expansion of braces".to_owned()));
        }
        Ok(Some(word))
    }

    /// The right side of `=~`, in which parentheses and bars are part of the expression.
    pub(super) fn expression_word(&mut self) -> Parsed<Option<Word>> {
        let depth = Cell::new(0_u32);
        let mut word = Vec::new();
        self.pieces(&mut word, &|lexer| match lexer.peek() {
            None | Some('\n') => true,
            Some('(') => {
                depth.set(depth.get() + 1);
                false
            }
            Some(')') if depth.get() > 0 => {
                depth.set(depth.get() - 1);
                false
            }
            Some('|') => false,
            Some(' ' | '\t') => depth.get() == 0,
            Some(c) => ends_word(c),
        })?;
        Ok((!word.is_empty()).then_some(word))
    }

    /// Pieces up to where `ends` says.
    pub(super) fn pieces(&mut self, word: &mut Word, ends: &dyn Fn(&Self) -> bool) -> Parsed<()> {
        let mut literal = String::new();
        while !ends(self) {
            match self.peek() {
                None => break,
                Some('\\') => {
                    self.skip();
                    match self.next() {
                        Some('\n') => {}
                        Some(c) => {
                            flush(&mut literal, false, word);
                            push(word, c.to_string(), true);
                        }
                        None => literal.push('\\'),
                    }
                }
                Some('\'') => {
                    self.skip();
                    flush(&mut literal, false, word);
                    let text = self.single_quoted()?;
                    push(word, text, true);
                }
                Some('"') => {
                    self.skip();
                    flush(&mut literal, false, word);
                    self.double_quoted(word, Some('"'))?;
                }
                Some('$') if self.bash && self.peek_at(1) == Some('\'') => {
                    flush(&mut literal, false, word);
                    self.at += 2;
                    let text = self.escaped_text()?;
                    push(word, text, true);
                }
                Some('$') if self.bash && self.peek_at(1) == Some('"') => {
                    return Err(Syntax::Unknown("a translated text of bash".to_owned()));
                }
                Some('$' | '`') => {
                    flush(&mut literal, false, word);
                    if !self.expansion(word, false)? {
                        self.skip();
                        literal.push('$');
                    }
                }
                Some(c) => {
                    self.skip();
                    literal.push(c);
                }
            }
        }
        flush(&mut literal, false, word);
        Ok(())
    }

    /// `$'…'` of bash, in which a backslash says what follows.
    fn escaped_text(&mut self) -> Parsed<String> {
        let mut text = String::new();
        loop {
            match self.next() {
                Some('\'') => return Ok(text),
                Some('\\') => match self.next() {
                    Some(c @ ('\'' | '"' | '\\')) => text.push(c),
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    _ => return Err(Syntax::Unknown("an escape of bash".to_owned())),
                },
                Some(c) => text.push(c),
                None => return Err(self.refused("Unterminated quoted string")),
            }
        }
    }

    fn single_quoted(&mut self) -> Parsed<String> {
        let mut text = String::new();
        loop {
            match self.next() {
                Some('\'') => return Ok(text),
                Some(c) => text.push(c),
                None => return Err(self.refused("Unterminated quoted string")),
            }
        }
    }

    /// What stands between double quotes; without `end`, all the rest.
    pub(super) fn double_quoted(&mut self, word: &mut Word, end: Option<char>) -> Parsed<()> {
        let mut literal = String::new();
        let begun = word.len();
        loop {
            match self.peek() {
                None if end.is_none() => break,
                None => return Err(self.refused("Unterminated quoted string")),
                Some(c) if Some(c) == end => {
                    self.skip();
                    break;
                }
                Some('\\') => {
                    self.skip();
                    match self.peek() {
                        Some('\n') => self.skip(),
                        Some(c @ ('$' | '`' | '\\')) => {
                            self.skip();
                            literal.push(c);
                        }
                        Some('"') if end.is_some() => {
                            self.skip();
                            literal.push('"');
                        }
                        _ => literal.push('\\'),
                    }
                }
                Some('$' | '`') => {
                    flush(&mut literal, true, word);
                    if !self.expansion(word, true)? {
                        self.skip();
                        literal.push('$');
                    }
                }
                Some(c) => {
                    self.skip();
                    literal.push(c);
                }
            }
        }
        if !literal.is_empty() || word.len() == begun {
            push(word, literal, true);
        }
        Ok(())
    }

    /// `$…` or a back quote; false where the `$` stands for itself.
    fn expansion(&mut self, word: &mut Word, quoted: bool) -> Parsed<bool> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            let bound = format!("expansions nested deeper than {MOST_DEPTH}");
            return Err(Syntax::Unknown(bound));
        }
        let done = self.one_expansion(word, quoted);
        self.depth -= 1;
        done
    }

    fn one_expansion(&mut self, word: &mut Word, quoted: bool) -> Parsed<bool> {
        if self.peek() == Some('`') {
            self.skip();
            let inner = self.back_quoted(quoted)?;
            let list =
                Parser::new(&format!("{inner}\n)"), self.depth, self.bash).within_parentheses();
            word.push(Piece::Output { list: list.map(|(lists, ..)| lists), quoted });
            return Ok(true);
        }
        match (self.peek_at(1), self.peek_at(2)) {
            (Some('('), Some('(')) if self.arithmetic_closes(3) => {
                self.at += 3;
                let inner = self.arithmetic()?;
                word.push(Piece::Arithmetic { word: inner, quoted });
            }
            (Some('('), _) => {
                self.at += 2;
                let (lists, at, line) = Parser::at(self.fork(), self.depth).within_parentheses()?;
                (self.at, self.line) = (at, line);
                word.push(Piece::Output { list: Ok(lists), quoted });
            }
            (Some('{'), _) => {
                self.at += 2;
                let piece = self.braced(quoted)?;
                word.push(piece);
            }
            (Some(c), _) if is_name(c, true) => {
                self.skip();
                let name = self.name().unwrap_or_default();
                word.push(Piece::Variable { name, operation: None, quoted });
            }
            (Some(c), _) if c.is_ascii_digit() || "?#@*$!-".contains(c) => {
                self.at += 2;
                word.push(Piece::Variable { name: c.to_string(), operation: None, quoted });
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Whether the `$((` here is closed by `))`.
    fn arithmetic_closes(&self, ahead: usize) -> bool {
        let mut depth = 0_i32;
        let mut rest = self.text.iter().skip(self.at + ahead).peekable();
        while let Some(c) = rest.next() {
            match c {
                '(' => depth += 1,
                ')' if depth > 0 => depth -= 1,
                ')' => return rest.peek() == Some(&&')'),
                _ => {}
            }
        }
        false
    }

    /// The rest of an arithmetic expansion, as a word.
    fn arithmetic(&mut self) -> Parsed<Word> {
        let mut rest = self.arithmetic_text();
        rest.retain(|c| c != '"');
        self.quoted_text(&rest)
    }

    /// `(( … ))` of bash.
    pub(super) fn arithmetic_command(&mut self) -> Parsed<Option<Word>> {
        let opens = self.peek() == Some('(') && self.peek_at(1) == Some('(');
        if !self.bash || !opens || !self.arithmetic_closes(2) {
            return Ok(None);
        }
        self.at += 2;
        self.arithmetic().map(Some)
    }

    fn arithmetic_text(&mut self) -> String {
        let mut text = String::new();
        let mut depth = 0_i32;
        while let Some(c) = self.next() {
            match c {
                '(' => depth += 1,
                ')' if depth > 0 => depth -= 1,
                ')' => {
                    self.skip();
                    break;
                }
                _ => {}
            }
            text.push(c);
        }
        text
    }

    fn back_quoted(&mut self, quoted: bool) -> Parsed<String> {
        let mut text = String::new();
        loop {
            match self.next() {
                Some('`') => return Ok(text),
                Some('\\') => match self.next() {
                    Some(c @ ('$' | '`' | '\\')) => text.push(c),
                    Some('"') if quoted => text.push('"'),
                    Some(c) => text.extend(['\\', c]),
                    None => text.push('\\'),
                },
                Some(c) => text.push(c),
                None => return Err(self.refused("EOF in backquote substitution")),
            }
        }
    }

    pub(super) fn refused(&self, message: &str) -> Syntax {
        Syntax::Refused { line: self.line, message: format!("Syntax error: {message}") }
    }
}

/// Whether bash would make several words of it: `{a,b}`, `{1..3}`.
fn has_braces(word: &Word) -> bool {
    let mut text = String::new();
    for piece in word {
        match piece {
            Piece::Literal { text: part, quoted: false } => text.push_str(part),
            _ => text.push('x'),
        }
    }
    let inner = text.split_once('{').and_then(|(_, rest)| rest.rsplit_once('}'));
    inner.is_some_and(|(inner, _)| inner.contains(',') || inner.contains(".."))
}

fn flush(literal: &mut String, quoted: bool, word: &mut Word) {
    if !literal.is_empty() {
        push(word, std::mem::take(literal), quoted);
    }
}

fn push(word: &mut Word, text: String, quoted: bool) {
    word.push(Piece::Literal { text, quoted });
}
