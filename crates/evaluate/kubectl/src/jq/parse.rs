//! Words to a program.

use std::rc::Rc;

use super::lex::{self, Part, Token};
use super::syntax::{Expr, Function, Operator, Piece};
use crate::output::{NotAnswered, not_answered};

/// Expressions within each other.
const MOST_NESTED: usize = 100;

pub(super) fn program(text: &str) -> Result<Expr, NotAnswered> {
    let tokens = lex::tokens(text)?;
    if tokens.is_empty() {
        return Ok(Expr::Identity);
    }
    whole(&tokens, 0)
}

fn whole(tokens: &[Token], depth: usize) -> Result<Expr, NotAnswered> {
    let mut parser = Parser { tokens, at: 0, depth };
    let expr = parser.pipe()?;
    if parser.at < tokens.len() {
        return parser.not_understood();
    }
    Ok(expr)
}

/// The definition in `text`, which is one of ours.
pub(super) fn function(text: &str) -> Option<Rc<Function>> {
    let tokens = lex::tokens(text).ok()?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
    parser.word("def").then(|| parser.definition().ok()).flatten().map(Rc::new)
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<&'a Token> {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn mark(&mut self, mark: &str) -> bool {
        let is = matches!(self.peek(), Some(Token::Mark(m)) if *m == mark);
        self.at += usize::from(is);
        is
    }

    fn word(&mut self, word: &str) -> bool {
        let is = matches!(self.peek(), Some(Token::Word(w)) if w == word);
        self.at += usize::from(is);
        is
    }

    fn expect(&mut self, mark: &str) -> Result<(), NotAnswered> {
        if self.mark(mark) { Ok(()) } else { self.not_understood() }
    }

    fn expect_word(&mut self, word: &str) -> Result<(), NotAnswered> {
        if self.word(word) { Ok(()) } else { self.not_understood() }
    }

    fn not_understood<T>(&self) -> Result<T, NotAnswered> {
        not_answered(match self.peek() {
            None => "a jq program ends too early".to_owned(),
            Some(token) => format!("a jq program is not understood at {}", shown(token)),
        })
    }

    fn pipe(&mut self) -> Result<Expr, NotAnswered> {
        self.depth += 1;
        if self.depth > MOST_NESTED {
            return not_answered(format!("a jq program is nested more than {MOST_NESTED} deep"));
        }
        let expr = self.pipe_inside();
        self.depth -= 1;
        expr
    }

    fn pipe_inside(&mut self) -> Result<Expr, NotAnswered> {
        if self.word("def") {
            let function = Rc::new(self.definition()?);
            let rest = self.pipe()?;
            return Ok(Expr::Define(function, Box::new(rest)));
        }
        let left = self.comma()?;
        if self.word("as") {
            let name = self.variable()?;
            self.expect("|")?;
            let body = self.pipe()?;
            return Ok(Expr::As(Box::new(left), name, Box::new(body)));
        }
        if self.mark("|") {
            let right = self.pipe()?;
            return Ok(Expr::Pipe(Box::new(left), Box::new(right)));
        }
        Ok(left)
    }

    fn definition(&mut self) -> Result<Function, NotAnswered> {
        let Some(Token::Word(name)) = self.next() else { return self.not_understood() };
        let mut parameters = Vec::new();
        if self.mark("(") {
            loop {
                match self.next() {
                    Some(Token::Word(name)) => parameters.push(Rc::from(name.as_str())),
                    Some(Token::Variable(name)) => parameters.push(Rc::from(format!("${name}"))),
                    _ => return self.not_understood(),
                }
                if !self.mark(";") {
                    break;
                }
            }
            self.expect(")")?;
        }
        self.expect(":")?;
        let body = self.pipe()?;
        self.expect(";")?;
        Ok(Function { name: Rc::from(name.as_str()), parameters, body })
    }

    fn variable(&mut self) -> Result<Rc<str>, NotAnswered> {
        match self.next() {
            Some(Token::Variable(name)) => Ok(Rc::from(name.as_str())),
            _ => not_answered("a jq program takes a value apart, which is not answered"),
        }
    }

    fn comma(&mut self) -> Result<Expr, NotAnswered> {
        let mut left = self.alternative()?;
        while self.mark(",") {
            left = Expr::Comma(Box::new(left), Box::new(self.alternative()?));
        }
        Ok(left)
    }

    fn alternative(&mut self) -> Result<Expr, NotAnswered> {
        let left = self.or()?;
        if self.mark("//") {
            return Ok(Expr::Alternative(Box::new(left), Box::new(self.alternative()?)));
        }
        Ok(left)
    }

    fn or(&mut self) -> Result<Expr, NotAnswered> {
        let mut left = self.and()?;
        while self.word("or") {
            left = Expr::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expr, NotAnswered> {
        let mut left = self.comparison()?;
        while self.word("and") {
            left = Expr::And(Box::new(left), Box::new(self.comparison()?));
        }
        Ok(left)
    }

    fn operator(&mut self, among: &[(&str, Operator)]) -> Option<Operator> {
        among.iter().find(|(mark, _)| self.mark(mark)).map(|(_, operator)| *operator)
    }

    fn comparison(&mut self) -> Result<Expr, NotAnswered> {
        let left = self.sum()?;
        let operator = self.operator(&[
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ]);
        let Some(operator) = operator else { return Ok(left) };
        Ok(Expr::Binary(operator, Box::new(left), Box::new(self.sum()?)))
    }

    fn sum(&mut self) -> Result<Expr, NotAnswered> {
        let mut left = self.product()?;
        while let Some(operator) = self.operator(&[("+", Operator::Add), ("-", Operator::Subtract)])
        {
            left = Expr::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expr, NotAnswered> {
        let mut left = self.postfix()?;
        while let Some(operator) = self.operator(&[
            ("*", Operator::Multiply),
            ("/", Operator::Divide),
            ("%", Operator::Remainder),
        ]) {
            left = Expr::Binary(operator, Box::new(left), Box::new(self.postfix()?));
        }
        Ok(left)
    }

    /// A term and what is behind it. `TERM as $x | BODY` takes the rest of the pipe.
    fn postfix(&mut self) -> Result<Expr, NotAnswered> {
        let mut term = self.term()?;
        loop {
            term = match self.peek() {
                Some(Token::Field(name)) => {
                    self.at += 1;
                    Expr::Index(Box::new(term), Box::new(literal(name)))
                }
                Some(Token::Mark("?")) => {
                    self.at += 1;
                    optional(term)
                }
                Some(Token::Mark("[")) => {
                    self.at += 1;
                    self.bracket(term)?
                }
                Some(Token::Mark(".")) => match self.tokens.get(self.at + 1) {
                    Some(Token::Text(_)) => {
                        self.at += 1;
                        let key = self.term()?;
                        Expr::Index(Box::new(term), Box::new(key))
                    }
                    Some(Token::Mark("[")) => {
                        self.at += 2;
                        self.bracket(term)?
                    }
                    _ => return self.not_understood(),
                },
                Some(Token::Word(word)) if word == "as" => {
                    self.at += 1;
                    let name = self.variable()?;
                    self.expect("|")?;
                    return Ok(Expr::As(Box::new(term), name, Box::new(self.pipe()?)));
                }
                _ => return Ok(term),
            }
        }
    }

    /// What is in brackets behind `of`.
    fn bracket(&mut self, of: Expr) -> Result<Expr, NotAnswered> {
        let of = Box::new(of);
        if self.mark("]") {
            return Ok(Expr::Iterate(of));
        }
        if self.mark(":") {
            let end = self.pipe()?;
            self.expect("]")?;
            return Ok(Expr::Slice(of, None, Some(Box::new(end))));
        }
        let key = Box::new(self.pipe()?);
        if self.mark(":") {
            if self.mark("]") {
                return Ok(Expr::Slice(of, Some(key), None));
            }
            let end = self.pipe()?;
            self.expect("]")?;
            return Ok(Expr::Slice(of, Some(key), Some(Box::new(end))));
        }
        self.expect("]")?;
        Ok(Expr::Index(of, key))
    }

    fn term(&mut self) -> Result<Expr, NotAnswered> {
        match self.next() {
            Some(Token::Number(number)) => Ok(Expr::Number(*number)),
            Some(Token::Text(parts)) => self.text(None, parts),
            Some(Token::Field(name)) => {
                Ok(Expr::Index(Box::new(Expr::Identity), Box::new(literal(name))))
            }
            Some(Token::Variable(name)) => Ok(Expr::Variable(Rc::from(name.as_str()))),
            Some(Token::Format(name)) => {
                if let Some(Token::Text(parts)) = self.peek() {
                    self.at += 1;
                    return self.text(Some(name), parts);
                }
                Ok(Expr::Format(Rc::from(name.as_str())))
            }
            Some(Token::Mark(mark)) => self.marked(mark),
            Some(Token::Word(word)) => self.named(word),
            None => self.not_understood(),
        }
    }

    fn marked(&mut self, mark: &str) -> Result<Expr, NotAnswered> {
        match mark {
            "." => {
                if let Some(Token::Text(_)) = self.peek() {
                    let key = self.term()?;
                    return Ok(Expr::Index(Box::new(Expr::Identity), Box::new(key)));
                }
                Ok(Expr::Identity)
            }
            ".." => Ok(Expr::Recurse),
            "-" => Ok(Expr::Negate(Box::new(self.postfix()?))),
            "(" => {
                let inside = self.pipe()?;
                self.expect(")")?;
                Ok(inside)
            }
            "[" => {
                if self.mark("]") {
                    return Ok(Expr::Array(None));
                }
                let inside = self.pipe()?;
                self.expect("]")?;
                Ok(Expr::Array(Some(Box::new(inside))))
            }
            "{" => self.object(),
            _ => {
                self.at -= 1;
                self.not_understood()
            }
        }
    }

    fn named(&mut self, word: &str) -> Result<Expr, NotAnswered> {
        match word {
            "if" => self.condition(),
            "try" => {
                let body = Box::new(self.postfix()?);
                let catch = match self.word("catch") {
                    true => Some(Box::new(self.postfix()?)),
                    false => None,
                };
                Ok(Expr::Try(body, catch))
            }
            "reduce" => {
                let (of, name) = self.source()?;
                self.expect("(")?;
                let init = self.pipe()?;
                self.expect(";")?;
                let update = self.pipe()?;
                self.expect(")")?;
                Ok(Expr::Reduce(Box::new(of), name, Box::new(init), Box::new(update)))
            }
            "foreach" | "label" | "import" | "include" | "then" | "elif" | "else" | "end"
            | "as" | "and" | "or" | "catch" | "def" => {
                self.at -= 1;
                self.not_understood()
            }
            _ => {
                let mut arguments = Vec::new();
                if self.mark("(") {
                    loop {
                        arguments.push(Rc::new(self.pipe()?));
                        if !self.mark(";") {
                            break;
                        }
                    }
                    self.expect(")")?;
                }
                Ok(Expr::Call(Rc::from(word), arguments))
            }
        }
    }

    /// The source of a `reduce`, and the variable behind its `as`.
    fn source(&mut self) -> Result<(Expr, Rc<str>), NotAnswered> {
        let end = self
            .tokens
            .iter()
            .enumerate()
            .skip(self.at)
            .find(|(_, token)| matches!(token, Token::Word(word) if word == "as"));
        let Some((end, _)) = end else { return self.not_understood() };
        let inside = self.tokens.get(self.at..end).unwrap_or_default();
        let of = whole(inside, self.depth)?;
        self.at = end + 1;
        let name = self.variable()?;
        Ok((of, name))
    }

    /// Behind `if` or `elif`.
    fn condition(&mut self) -> Result<Expr, NotAnswered> {
        let test = Box::new(self.pipe()?);
        self.expect_word("then")?;
        let yes = Box::new(self.pipe()?);
        if self.word("elif") {
            self.depth += 1;
            if self.depth > MOST_NESTED {
                return not_answered("a jq program has too many branches");
            }
            let no = self.condition()?;
            self.depth -= 1;
            return Ok(Expr::If(test, yes, Some(Box::new(no))));
        }
        let no = match self.word("else") {
            true => Some(Box::new(self.pipe()?)),
            false => None,
        };
        self.expect_word("end")?;
        Ok(Expr::If(test, yes, no))
    }

    fn object(&mut self) -> Result<Expr, NotAnswered> {
        let mut pairs = Vec::new();
        while !self.mark("}") {
            if !pairs.is_empty() {
                self.expect(",")?;
            }
            let (key, value) = match self.next() {
                Some(Token::Variable(name)) => {
                    (literal(name), Some(Expr::Variable(Rc::from(name.as_str()))))
                }
                Some(Token::Word(name)) => (literal(name), None),
                Some(Token::Text(parts)) => (self.text(None, parts)?, None),
                Some(Token::Mark("(")) => {
                    let key = self.pipe()?;
                    self.expect(")")?;
                    (key, None)
                }
                _ => return self.not_understood(),
            };
            let value = if self.mark(":") {
                let mut value = self.postfix()?;
                while self.mark("|") {
                    value = Expr::Pipe(Box::new(value), Box::new(self.postfix()?));
                }
                value
            } else {
                let own = || Expr::Index(Box::new(Expr::Identity), Box::new(key.clone()));
                value.unwrap_or_else(own)
            };
            pairs.push((key, value));
        }
        Ok(Expr::Object(pairs))
    }

    fn text(&self, format: Option<&str>, parts: &[Part]) -> Result<Expr, NotAnswered> {
        let pieces = parts.iter().map(|part| {
            Ok(match part {
                Part::Text(text) => Piece::Text(text.clone()),
                Part::Tokens(tokens) => Piece::Value(whole(tokens, self.depth + 1)?),
            })
        });
        Ok(Expr::Text(format.map(Rc::from), pieces.collect::<Result<_, _>>()?))
    }
}

/// `TERM?`: behind a field or an iteration it is only the last step that may fail.
fn optional(term: Expr) -> Expr {
    let last = |step: Expr| Box::new(Expr::Try(Box::new(step), None));
    match term {
        Expr::Iterate(of) => Expr::Pipe(of, last(Expr::Iterate(Box::new(Expr::Identity)))),
        Expr::Index(of, key) if matches!(*key, Expr::Text(..) | Expr::Number(_)) => {
            Expr::Pipe(of, last(Expr::Index(Box::new(Expr::Identity), key)))
        }
        other => *last(other),
    }
}

fn literal(text: &str) -> Expr {
    Expr::Text(None, vec![Piece::Text(text.to_owned())])
}

fn shown(token: &Token) -> String {
    match token {
        Token::Number(number) => format!("`{number}`"),
        Token::Text(_) => "a string".to_owned(),
        Token::Field(name) => format!("`.{name}`"),
        Token::Variable(name) => format!("`${name}`"),
        Token::Format(name) => format!("`@{name}`"),
        Token::Word(word) => format!("`{word}`"),
        Token::Mark(mark) => format!("`{mark}`"),
    }
}
