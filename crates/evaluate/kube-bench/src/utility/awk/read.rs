//! From a program's text to its tree.

use super::{Expression, Program, Statement};

/// How deep it may nest.
const MOST_DEPTH: u32 = 30;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Match(String),
    Name(String),
    /// A name right before a parenthesis.
    Function(String),
    Sign(&'static str),
    End,
}

const SIGNS: [&str; 39] = [
    "&&", "||", "==", "!=", "<=", ">=", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "!~", ">>",
    "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", ">", "<", "|", "?",
    ":", "~", "$", "=",
];

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    depth: u32,
    /// Whether `>` would send the output of `print` elsewhere.
    printing: bool,
}

pub(super) fn program(text: &str) -> Option<Program> {
    let mut reader = Reader { tokens: tokens(text)?, at: 0, depth: 0, printing: false };
    let mut program = Program::default();
    loop {
        reader.ends();
        match reader.peek() {
            None => return Some(program),
            Some(Token::Name(name)) if name == "BEGIN" => {
                reader.at += 1;
                program.begin.push(reader.block()?);
            }
            Some(Token::Name(name)) if name == "END" => {
                reader.at += 1;
                program.end.push(reader.block()?);
            }
            Some(Token::Sign("{")) => program.rules.push((None, Some(reader.block()?))),
            Some(_) => {
                let pattern = reader.expression()?;
                let action = match reader.peek() {
                    Some(Token::Sign("{")) => Some(reader.block()?),
                    Some(Token::Sign(",")) => return None,
                    _ => None,
                };
                program.rules.push((Some(pattern), action));
            }
        }
    }
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at).copied() {
        let rest = chars.get(at..)?;
        match c {
            '\n' => {
                tokens.push(Token::End);
                at += 1;
            }
            '\\' if rest.get(1) == Some(&'\n') => at += 2,
            c if c.is_whitespace() => at += 1,
            '#' => at += rest.iter().take_while(|c| **c != '\n').count(),
            '"' => {
                let (text, used) = quoted(rest)?;
                tokens.push(Token::Text(text));
                at += used;
            }
            '/' if !ends_value(tokens.last()) => {
                let (text, used) = pattern(rest)?;
                tokens.push(Token::Match(text));
                at += used;
            }
            c if c.is_ascii_digit() || (c == '.' && rest.get(1)?.is_ascii_digit()) => {
                let digits = rest.iter().take_while(|c| c.is_ascii_digit() || **c == '.');
                let digits: String = digits.collect();
                at += digits.len();
                tokens.push(Token::Number(digits.parse().ok()?));
            }
            c if c == '_' || c.is_ascii_alphabetic() => {
                let name = rest.iter().take_while(|c| **c == '_' || c.is_ascii_alphanumeric());
                let name: String = name.collect();
                at += name.len();
                let called = chars.get(at) == Some(&'(');
                tokens.push(if called { Token::Function(name) } else { Token::Name(name) });
            }
            _ => {
                let sign = SIGNS.iter().find(|sign| {
                    rest.get(..sign.len()).is_some_and(|r| r.iter().copied().eq(sign.chars()))
                })?;
                tokens.push(Token::Sign(sign));
                at += sign.len();
            }
        }
    }
    Some(tokens)
}

/// Whether a `/` behind it divides.
fn ends_value(token: Option<&Token>) -> bool {
    matches!(
        token,
        Some(
            Token::Number(_)
                | Token::Text(_)
                | Token::Name(_)
                | Token::Sign(")" | "]" | "++" | "--")
        )
    )
}

fn quoted(rest: &[char]) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut at = 1;
    loop {
        let c = *rest.get(at)?;
        at += 1;
        match c {
            '"' => return Some((text, at)),
            '\n' => return None,
            '\\' => {
                let next = *rest.get(at)?;
                at += 1;
                match next {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    '"' | '/' | '\\' => text.push(next),
                    // Within an expression a backslash before anything else is its own.
                    other => text.extend(['\\', other]),
                }
            }
            c => text.push(c),
        }
    }
}

fn pattern(rest: &[char]) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut at = 1;
    let mut bracket = false;
    loop {
        let c = *rest.get(at)?;
        at += 1;
        match c {
            '/' if !bracket => return Some((text, at)),
            '\n' => return None,
            '\\' => {
                let next = *rest.get(at)?;
                at += 1;
                if next != '/' {
                    text.push('\\');
                }
                text.push(next);
                continue;
            }
            '[' => bracket = true,
            ']' => bracket = false,
            _ => {}
        }
        text.push(c);
    }
}

impl Reader {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn takes(&mut self, sign: &'static str) -> bool {
        let there = self.peek() == Some(&Token::Sign(sign));
        self.at += usize::from(there);
        there
    }

    fn wants(&mut self, sign: &'static str) -> Option<()> {
        self.takes(sign).then_some(())
    }

    fn name_is(&self, name: &str) -> bool {
        matches!(self.peek(), Some(Token::Name(n) | Token::Function(n)) if n == name)
    }

    fn takes_name(&mut self, name: &str) -> bool {
        let there = self.name_is(name);
        self.at += usize::from(there);
        there
    }

    fn lines(&mut self) {
        while self.peek() == Some(&Token::End) {
            self.at += 1;
        }
    }

    fn ends(&mut self) {
        while matches!(self.peek(), Some(Token::End | Token::Sign(";"))) {
            self.at += 1;
        }
    }

    fn deeper<T>(&mut self, part: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return None;
        }
        let read = part(self);
        self.depth -= 1;
        read
    }

    fn block(&mut self) -> Option<Vec<Statement>> {
        self.wants("{")?;
        let mut statements = Vec::new();
        loop {
            self.ends();
            if self.takes("}") {
                return Some(statements);
            }
            statements.extend(self.deeper(Self::statements)?);
        }
    }

    /// One statement, or a block of them.
    fn statements(&mut self) -> Option<Vec<Statement>> {
        self.lines();
        if self.peek() == Some(&Token::Sign("{")) {
            return self.block();
        }
        if self.takes(";") {
            return Some(Vec::new());
        }
        let statement = self.statement()?;
        match self.peek() {
            Some(Token::Sign(";") | Token::End) => self.at += 1,
            Some(Token::Sign("}")) | None => {}
            Some(_)
                if matches!(
                    statement,
                    Statement::If(..)
                        | Statement::While(..)
                        | Statement::For(..)
                        | Statement::Each(..)
                ) => {}
            Some(_) => return None,
        }
        Some(vec![statement])
    }

    fn statement(&mut self) -> Option<Statement> {
        if self.takes_name("if") {
            self.wants("(")?;
            let condition = self.expression()?;
            self.wants(")")?;
            let then = self.deeper(Self::statements)?;
            let mark = self.at;
            self.ends();
            if self.takes_name("else") {
                let otherwise = self.deeper(Self::statements)?;
                return Some(Statement::If(condition, then, otherwise));
            }
            self.at = mark;
            return Some(Statement::If(condition, then, Vec::new()));
        }
        if self.takes_name("while") {
            self.wants("(")?;
            let condition = self.expression()?;
            self.wants(")")?;
            return Some(Statement::While(condition, self.deeper(Self::statements)?));
        }
        if self.takes_name("for") {
            return self.each();
        }
        if self.name_is("print") || self.name_is("printf") {
            let formatted = self.name_is("printf");
            self.at += 1;
            let values = self.printed()?;
            return Some(if formatted {
                Statement::Printf(values)
            } else {
                Statement::Print(values)
            });
        }
        for (name, statement) in [
            ("next", Statement::Next),
            ("break", Statement::Break),
            ("continue", Statement::Continue),
        ] {
            if self.takes_name(name) {
                return Some(statement);
            }
        }
        if self.takes_name("exit") {
            let ended = matches!(self.peek(), None | Some(Token::End | Token::Sign(";" | "}")));
            let value = if ended { None } else { Some(self.expression()?) };
            return Some(Statement::Exit(value));
        }
        self.expression().map(Statement::Expression)
    }

    fn each(&mut self) -> Option<Statement> {
        self.wants("(")?;
        if let (Some(Token::Name(name)), Some(Token::Name(word)), Some(Token::Name(array))) =
            (self.peek().cloned(), self.tokens.get(self.at + 1), self.tokens.get(self.at + 2))
            && word == "in"
        {
            let array = array.clone();
            self.at += 3;
            self.wants(")")?;
            return Some(Statement::Each(name, array, self.deeper(Self::statements)?));
        }
        let mut parts = Vec::new();
        for end in [";", ";", ")"] {
            let none = self.peek() == Some(&Token::Sign(end));
            parts.push(if none { None } else { Some(self.expression()?) });
            self.wants(end)?;
        }
        let body = self.deeper(Self::statements)?;
        let mut parts = parts.into_iter();
        Some(Statement::For(parts.next()?, parts.next()?, parts.next()?, body))
    }

    fn printed(&mut self) -> Option<Vec<Expression>> {
        self.printing = true;
        let mut values = Vec::new();
        if !matches!(self.peek(), None | Some(Token::End | Token::Sign(";" | "}"))) {
            values = self.listed()?;
            // `print (a, b)`: the parentheses hold the list.
        }
        self.printing = false;
        match self.peek() {
            Some(Token::Sign(">" | ">>" | "|")) => None,
            _ => Some(values),
        }
    }

    fn listed(&mut self) -> Option<Vec<Expression>> {
        let mark = self.at;
        if self.takes("(") {
            let printing = std::mem::replace(&mut self.printing, false);
            let inner = self.list();
            self.printing = printing;
            let closed = inner.is_some() && self.takes(")");
            let ended = matches!(self.peek(), None | Some(Token::End | Token::Sign(";" | "}")));
            if closed && ended {
                return inner;
            }
            self.at = mark;
        }
        self.list()
    }

    fn list(&mut self) -> Option<Vec<Expression>> {
        let mut values = vec![self.expression()?];
        while self.takes(",") {
            self.lines();
            values.push(self.expression()?);
        }
        Some(values)
    }

    fn expression(&mut self) -> Option<Expression> {
        self.deeper(Self::assignment)
    }

    fn assignment(&mut self) -> Option<Expression> {
        let left = self.choice()?;
        let assigns = [
            ("=", None),
            ("+=", Some('+')),
            ("-=", Some('-')),
            ("*=", Some('*')),
            ("/=", Some('/')),
            ("%=", Some('%')),
            ("^=", Some('^')),
        ];
        for (sign, operator) in assigns {
            if is_place(&left) && self.takes(sign) {
                let right = self.expression()?;
                return Some(Expression::Assign(Box::new(left), operator, Box::new(right)));
            }
        }
        Some(left)
    }

    fn choice(&mut self) -> Option<Expression> {
        let condition = self.any()?;
        if !self.takes("?") {
            return Some(condition);
        }
        let yes = self.expression()?;
        self.wants(":")?;
        let no = self.expression()?;
        Some(Expression::Choice(Box::new(condition), Box::new(yes), Box::new(no)))
    }

    fn any(&mut self) -> Option<Expression> {
        let mut left = self.all()?;
        while self.takes("||") {
            self.lines();
            left = Expression::Binary("||", Box::new(left), Box::new(self.all()?));
        }
        Some(left)
    }

    fn all(&mut self) -> Option<Expression> {
        let mut left = self.within()?;
        while self.takes("&&") {
            self.lines();
            left = Expression::Binary("&&", Box::new(left), Box::new(self.within()?));
        }
        Some(left)
    }

    fn within(&mut self) -> Option<Expression> {
        let mut left = self.matching()?;
        while self.takes_name("in") {
            let Some(Token::Name(array)) = self.peek().cloned() else { return None };
            self.at += 1;
            left = Expression::Within(Box::new(left), array);
        }
        Some(left)
    }

    fn matching(&mut self) -> Option<Expression> {
        let mut left = self.compared()?;
        loop {
            let sign = ["~", "!~"].into_iter().find(|sign| self.takes(sign));
            let Some(sign) = sign else { return Some(left) };
            left = Expression::Binary(sign, Box::new(left), Box::new(self.compared()?));
        }
    }

    fn compared(&mut self) -> Option<Expression> {
        let left = self.joined()?;
        let signs: &[&'static str] = match self.printing {
            true => &["==", "!=", "<=", ">=", "<"],
            false => &["==", "!=", "<=", ">=", "<", ">"],
        };
        match signs.iter().find(|sign| self.takes(sign)) {
            Some(sign) => Some(Expression::Binary(sign, Box::new(left), Box::new(self.joined()?))),
            None => Some(left),
        }
    }

    /// Values side by side are one text.
    fn joined(&mut self) -> Option<Expression> {
        let mut left = self.sum()?;
        loop {
            let value = match self.peek() {
                Some(Token::Name(name)) => name != "in",
                Some(Token::Number(_) | Token::Text(_) | Token::Function(_)) => true,
                Some(Token::Sign("$" | "!" | "(" | "-" | "+" | "++" | "--")) => true,
                _ => false,
            };
            if !value {
                return Some(left);
            }
            left = Expression::Binary(" ", Box::new(left), Box::new(self.sum()?));
        }
    }

    fn sum(&mut self) -> Option<Expression> {
        let mut left = self.product()?;
        while let Some(sign) = ["+", "-"].into_iter().find(|sign| self.takes(sign)) {
            left = Expression::Binary(sign, Box::new(left), Box::new(self.product()?));
        }
        Some(left)
    }

    fn product(&mut self) -> Option<Expression> {
        let mut left = self.unary()?;
        while let Some(sign) = ["*", "/", "%"].into_iter().find(|sign| self.takes(sign)) {
            left = Expression::Binary(sign, Box::new(left), Box::new(self.unary()?));
        }
        Some(left)
    }

    fn unary(&mut self) -> Option<Expression> {
        if self.takes("!") {
            return Some(Expression::Not(Box::new(self.deeper(Self::unary)?)));
        }
        if self.takes("-") {
            return Some(Expression::Negative(Box::new(self.deeper(Self::unary)?)));
        }
        if self.takes("+") {
            return self.deeper(Self::unary);
        }
        let left = self.stepped()?;
        if self.takes("^") {
            let right = self.deeper(Self::unary)?;
            return Some(Expression::Binary("^", Box::new(left), Box::new(right)));
        }
        Some(left)
    }

    fn stepped(&mut self) -> Option<Expression> {
        for (sign, by) in [("++", 1.0), ("--", -1.0)] {
            if self.takes(sign) {
                let place = self.primary()?;
                return is_place(&place).then(|| Expression::Step(Box::new(place), true, by));
            }
        }
        let value = self.primary()?;
        for (sign, by) in [("++", 1.0), ("--", -1.0)] {
            if is_place(&value) && self.takes(sign) {
                return Some(Expression::Step(Box::new(value), false, by));
            }
        }
        Some(value)
    }

    fn primary(&mut self) -> Option<Expression> {
        let token = self.peek().cloned()?;
        self.at += 1;
        Some(match token {
            Token::Number(number) => Expression::Number(number),
            Token::Text(text) => Expression::Text(text),
            Token::Match(pattern) => Expression::Match(pattern),
            Token::Sign("$") => Expression::Field(Box::new(self.deeper(Self::stepped)?)),
            Token::Sign("(") => {
                let printing = std::mem::replace(&mut self.printing, false);
                let inner = self.expression()?;
                self.printing = printing;
                self.wants(")")?;
                inner
            }
            Token::Function(name) => {
                self.wants("(")?;
                let printing = std::mem::replace(&mut self.printing, false);
                let args =
                    if self.peek() == Some(&Token::Sign(")")) { Vec::new() } else { self.list()? };
                self.printing = printing;
                self.wants(")")?;
                Expression::Call(name, args)
            }
            Token::Name(name) if name == "length" => Expression::Call(name, Vec::new()),
            Token::Name(name) if matches!(name.as_str(), "getline" | "function" | "delete") => {
                return None;
            }
            Token::Name(name) => {
                if !self.takes("[") {
                    return Some(Expression::Variable(name));
                }
                let index = self.list()?;
                self.wants("]")?;
                Expression::Element(name, index)
            }
            Token::Sign(_) | Token::End => return None,
        })
    }
}

fn is_place(expression: &Expression) -> bool {
    matches!(expression, Expression::Variable(_) | Expression::Field(_) | Expression::Element(..))
}
