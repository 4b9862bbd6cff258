//! From a template's text to its nodes.

use super::{MOST_DEPTH, Node};

struct Reader {
    text: Vec<char>,
    at: usize,
    depth: u32,
}

/// Reads a template.
pub(super) fn template(text: &str) -> Result<Vec<Node>, String> {
    Reader { text: text.chars().collect(), at: 0, depth: 0 }.nodes()
}

/// Reads what stands between braces.
fn action(text: &str, depth: u32) -> Result<Vec<Node>, String> {
    if depth > MOST_DEPTH {
        return Err("it nests too deep".to_owned());
    }
    let nodes = Reader { text: format!("{{{text}}}").chars().collect(), at: 0, depth }.nodes()?;
    match nodes.into_iter().next() {
        Some(Node::List(inner)) => Ok(inner),
        _ => Ok(Vec::new()),
    }
}

fn ends(c: Option<char>) -> bool {
    c.is_none_or(|c| " \t\r\n.,[]$@{}".contains(c))
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn starts(&self, with: &str) -> bool {
        let there = self.text.get(self.at..self.at + with.len());
        there.is_some_and(|there| there.iter().copied().eq(with.chars()))
    }

    fn nodes(mut self) -> Result<Vec<Node>, String> {
        let mut nodes = Vec::new();
        let mut text = String::new();
        while let Some(c) = self.next() {
            if c != '{' {
                text.push(c);
                continue;
            }
            if !text.is_empty() {
                nodes.push(Node::Text(std::mem::take(&mut text)));
            }
            nodes.push(Node::List(self.inside()?));
        }
        if !text.is_empty() {
            nodes.push(Node::Text(text));
        }
        Ok(nodes)
    }

    fn inside(&mut self) -> Result<Vec<Node>, String> {
        let mut nodes = Vec::new();
        loop {
            if self.starts("[?(") {
                nodes.push(self.filter()?);
                continue;
            }
            if self.starts("..") {
                if matches!(nodes.last(), Some(Node::Recursive)) {
                    return Err("invalid multiple recursive descent".to_owned());
                }
                self.at += 2;
                nodes.push(Node::Recursive);
                if self.peek().is_some_and(|c| c == '_' || c.is_alphanumeric()) {
                    nodes.push(self.field());
                }
                continue;
            }
            match self.next() {
                Some('}') => return Ok(nodes),
                None | Some('\n' | '\r') => return Err("unclosed action".to_owned()),
                Some(' ' | '@' | '$') => {}
                Some('[') => self.array(&mut nodes)?,
                Some(quote @ ('"' | '\'')) => nodes.push(Node::Text(self.quoted(quote)?)),
                Some('.') => nodes.push(self.field()),
                Some(c) if c == '+' || c == '-' || c.is_ascii_digit() => {
                    nodes.push(self.number(c)?);
                }
                Some(c) if c == '_' || c.is_alphanumeric() => nodes.push(self.identifier(c)?),
                Some(c) => return Err(format!("unrecognized character in action: {c}")),
            }
        }
    }

    fn field(&mut self) -> Node {
        let mut name = String::new();
        while !ends(self.peek()) {
            match self.next() {
                Some('\\') => name.extend(self.next()),
                other => name.extend(other),
            }
        }
        if name == "*" { Node::Wildcard } else { Node::Field(name) }
    }

    fn identifier(&mut self, first: char) -> Result<Node, String> {
        let mut name = String::from(first);
        while !ends(self.peek()) {
            name.extend(self.next());
        }
        match name.as_str() {
            "true" => Ok(Node::Truth(true)),
            "false" => Ok(Node::Truth(false)),
            "range" => Ok(Node::Range),
            "end" => Ok(Node::End),
            _ => Err(format!("unrecognized identifier {name}")),
        }
    }

    fn number(&mut self, first: char) -> Result<Node, String> {
        let mut text = String::from(first);
        while self.peek().is_some_and(|c| c == '.' || c.is_ascii_digit()) {
            text.extend(self.next());
        }
        text.parse().map(Node::Number).map_err(|_| format!("cannot parse number {text}"))
    }

    fn quoted(&mut self, quote: char) -> Result<String, String> {
        let mut text = String::new();
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated quoted string".to_owned()),
                Some('\\') => match self.next() {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some(c) => text.push(c),
                    None => return Err("unterminated quoted string".to_owned()),
                },
                Some(c) if c == quote => return Ok(text),
                Some(c) => text.push(c),
            }
        }
    }

    fn array(&mut self, nodes: &mut Vec<Node>) -> Result<(), String> {
        let mut text = String::new();
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated array".to_owned()),
                Some(']') => break,
                Some(c) => text.push(c),
            }
        }
        if text == "*" {
            text = ":".to_owned();
        }
        if text.contains(',') {
            let parts = text
                .split(',')
                .map(|part| action(&format!("[{}]", part.trim_matches(' ')), self.depth + 1));
            nodes.push(Node::Union(parts.collect::<Result<_, _>>()?));
            return Ok(());
        }
        let key = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        if let Some(key) = key {
            nodes.extend(action(&format!(".{key}"), self.depth + 1)?);
            return Ok(());
        }
        nodes.push(slice(&text)?);
        Ok(())
    }

    fn filter(&mut self) -> Result<Node, String> {
        self.at += 3;
        let mut text = String::new();
        let mut pair = None;
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated filter".to_owned()),
                Some(')') if pair.is_none() => break,
                Some(c) => {
                    if Some(c) == pair {
                        pair = None;
                    } else if pair.is_none() && matches!(c, '"' | '\'') {
                        pair = Some(c);
                    }
                    text.push(c);
                }
            }
        }
        if self.next() != Some(']') {
            return Err("unclosed array expect ]".to_owned());
        }
        let is_sign = |c: char| "!<>=".contains(c);
        let Some(at) = text.find(is_sign).filter(|at| *at > 0) else {
            let left = action(&text, self.depth + 1)?;
            return Ok(Node::Filter { left, operator: "exists".to_owned(), right: Vec::new() });
        };
        let (left, rest) = text.split_at(at);
        let operator: String = rest.chars().take_while(|c| is_sign(*c)).collect();
        let right = rest.strip_prefix(operator.as_str()).unwrap_or_default();
        let left = action(left, self.depth + 1)?;
        let right = action(right, self.depth + 1)?;
        Ok(Node::Filter { left, operator, right })
    }
}

/// `0`, `1:3`, `:`, `::2`.
fn slice(text: &str) -> Result<Node, String> {
    let wrong = || format!("invalid array index {text}");
    let parts: Vec<&str> = text.split(':').collect();
    let mut params = [None; 3];
    if parts.len() > 3 {
        return Err(wrong());
    }
    for (param, part) in params.iter_mut().zip(&parts) {
        if !part.is_empty() {
            *param = Some(part.parse::<i64>().map_err(|_| wrong())?);
        }
    }
    match (parts.len(), params) {
        (1, [Some(one), ..]) => {
            Ok(Node::Slice([Some(one), Some(one.saturating_add(1)), None], true))
        }
        (1, _) => Err(wrong()),
        _ => Ok(Node::Slice(params, false)),
    }
}
