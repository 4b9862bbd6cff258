//! `[[ … ]]` of bash: read, and asked.

use super::condition;
use super::parse::Parser;
use super::run::{Shell, Step, Stop};
use super::scope::Scope;
use super::stream::Streams;
use super::syntax::{Condition, Kind, Piece, Syntax, Word};
use crate::utility::expression;

/// How deep parentheses may nest.
const MOST_DEPTH: u32 = 20;

type Parsed<T> = Result<T, Syntax>;

impl Parser {
    /// What stands behind `[[`, with its end.
    pub(super) fn bracketed(&mut self) -> Parsed<Kind> {
        let condition = self.any_condition(0)?;
        self.lexer.newlines()?;
        match self.lexer.reserved("]]") {
            true => Ok(Kind::Condition(condition)),
            false => Err(unknown()),
        }
    }

    fn any_condition(&mut self, depth: u32) -> Parsed<Condition> {
        let mut all = vec![self.all_conditions(depth)?];
        while self.joined('|')? {
            all.push(self.all_conditions(depth)?);
        }
        Ok(Condition::Any(all))
    }

    fn all_conditions(&mut self, depth: u32) -> Parsed<Condition> {
        let mut all = vec![self.one_condition(depth)?];
        while self.joined('&')? {
            all.push(self.one_condition(depth)?);
        }
        Ok(Condition::All(all))
    }

    /// Takes `&&` or `||`.
    fn joined(&mut self, sign: char) -> Parsed<bool> {
        self.lexer.newlines()?;
        let there = self.lexer.peek() == Some(sign) && self.lexer.peek_at(1) == Some(sign);
        if there {
            self.lexer.skip();
            self.lexer.skip();
        }
        Ok(there)
    }

    fn one_condition(&mut self, depth: u32) -> Parsed<Condition> {
        self.lexer.newlines()?;
        let mut negated = false;
        while self.lexer.reserved("!") {
            negated = !negated;
            self.lexer.newlines()?;
        }
        let condition = match self.lexer.peek() {
            Some('(') if depth < MOST_DEPTH => {
                self.lexer.skip();
                let inner = self.any_condition(depth + 1)?;
                self.lexer.newlines()?;
                if self.lexer.peek() != Some(')') {
                    return Err(unknown());
                }
                self.lexer.skip();
                inner
            }
            _ => self.comparison()?,
        };
        Ok(if negated { Condition::Not(Box::new(condition)) } else { condition })
    }

    fn comparison(&mut self) -> Parsed<Condition> {
        if self.lexer.at_reserved("]]") {
            return Err(unknown());
        }
        let left = self.lexer.word()?.ok_or_else(unknown)?;
        self.lexer.blanks();
        if self.at_condition_end() {
            return Ok(Condition::Given(left));
        }
        if let Some(operator) = plain(&left).filter(|word| condition::is_unary(word)) {
            let operator = operator.to_owned();
            let operand = self.lexer.word()?.ok_or_else(unknown)?;
            return Ok(Condition::Unary { operator, operand });
        }
        let operator = match self.lexer.peek() {
            Some(sign @ ('<' | '>')) => {
                self.lexer.skip();
                sign.to_string()
            }
            _ => {
                let word = self.lexer.word()?.ok_or_else(unknown)?;
                plain(&word).ok_or_else(unknown)?.to_owned()
            }
        };
        self.lexer.blanks();
        let right = match operator.as_str() {
            "=~" => self.lexer.expression_word()?,
            operator if condition::is_binary(operator, true) => self.lexer.word()?,
            _ => None,
        };
        Ok(Condition::Binary { left, operator, right: right.ok_or_else(unknown)? })
    }

    fn at_condition_end(&self) -> bool {
        let (first, second) = (self.lexer.peek(), self.lexer.peek_at(1));
        let joined = matches!((first, second), (Some('&'), Some('&')) | (Some('|'), Some('|')));
        joined || matches!(first, None | Some('\n' | ')')) || self.lexer.at_reserved("]]")
    }
}

fn unknown() -> Syntax {
    Syntax::Unknown("a condition that is not understood".to_owned())
}

/// A word that is nothing but unquoted text.
fn plain(word: &Word) -> Option<&str> {
    match word.as_slice() {
        [Piece::Literal { text, quoted: false }] => Some(text),
        _ => None,
    }
}

impl Shell<'_> {
    /// The status of a condition.
    pub(super) fn bracket(
        &mut self,
        condition: &Condition,
        scope: &mut Scope,
        streams: Streams,
    ) -> Step {
        Ok(u8::from(!self.holds(condition, scope, streams)?))
    }

    fn holds(
        &mut self,
        condition: &Condition,
        scope: &mut Scope,
        streams: Streams,
    ) -> Result<bool, Stop> {
        self.spend(100)?;
        match condition {
            Condition::Any(all) => {
                for one in all {
                    if self.holds(one, scope, streams)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Condition::All(all) => {
                for one in all {
                    if !self.holds(one, scope, streams)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Condition::Not(one) => Ok(!self.holds(one, scope, streams)?),
            Condition::Given(word) => Ok(!self.expand_one(word, scope, streams)?.is_empty()),
            Condition::Unary { operator, operand } => {
                let operand = self.expand_one(operand, scope, streams)?;
                match operator.as_str() {
                    "-v" => Ok(scope.variables.contains_key(&operand)),
                    operator => Ok(condition::unary(operator, &operand, &self.node)),
                }
            }
            Condition::Binary { left, operator, right } => {
                let left = self.expand_one(left, scope, streams)?;
                self.compares(&left, operator, right, scope, streams)
            }
        }
    }

    fn compares(
        &mut self,
        left: &str,
        operator: &str,
        right: &Word,
        scope: &mut Scope,
        streams: Streams,
    ) -> Result<bool, Stop> {
        match operator {
            "=" | "==" => Ok(self.expand_pattern(right, scope, streams)?.matches(left)),
            "!=" => Ok(!self.expand_pattern(right, scope, streams)?.matches(left)),
            "=~" => self.matched(left, right, scope, streams),
            _ => {
                let mut right = self.expand_one(right, scope, streams)?;
                let mut left = left.to_owned();
                if operator.starts_with('-') && !matches!(operator, "-nt" | "-ot" | "-ef") {
                    left = number(&left, scope)?;
                    right = number(&right, scope)?;
                }
                condition::binary(&left, operator, &right, &self.node).map_err(Stop::NotRun)
            }
        }
    }

    /// `=~`: what is quoted stands for itself. What matched goes into `BASH_REMATCH`.
    fn matched(
        &mut self,
        left: &str,
        right: &Word,
        scope: &mut Scope,
        streams: Streams,
    ) -> Result<bool, Stop> {
        let mut pattern = String::new();
        for piece in right {
            let text = self.expand_one(&vec![piece.clone()], scope, streams)?;
            for c in text.chars() {
                if is_quoted(piece) && r".[]\()*+?{}|^$".contains(c) {
                    pattern.push('\\');
                }
                pattern.push(c);
            }
        }
        self.spend(1000 + 10 * (pattern.len() + left.len()))?;
        let syntax = expression::Syntax::Extended;
        let compiled = expression::compile(&[&pattern], syntax, false, str::to_owned);
        let compiled = compiled.map_err(Stop::NotRun)?;
        scope.variables.retain(|name, _| !name.starts_with("BASH_REMATCH"));
        let Some(found) = compiled.captures(left.as_bytes()) else { return Ok(false) };
        for (at, part) in found.iter().enumerate() {
            let text = part.map(|part| String::from_utf8_lossy(part.as_bytes()).into_owned());
            let text = text.unwrap_or_default();
            if at == 0 {
                scope.variables.insert("BASH_REMATCH".to_owned(), text.clone());
            }
            scope.variables.insert(format!("BASH_REMATCH[{at}]"), text);
        }
        Ok(true)
    }
}

fn is_quoted(piece: &Piece) -> bool {
    match piece {
        Piece::Literal { quoted, .. }
        | Piece::Variable { quoted, .. }
        | Piece::Output { quoted, .. }
        | Piece::Arithmetic { quoted, .. } => *quoted,
        Piece::Length { .. } | Piece::BadSubstitution => false,
    }
}

/// A side of a comparison of numbers, which is an expression to bash; nothing is 0.
fn number(text: &str, scope: &mut Scope) -> Result<String, Stop> {
    if text.trim().is_empty() {
        return Ok("0".to_owned());
    }
    let value = super::arithmetic::evaluate(text, &mut scope.variables);
    value
        .map(|value| value.to_string())
        .map_err(|_| Stop::NotRun("a number that bash refuses".to_owned()))
}
