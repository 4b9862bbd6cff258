//! Text to nodes, accepting and refusing what client-go's parser does, in its words.

use super::text::unquote;
use super::{EndOf, Error, Filter, Node, error};

/// Unions and filters hold actions of their own; nobody writes them this deep.
const MOST_NESTED: usize = 16;

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

/// A whole template: text and actions.
pub(super) fn template(text: &str, depth: usize) -> Result<Vec<Node>, Error> {
    if depth > MOST_NESTED {
        return error(format!("more than {MOST_NESTED} actions within each other"));
    }
    let mut nodes = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        match rest.split_once('{') {
            None => {
                nodes.push(Node::Text(rest.to_owned()));
                break;
            }
            Some((before, after)) => {
                if !before.is_empty() {
                    nodes.push(Node::Text(before.to_owned()));
                }
                let mut parser = Parser { rest: after, depth };
                nodes.push(Node::List(parser.action()?));
                rest = parser.rest;
            }
        }
    }
    Ok(nodes)
}

fn action(text: &str, depth: usize) -> Result<Node, Error> {
    let nodes = template(&format!("{{{text}}}"), depth + 1)?;
    Ok(nodes.into_iter().next().unwrap_or(Node::List(Vec::new())))
}

fn is_terminator(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

impl<'a> Parser<'a> {
    /// The nodes up to the closing brace, which is taken too.
    fn action(&mut self) -> Result<Vec<Node>, Error> {
        let mut nodes = Vec::new();
        loop {
            if let Some(rest) = self.rest.strip_prefix('}') {
                self.rest = rest;
                return Ok(nodes);
            }
            if let Some(rest) = self.rest.strip_prefix("[?(") {
                self.rest = rest;
                nodes.push(self.filter()?);
                continue;
            }
            if let Some(rest) = self.rest.strip_prefix("..") {
                if matches!(nodes.last(), Some(Node::Recursive)) {
                    return error("invalid multiple recursive descent");
                }
                self.rest = rest;
                nodes.push(Node::Recursive);
                if rest.chars().next().is_some_and(is_word) {
                    nodes.push(self.field());
                }
                continue;
            }
            let mut chars = self.rest.chars();
            let Some(first) = chars.next() else { return error("unclosed action") };
            let after = chars.as_str();
            match first {
                '\r' | '\n' => return error("unclosed action"),
                ' ' | '@' | '$' => self.rest = after,
                '[' => self.array(&mut nodes)?,
                '"' | '\'' => nodes.push(self.quoted(first)?),
                '.' => {
                    self.rest = after;
                    nodes.push(self.field());
                }
                '+' | '-' => nodes.push(self.number()?),
                c if c.is_numeric() => nodes.push(self.number()?),
                c if is_word(c) => nodes.push(self.identifier()),
                c => {
                    let code = u32::from(c);
                    return error(format!("unrecognized character in action: U+{code:04X} '{c}'"));
                }
            }
        }
    }

    /// Takes what is before the first character that `ends`.
    fn take_until(&mut self, ends: impl Fn(char) -> bool) -> &'a str {
        let (taken, rest) = match self.rest.find(ends) {
            Some(at) => self.rest.split_at(at),
            None => (self.rest, ""),
        };
        self.rest = rest;
        taken
    }

    /// A field's name, behind its dot; a backslash takes the character after it as it is.
    fn field(&mut self) -> Node {
        let mut name = String::new();
        let mut chars = self.rest.chars();
        loop {
            let here = chars.as_str();
            match chars.next() {
                Some('\\') => name.extend(chars.next().filter(|c| *c != '\\')),
                Some(c) if !is_terminator(c) => name.push(c),
                _ => {
                    self.rest = here;
                    break;
                }
            }
        }
        if name == "*" { Node::Wildcard } else { Node::Field(name) }
    }

    fn identifier(&mut self) -> Node {
        match self.take_until(is_terminator) {
            "true" => Node::Bool(true),
            "false" => Node::Bool(false),
            word => Node::Identifier(word.to_owned()),
        }
    }

    fn number(&mut self) -> Result<Node, Error> {
        let signed = self.rest.strip_prefix(['+', '-']).unwrap_or(self.rest);
        let after = signed.trim_start_matches(|c: char| c == '.' || c.is_numeric());
        let (text, rest) = self.rest.split_at(self.rest.len() - after.len());
        self.rest = rest;
        if let Ok(int) = text.parse() {
            return Ok(Node::Int(int));
        }
        match text.parse() {
            Ok(float) => Ok(Node::Float(float)),
            Err(_) => error(format!("cannot parse number {text}")),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<Node, Error> {
        let mut before = quote;
        for (at, c) in self.rest.char_indices().skip(1) {
            if c == '\n' {
                break;
            }
            if c == quote && before != '\\' {
                let (text, rest) = self.rest.split_at(at + c.len_utf8());
                self.rest = rest;
                let Some(plain) = unquote(text, quote) else {
                    return error(format!("unquote string {text} error invalid syntax"));
                };
                return Ok(Node::Text(plain));
            }
            before = c;
        }
        error("unterminated quoted string")
    }

    /// What is between brackets: a union, a key, an index or a slice.
    fn array(&mut self, nodes: &mut Vec<Node>) -> Result<(), Error> {
        let inside = self.rest.strip_prefix('[').unwrap_or(self.rest);
        let end = inside.find([']', '\n']).filter(|at| inside.as_bytes().get(*at) == Some(&b']'));
        let Some((text, rest)) =
            end.and_then(|at| Some((inside.get(..at)?, inside.get(at + 1..)?)))
        else {
            return error("unterminated array");
        };
        self.rest = rest;
        if text.contains(',') {
            let parts = text
                .split(',')
                .map(|part| action(&format!("[{}]", part.trim_matches(' ')), self.depth));
            nodes.push(Node::Union(parts.collect::<Result<_, _>>()?));
            return Ok(());
        }
        let key = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
        if let Some(key) = key.filter(|key| !key.contains('\'')) {
            if let Node::List(inner) = action(&format!(".{key}"), self.depth)? {
                nodes.extend(inner);
            }
            return Ok(());
        }
        nodes.push(slice(if text == "*" { ":" } else { text })?);
        Ok(())
    }

    /// A filter, behind `[?(`. Its parenthesis ends at the first `)` outside of the one pair of
    /// quotes it may hold.
    fn filter(&mut self) -> Result<Node, Error> {
        let mut quote = None;
        let mut closed = false;
        let mut before = '(';
        for (at, c) in self.rest.char_indices() {
            match c {
                '\n' => break,
                '"' | '\'' if quote.is_none() => quote = Some(c),
                '"' | '\'' if before != '\\' && quote == Some(c) => closed = true,
                ')' if quote.is_some() == closed => {
                    let text = self.rest.get(..at).unwrap_or_default();
                    let Some(rest) = self.rest.get(at + 1..).and_then(|r| r.strip_prefix(']'))
                    else {
                        return error("unclosed array expect ]");
                    };
                    self.rest = rest;
                    return filter(text, self.depth);
                }
                _ => {}
            }
            before = c;
        }
        error("unterminated filter")
    }
}

fn is_operator(c: char) -> bool {
    matches!(c, '!' | '<' | '>' | '=')
}

fn filter(text: &str, depth: usize) -> Result<Node, Error> {
    let at = text.find(is_operator).filter(|at| *at > 0);
    let Some((left, rest)) = at.map(|at| text.split_at(at)) else {
        return exists(text, depth);
    };
    let run = rest.len() - rest.trim_start_matches(is_operator).len();
    // As the expression that is matched backtracks: the operand has at least one character.
    let length = if run == rest.len() { run.saturating_sub(1) } else { run };
    let (operator, right) = rest.split_at(length);
    if operator.is_empty() {
        return exists(text, depth);
    }
    let left = action(left, depth)?;
    let right = action(right, depth)?;
    Ok(Node::Filter(Box::new(Filter { left, comparison: Some((operator.to_owned(), right)) })))
}

fn exists(text: &str, depth: usize) -> Result<Node, Error> {
    Ok(Node::Filter(Box::new(Filter { left: action(text, depth)?, comparison: None })))
}

fn slice(text: &str) -> Result<Node, Error> {
    let parts: Vec<&str> = text.split(':').collect();
    let is_number =
        |part: &str| part.strip_prefix('-').unwrap_or(part).chars().all(|c| c.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(|part| is_number(part)) {
        return error(format!("invalid array index {text}"));
    }
    let mut numbers = [None; 3];
    for (number, part) in numbers.iter_mut().zip(&parts) {
        if part.is_empty() {
            continue;
        }
        let Ok(parsed) = part.parse() else {
            return error(format!("array index {part} is not a number"));
        };
        *number = Some(parsed);
    }
    if parts.len() > 1 {
        return Ok(Node::Slice(numbers, EndOf::Slice));
    }
    let [first, ..] = numbers;
    let end = Some(first.unwrap_or(0).saturating_add(1));
    Ok(Node::Slice([first, end, None], EndOf::Index))
}
