//! From a script's text to its tree, as dash reads it.
//!
//! Always holds: nesting is bounded; what dash would refuse is refused with its message, and what
//! dash would take but we do not is told as such.

use super::lex::Lexer;
use super::syntax::{AndOr, Command, Join, Kind, List, Pipeline, Redirect, Syntax, Word};

/// How deep commands may nest.
const MOST_DEPTH: u32 = 40;

/// Reads a script, one complete command at a time.
#[derive(Debug)]
pub(crate) struct Parser {
    pub(super) lexer: Lexer,
    depth: u32,
}

type Parsed<T> = Result<T, Syntax>;

impl Parser {
    /// A parser of what stands within another.
    pub(super) fn new(text: &str, depth: u32, bash: bool) -> Self {
        Self { lexer: Lexer::new(text, depth, bash), depth }
    }

    /// A parser of what follows in the text of `lexer`.
    pub(super) fn at(lexer: Lexer, depth: u32) -> Self {
        Self { lexer, depth }
    }

    /// The next line, or lines where one is not enough.
    pub(super) fn complete_command(&mut self) -> Parsed<Option<List>> {
        self.lexer.newlines()?;
        if self.lexer.at_end() {
            return Ok(None);
        }
        let mut list = Vec::new();
        loop {
            list.push(self.and_or()?);
            self.lexer.blanks();
            if !self.separator()? {
                break;
            }
            self.lexer.blanks();
            if self.lexer.at_end() || self.lexer.peek() == Some('\n') {
                break;
            }
        }
        self.lexer.blanks();
        match self.lexer.peek() {
            None => Ok(Some(list)),
            Some('\n') => {
                self.lexer.newline()?;
                Ok(Some(list))
            }
            Some(_) => Err(self.unexpected()),
        }
    }

    /// A `;`; `&` would leave a command running.
    fn separator(&mut self) -> Parsed<bool> {
        match (self.lexer.peek(), self.lexer.peek_at(1)) {
            (Some(';'), Some(';')) => Ok(false),
            (Some(';'), _) => {
                self.lexer.skip();
                Ok(true)
            }
            (Some('&'), Some('&')) => Ok(false),
            (Some('&'), _) => Err(Syntax::Unknown("a command in the background".to_owned())),
            _ => Ok(false),
        }
    }

    /// A list up to one of `ends`, which is not taken.
    fn list_until(&mut self, ends: &[&str]) -> Parsed<List> {
        let mut list = Vec::new();
        loop {
            self.lexer.newlines()?;
            if self.lexer.at_end() || self.at_any(ends) {
                break;
            }
            list.push(self.and_or()?);
            self.lexer.blanks();
            if self.separator()? || self.lexer.peek() == Some('\n') {
                continue;
            }
            break;
        }
        self.lexer.newlines()?;
        if self.at_any(ends) && !list.is_empty() {
            return Ok(list);
        }
        Err(self.expecting(ends.first().copied().unwrap_or("")))
    }

    fn at_any(&mut self, ends: &[&str]) -> bool {
        ends.iter().any(|end| match *end {
            ")" => self.lexer.peek() == Some(')'),
            ";;" => self.lexer.peek() == Some(';') && self.lexer.peek_at(1) == Some(';'),
            word => self.lexer.at_reserved(word),
        })
    }

    fn and_or(&mut self) -> Parsed<AndOr> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.lexer.blanks();
            let join = match (self.lexer.peek(), self.lexer.peek_at(1)) {
                (Some('&'), Some('&')) => Join::And,
                (Some('|'), Some('|')) => Join::Or,
                _ => return Ok(AndOr { first, rest }),
            };
            self.lexer.skip();
            self.lexer.skip();
            self.lexer.newlines()?;
            rest.push((join, self.pipeline()?));
        }
    }

    fn pipeline(&mut self) -> Parsed<Pipeline> {
        self.lexer.blanks();
        let negated = self.lexer.reserved("!");
        let mut commands = vec![self.command()?];
        loop {
            self.lexer.blanks();
            if self.lexer.peek() != Some('|') || self.lexer.peek_at(1) == Some('|') {
                return Ok(Pipeline { negated, commands });
            }
            self.lexer.skip();
            self.lexer.newlines()?;
            commands.push(self.command()?);
        }
    }

    fn command(&mut self) -> Parsed<Command> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            let bound = format!("commands nested deeper than {MOST_DEPTH}");
            return Err(Syntax::Unknown(bound));
        }
        self.lexer.depth = self.depth;
        self.lexer.blanks();
        let line = self.lexer.line;
        let kind = match self.compound()? {
            Some(kind) => kind,
            None => {
                let simple = self.simple(line);
                self.depth -= 1;
                return simple;
            }
        };
        let mut redirects = Vec::new();
        loop {
            self.lexer.blanks();
            match self.lexer.redirect()? {
                Some(redirect) => redirects.push(redirect),
                None => break,
            }
        }
        self.depth -= 1;
        Ok(Command { line, kind, redirects })
    }

    fn compound(&mut self) -> Parsed<Option<Kind>> {
        let lexer = &mut self.lexer;
        if lexer.bash && lexer.reserved("[[") {
            return self.bracketed().map(Some);
        }
        if let Some(word) = lexer.arithmetic_command()? {
            return Ok(Some(Kind::Arithmetic(word)));
        }
        if lexer.peek() == Some('(') {
            lexer.skip();
            let list = self.list_until(&[")"])?;
            self.lexer.skip();
            return Ok(Some(Kind::Subshell(list)));
        }
        if lexer.reserved("{") {
            let list = self.list_until(&["}"])?;
            self.lexer.reserved("}");
            return Ok(Some(Kind::Group(list)));
        }
        if lexer.reserved("if") {
            return self.conditional().map(Some);
        }
        if lexer.reserved("for") {
            return self.each().map(Some);
        }
        if lexer.reserved("case") {
            return self.case().map(Some);
        }
        let until = lexer.at_reserved("until");
        if lexer.reserved("while") || lexer.reserved("until") {
            let condition = self.list_until(&["do"])?;
            let body = self.body()?;
            return Ok(Some(Kind::While { until, condition, body }));
        }
        Ok(None)
    }

    fn conditional(&mut self) -> Parsed<Kind> {
        let mut arms = Vec::new();
        loop {
            let condition = self.list_until(&["then"])?;
            self.lexer.reserved("then");
            let then = self.list_until(&["fi", "else", "elif"])?;
            arms.push((condition, then));
            if self.lexer.reserved("elif") {
                continue;
            }
            let mut otherwise = Vec::new();
            if self.lexer.reserved("else") {
                otherwise = self.list_until(&["fi"])?;
            }
            self.lexer.reserved("fi");
            return Ok(Kind::If { arms, otherwise });
        }
    }

    fn each(&mut self) -> Parsed<Kind> {
        self.lexer.blanks();
        let name = self.lexer.name().ok_or_else(|| self.refused("Bad for loop variable"))?;
        self.lexer.newlines()?;
        let mut words = None;
        if self.lexer.reserved("in") {
            let mut some = Vec::new();
            loop {
                self.lexer.blanks();
                match self.lexer.word()? {
                    Some(word) => some.push(word),
                    None => break,
                }
            }
            words = Some(some);
        }
        self.lexer.blanks();
        self.separator()?;
        self.lexer.newlines()?;
        let body = self.body()?;
        Ok(Kind::For { name, words, body })
    }

    fn body(&mut self) -> Parsed<List> {
        if !self.lexer.reserved("do") {
            return Err(self.expecting("do"));
        }
        let body = self.list_until(&["done"])?;
        self.lexer.reserved("done");
        Ok(body)
    }

    fn case(&mut self) -> Parsed<Kind> {
        self.lexer.blanks();
        let word = self.lexer.word()?.ok_or_else(|| self.unexpected())?;
        self.lexer.newlines()?;
        if !self.lexer.reserved("in") {
            return Err(self.expecting("in"));
        }
        let mut arms = Vec::new();
        loop {
            self.lexer.newlines()?;
            if self.lexer.reserved("esac") {
                return Ok(Kind::Case { word, arms });
            }
            arms.push(self.case_arm()?);
        }
    }

    fn case_arm(&mut self) -> Parsed<(Vec<Word>, List)> {
        if self.lexer.peek() == Some('(') {
            self.lexer.skip();
        }
        let mut patterns = Vec::new();
        loop {
            self.lexer.blanks();
            patterns.push(self.lexer.word()?.ok_or_else(|| self.unexpected())?);
            self.lexer.blanks();
            match self.lexer.peek() {
                Some('|') => self.lexer.skip(),
                Some(')') => break,
                _ => return Err(self.unexpected()),
            }
        }
        self.lexer.skip();
        self.lexer.newlines()?;
        let mut list = Vec::new();
        if !self.at_any(&[";;", "esac"]) {
            list = self.list_until(&[";;", "esac"])?;
        }
        if self.at_any(&[";;"]) {
            self.lexer.skip();
            self.lexer.skip();
        }
        Ok((patterns, list))
    }

    fn simple(&mut self, mut line: u32) -> Parsed<Command> {
        let (mut assignments, mut words, mut redirects) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            self.lexer.blanks();
            if let Some(redirect) = self.lexer.redirect()? {
                redirects.push(redirect);
                continue;
            }
            if words.is_empty()
                && let Some(assignment) = self.lexer.assignment()?
            {
                assignments.push(assignment);
                if assignments.len() == 1 && redirects.is_empty() {
                    line = self.lexer.line;
                }
                continue;
            }
            if words.is_empty() && assignments.is_empty() && redirects.is_empty() {
                if let Some(name) = self.lexer.function_name() {
                    return self.function(line, name);
                }
                if let Some(word) = self.lexer.stray_reserved() {
                    return Err(self.refused(&format!("\"{word}\" unexpected")));
                }
            }
            match self.lexer.word()? {
                Some(word) => words.push(word),
                None => break,
            }
            // A command stands where its first word ends.
            if words.len() == 1 && assignments.is_empty() && redirects.is_empty() {
                line = self.lexer.line;
            }
        }
        if words.is_empty() && assignments.is_empty() && redirects.is_empty() {
            return Err(self.unexpected());
        }
        Ok(Command { line, kind: Kind::Simple { assignments, words }, redirects })
    }

    fn function(&mut self, line: u32, name: String) -> Parsed<Command> {
        self.lexer.newlines()?;
        let body = Box::new(self.command()?);
        Ok(Command { line, kind: Kind::Function { name, body }, redirects: Vec::<Redirect>::new() })
    }

    fn refused(&self, message: &str) -> Syntax {
        Syntax::Refused { line: self.lexer.line, message: format!("Syntax error: {message}") }
    }

    fn unexpected(&self) -> Syntax {
        self.refused(&format!("{} unexpected", self.lexer.next_token()))
    }

    fn expecting(&self, what: &str) -> Syntax {
        let next = self.lexer.next_token();
        self.refused(&format!("{next} unexpected (expecting \"{what}\")"))
    }

    /// The rest as lists up to a closing parenthesis, for `$(…)`; and where it ends.
    pub(super) fn within_parentheses(mut self) -> Parsed<(Vec<List>, usize, u32)> {
        let mut list = Vec::new();
        loop {
            self.lexer.newlines()?;
            if self.lexer.peek() == Some(')') {
                break;
            }
            if self.lexer.at_end() {
                return Err(self.refused("end of file unexpected (expecting \")\")"));
            }
            list.push(self.and_or()?);
            self.lexer.blanks();
            if !self.separator()? && !matches!(self.lexer.peek(), Some('\n' | ')')) {
                return Err(self.expecting(")"));
            }
        }
        self.lexer.skip();
        Ok((vec![list], self.lexer.at, self.lexer.line))
    }
}
