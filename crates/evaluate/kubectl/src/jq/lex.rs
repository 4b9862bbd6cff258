//! A program's words.

use crate::output::{NotAnswered, not_answered};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Text(Vec<Part>),
    /// `.name`
    Field(String),
    /// `$name`
    Variable(String),
    /// `@name`
    Format(String),
    Word(String),
    Mark(&'static str),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    Text(String),
    Tokens(Vec<Token>),
}

/// Longer marks first.
const MARKS: [&str; 36] = [
    "?//", "|=", "+=", "-=", "*=", "/=", "%=", "//=", "==", "!=", "<=", ">=", "//", "..", "?", "|",
    ",", ".", "[", "]", "{", "}", "(", ")", ":", ";", "=", "<", ">", "+", "-", "*", "/", "%", "$",
    "&",
];

/// Interpolations within interpolations; nobody writes them this deep.
const MOST_NESTED: usize = 16;

struct Lexer<'a> {
    rest: &'a str,
    depth: usize,
}

pub(super) fn tokens(program: &str) -> Result<Vec<Token>, NotAnswered> {
    let mut lexer = Lexer { rest: program, depth: 0 };
    lexer.all(false)
}

fn is_name(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric()
}

fn starts_name(c: char) -> bool {
    c == '_' || c.is_ascii_alphabetic()
}

impl<'a> Lexer<'a> {
    /// Tokens to the end, or to the parenthesis that closes an interpolation.
    fn all(&mut self, inside: bool) -> Result<Vec<Token>, NotAnswered> {
        let mut tokens = Vec::new();
        let mut open = 0_usize;
        loop {
            self.rest = self.rest.trim_start();
            if let Some(comment) = self.rest.strip_prefix('#') {
                self.rest = comment.find('\n').and_then(|at| comment.get(at..)).unwrap_or_default();
                continue;
            }
            let Some(first) = self.rest.chars().next() else {
                if inside {
                    return not_answered("jq's program ends inside of a string");
                }
                return Ok(tokens);
            };
            if inside && open == 0 && first == ')' {
                self.skip(1);
                return Ok(tokens);
            }
            match first {
                '(' => open += 1,
                ')' => open = open.saturating_sub(1),
                _ => {}
            }
            tokens.push(self.token(first)?);
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn take(&mut self, goes_on: impl Fn(char) -> bool) -> &'a str {
        let at = self.rest.find(|c| !goes_on(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(at);
        self.rest = rest;
        taken
    }

    fn token(&mut self, first: char) -> Result<Token, NotAnswered> {
        let second = self.rest.chars().nth(1);
        match first {
            '"' => self.text(),
            '.' if second.is_some_and(starts_name) => {
                self.skip(1);
                Ok(Token::Field(self.take(is_name).to_owned()))
            }
            '$' if second.is_some_and(starts_name) => {
                self.skip(1);
                Ok(Token::Variable(self.take(is_name).to_owned()))
            }
            '@' if second.is_some_and(starts_name) => {
                self.skip(1);
                Ok(Token::Format(self.take(is_name).to_owned()))
            }
            c if starts_name(c) => Ok(Token::Word(self.take(is_name).to_owned())),
            c if c.is_ascii_digit() || (c == '.' && second.is_some_and(|c| c.is_ascii_digit())) => {
                self.number()
            }
            _ => {
                let Some(mark) = MARKS.iter().find(|mark| self.rest.starts_with(**mark)) else {
                    return not_answered(format!("`{first}` in a jq program is not understood"));
                };
                self.skip(mark.len());
                Ok(Token::Mark(mark))
            }
        }
    }

    fn number(&mut self) -> Result<Token, NotAnswered> {
        let mut text = self.take(|c| c.is_ascii_digit() || c == '.').to_owned();
        if self.rest.starts_with(['e', 'E']) {
            let behind = self.rest.get(1..).unwrap_or_default();
            if behind.starts_with(|c: char| c.is_ascii_digit() || c == '+' || c == '-') {
                text.push('e');
                self.skip(1);
                if behind.starts_with(['+', '-']) {
                    text.push_str(self.rest.get(..1).unwrap_or_default());
                    self.skip(1);
                }
                text.push_str(self.take(|c| c.is_ascii_digit()));
            }
        }
        match text.parse() {
            Ok(number) => Ok(Token::Number(number)),
            Err(_) => {
                not_answered(format!("the number `{text}` in a jq program is not understood"))
            }
        }
    }

    fn text(&mut self) -> Result<Token, NotAnswered> {
        self.skip(1);
        let mut parts = Vec::new();
        let mut text = String::new();
        loop {
            let mut chars = self.rest.chars();
            let Some(c) = chars.next() else {
                return not_answered("a string in a jq program has no end");
            };
            self.rest = chars.as_str();
            match c {
                '"' => break,
                '\\' => match self.escape()? {
                    Some(c) => text.push(c),
                    None => {
                        if self.depth >= MOST_NESTED {
                            return not_answered("a jq program has strings too deep in strings");
                        }
                        parts.push(Part::Text(std::mem::take(&mut text)));
                        self.depth += 1;
                        parts.push(Part::Tokens(self.all(true)?));
                        self.depth -= 1;
                    }
                },
                c => text.push(c),
            }
        }
        if !text.is_empty() || parts.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(Token::Text(parts))
    }

    /// What a backslash stands for; None where an interpolation begins.
    fn escape(&mut self) -> Result<Option<char>, NotAnswered> {
        let mut chars = self.rest.chars();
        let c = match chars.next() {
            Some('(') => None,
            Some(c @ ('"' | '\\' | '/')) => Some(c),
            Some('n') => Some('\n'),
            Some('t') => Some('\t'),
            Some('r') => Some('\r'),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some('u') => {
                let digits = chars.as_str().get(..4).unwrap_or_default();
                let code = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
                chars = chars.as_str().get(4..).unwrap_or_default().chars();
                match code {
                    Some(c) => Some(c),
                    None => return not_answered("an escape in a jq program is not understood"),
                }
            }
            _ => return not_answered("an escape in a jq program is not understood"),
        };
        self.rest = chars.as_str();
        Ok(c)
    }
}
