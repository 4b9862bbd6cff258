//! Regular expressions of POSIX and GNU, as those of the `regex` crate, whose time is linear.

use regex::bytes::{Regex, RegexBuilder};

/// The three kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// Basic: `\(`, `\|`, `\{`.
    Basic,
    /// Extended.
    Extended,
    /// Text that stands for itself.
    Fixed,
    /// Perl's, as far as ours is the same.
    Perl,
}

/// The most that a compiled expression may take.
const MOST_BYTES: usize = 4 << 20;

/// Compiles `patterns`, of which any may match.
pub(crate) fn compile(
    patterns: &[&str],
    syntax: Syntax,
    ignore_case: bool,
    around: fn(&str) -> String,
) -> Result<Regex, String> {
    let mut parts = Vec::new();
    for pattern in patterns {
        parts.push(format!("(?:{})", translate(pattern, syntax)?));
    }
    let whole = around(&parts.join("|"));
    RegexBuilder::new(&whole)
        .case_insensitive(ignore_case)
        .size_limit(MOST_BYTES)
        .dfa_size_limit(MOST_BYTES)
        .build()
        .map_err(|_| format!("it uses the expression `{}`", patterns.join(" ")))
}

/// What the programs of GNU refuse an expression with; None where they take it.
pub(crate) fn refused(pattern: &str, syntax: Syntax) -> Option<&'static str> {
    let extended = match syntax {
        Syntax::Basic => false,
        Syntax::Extended => true,
        Syntax::Fixed | Syntax::Perl => return None,
    };
    let mut chars = pattern.chars().peekable();
    let mut open = 0_u32;
    while let Some(c) = chars.next() {
        let escaped = c == '\\';
        let c = match escaped {
            true => match chars.next() {
                Some(c) => c,
                None => return Some("Trailing backslash"),
            },
            false => c,
        };
        match c {
            '[' if !escaped => {
                let mut first = true;
                if chars.peek() == Some(&'^') {
                    chars.next();
                }
                loop {
                    match chars.next() {
                        None => return Some("Unmatched [, [^, [:, [., or [="),
                        Some(']') if !first => break,
                        Some('[') if chars.peek() == Some(&':') => {
                            while chars.peek().is_some_and(|c| *c != ']') {
                                chars.next();
                            }
                            chars.next();
                        }
                        Some(_) => {}
                    }
                    first = false;
                }
            }
            '(' if escaped != extended => open += 1,
            ')' if escaped != extended && open > 0 => open -= 1,
            ')' if escaped && !extended => return Some("Unmatched ) or \\)"),
            _ => {}
        }
    }
    (open > 0).then_some("Unmatched ( or \\(")
}

/// One expression in the words of the `regex` crate.
pub(crate) fn translate(pattern: &str, syntax: Syntax) -> Result<String, String> {
    match syntax {
        Syntax::Fixed => Ok(regex::escape(pattern)),
        Syntax::Perl => Ok(pattern.to_owned()),
        Syntax::Basic | Syntax::Extended => {
            Translation { chars: pattern.chars().collect(), at: 0, out: String::new(), open: 0 }
                .run(syntax == Syntax::Extended)
        }
    }
}

struct Translation {
    chars: Vec<char>,
    at: usize,
    out: String,
    open: u32,
}

impl Translation {
    fn run(mut self, extended: bool) -> Result<String, String> {
        while let Some(c) = self.next() {
            match c {
                '\\' => self.escaped(extended)?,
                '[' => self.bracket()?,
                '.' => self.out.push_str("(?s:.)"),
                '*' if self.at_start() => self.out.push_str("\\*"),
                '*' => self.repeat("*"),
                '^' if extended || self.at_start() => self.out.push('^'),
                '$' if extended || self.at_end() => self.out.push('$'),
                '+' | '?' if extended && self.at_start() => self.literal(c),
                '+' | '?' if extended => self.repeat(if c == '+' { "+" } else { "?" }),
                '|' if extended => self.out.push('|'),
                '(' if extended => self.group(),
                ')' if extended && self.open > 0 => self.close(),
                '{' if extended && self.interval_follows() => self.interval(false)?,
                c => self.literal(c),
            }
        }
        if self.open > 0 {
            return Err("it uses an expression with an open parenthesis".to_owned());
        }
        Ok(self.out)
    }

    fn next(&mut self) -> Option<char> {
        let c = self.chars.get(self.at).copied();
        self.at += usize::from(c.is_some());
        c
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    /// Nothing stands before that could be repeated.
    fn at_start(&self) -> bool {
        self.out.is_empty()
            || self.out.ends_with(['^', '|'])
                && !self.out.ends_with("\\^")
                && !self.out.ends_with("\\|")
            || self.out.ends_with('(') && !self.out.ends_with("\\(")
    }

    fn at_end(&self) -> bool {
        let rest = self.chars.get(self.at..).unwrap_or_default();
        rest.is_empty() || rest.starts_with(&['\\', ')']) || rest.starts_with(&['\\', '|'])
    }

    /// Repeated repeats are one: `a**` is `a*`.
    fn repeat(&mut self, sign: &str) {
        let doubled = self.out.ends_with(['*', '+', '?'])
            && !self.out.ends_with("\\*")
            && !self.out.ends_with("\\+")
            && !self.out.ends_with("\\?");
        if !doubled {
            self.out.push_str(sign);
        }
    }

    fn group(&mut self) {
        self.open += 1;
        self.out.push('(');
    }

    fn close(&mut self) {
        self.open -= 1;
        self.out.push(')');
    }

    fn literal(&mut self, c: char) {
        self.out.push_str(&regex::escape(&c.to_string()));
    }

    fn escaped(&mut self, extended: bool) -> Result<(), String> {
        let Some(c) = self.next() else {
            return Err("it uses an expression that ends with a backslash".to_owned());
        };
        match c {
            '(' if !extended => self.group(),
            ')' if !extended && self.open > 0 => self.close(),
            '|' if !extended => self.out.push('|'),
            '+' | '?' if !extended && !self.at_start() => {
                self.repeat(if c == '+' { "+" } else { "?" });
            }
            '{' if !extended => self.interval(true)?,
            'w' => self.out.push_str("[[:word:]]"),
            'W' => self.out.push_str("[^[:word:]]"),
            's' => self.out.push_str("[[:space:]]"),
            'S' => self.out.push_str("[^[:space:]]"),
            'b' => self.out.push_str("\\b"),
            'B' => self.out.push_str("\\B"),
            '<' => self.out.push_str("\\b{start}"),
            '>' => self.out.push_str("\\b{end}"),
            '`' => self.out.push_str("\\A"),
            '\'' => self.out.push_str("\\z"),
            '1'..='9' => return Err("it uses an expression that refers back".to_owned()),
            'n' => self.out.push_str("\\n"),
            't' => self.out.push_str("\\t"),
            c => self.literal(c),
        }
        Ok(())
    }

    fn interval_follows(&self) -> bool {
        self.peek().is_some_and(|c| c.is_ascii_digit() || c == ',')
    }

    fn interval(&mut self, basic: bool) -> Result<(), String> {
        let mut inner = String::new();
        loop {
            match self.next() {
                Some('\\') if basic && self.peek() == Some('}') => {
                    self.at += 1;
                    break;
                }
                Some('}') if !basic => break,
                Some(c) if c.is_ascii_digit() || c == ',' => inner.push(c),
                _ => return Err("it uses an expression with a broken interval".to_owned()),
            }
        }
        let inner = if inner.starts_with(',') { format!("0{inner}") } else { inner };
        self.out.push_str(&format!("{{{inner}}}"));
        Ok(())
    }

    fn bracket(&mut self) -> Result<(), String> {
        let broken = || "it uses an expression with an open bracket".to_owned();
        self.out.push('[');
        if self.peek() == Some('^') {
            self.at += 1;
            self.out.push('^');
        }
        let begun = self.at;
        loop {
            let c = self.next().ok_or_else(broken)?;
            match c {
                ']' if self.at > begun + 1 => break,
                '[' if self.peek() == Some(':') => {
                    let rest: String =
                        self.chars.get(self.at..).unwrap_or_default().iter().collect();
                    let (class, _) = rest.split_once(":]").ok_or_else(broken)?;
                    self.at += class.chars().count() + 2;
                    self.out.push_str(&format!("[{class}:]"));
                }
                '[' if matches!(self.peek(), Some('.' | '=')) => {
                    return Err("it uses an expression with a collating element".to_owned());
                }
                '-' => {
                    let ranges = self.at > begun + 1 && self.peek() != Some(']');
                    self.out.push_str(if ranges { "-" } else { "\\-" });
                }
                c if c.is_alphanumeric() || c == '_' || c == ' ' => self.out.push(c),
                c if c.is_ascii_punctuation() => self.out.extend(['\\', c]),
                c => self.out.push(c),
            }
        }
        self.out.push(']');
        Ok(())
    }
}
