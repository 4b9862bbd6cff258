//! `sed`, as far as it prints.

use regex::bytes::Regex;

use super::expression::{self, Syntax};
use super::{Done, lines, options, unknown};
use crate::shell::{Io, Stop};

#[derive(Debug)]
enum Address {
    Line(usize),
    Last,
    Match(Regex),
}

#[derive(Debug)]
struct Command {
    from: Option<Address>,
    to: Option<Address>,
    negated: bool,
    action: Action,
    /// Whether a range is open.
    open: bool,
}

#[derive(Debug)]
enum Action {
    Substitute { regex: Regex, with: Vec<Part>, every: bool, nth: usize, print: bool },
    Translate(Vec<(char, char)>),
    Print,
    Delete,
    Quit { status: u8, quiet: bool },
    Number,
    Block(Vec<Command>),
}

/// A part of what is put in.
#[derive(Debug)]
enum Part {
    Text(Vec<u8>),
    Group(usize),
}

#[derive(Debug, PartialEq, Eq)]
enum End {
    Print,
    Delete,
    Quit { status: u8, quiet: bool },
}

pub(super) fn run(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let long = ["quiet", "silent", "regexp-extended", "expression="];
    let parsed = options("sed", args, "nErsue:", &long, false)?;
    let (mut silent, mut extended, mut scripts) = (false, false, Vec::new());
    for (name, value) in parsed.options {
        match name.as_str() {
            "n" | "--quiet" | "--silent" => silent = true,
            "E" | "r" | "--regexp-extended" => extended = true,
            "s" | "u" => {}
            _ => scripts.push(value.unwrap_or_default()),
        }
    }
    let mut files = parsed.operands;
    if scripts.is_empty() {
        if files.is_empty() {
            return unknown("sed", "without a script");
        }
        scripts.push(files.remove(0));
    }
    let syntax = if extended { Syntax::Extended } else { Syntax::Basic };
    let text: Vec<char> = scripts.join("\n").chars().collect();
    let mut reader = Reader { text, at: 0, syntax, depth: 0 };
    let mut commands = match reader.commands(false) {
        Some(commands) if reader.at >= reader.text.len() => commands,
        _ => return unknown("sed", &scripts.join(" ")),
    };
    if files.is_empty() {
        files.push("-".to_owned());
    }
    let (mut text, mut failed) = (Vec::new(), false);
    for file in &files {
        match io.read(file)? {
            Ok(bytes) => {
                if !text.is_empty() && !text.ends_with(b"\n") {
                    text.push(b'\n');
                }
                text.extend(bytes);
            }
            Err(reason) => {
                failed = true;
                let text = match reason.as_str() {
                    "Is a directory" => format!("sed: couldn't read {file}: {reason}\n"),
                    _ => format!("sed: can't read {file}: {reason}\n"),
                };
                io.err(&text)?;
            }
        }
    }
    let status = edit(&mut commands, &text, silent, io)?;
    Ok(if failed { 2 } else { status })
}

fn edit(commands: &mut [Command], text: &[u8], silent: bool, io: &mut Io<'_, '_>) -> Done {
    let unended = !text.ends_with(b"\n");
    let all: Vec<&[u8]> = lines(text).collect();
    let count = all.len();
    for (at, line) in all.into_iter().enumerate() {
        let last = at + 1 == count;
        let end: &[u8] = if last && unended { b"" } else { b"\n" };
        let mut space = line.to_vec();
        let came = apply(commands, &mut space, at + 1, last, end, io)?;
        let quiet = matches!(came, End::Quit { quiet: true, .. });
        if came != End::Delete && !silent && !quiet {
            io.out([space.as_slice(), end].concat())?;
        }
        if let End::Quit { status, .. } = came {
            return Ok(status);
        }
    }
    Ok(0)
}

fn apply(
    commands: &mut [Command],
    space: &mut Vec<u8>,
    number: usize,
    last: bool,
    end: &[u8],
    io: &mut Io<'_, '_>,
) -> Result<End, Stop> {
    for command in commands {
        io.spend(space.len() + 20)?;
        if command.takes(space, number, last) == command.negated {
            continue;
        }
        match &mut command.action {
            Action::Substitute { regex, with, every, nth, print } => {
                let changed = substitute(regex, with, *every, *nth, space);
                if let Some(changed) = changed {
                    *space = changed;
                    if *print {
                        io.out([space.as_slice(), end].concat())?;
                    }
                }
            }
            Action::Translate(pairs) => {
                let text = String::from_utf8_lossy(space);
                let to =
                    |c: char| pairs.iter().find(|(from, _)| *from == c).map_or(c, |(_, to)| *to);
                *space = text.chars().map(to).collect::<String>().into_bytes();
            }
            Action::Print => io.out([space.as_slice(), end].concat())?,
            Action::Delete => return Ok(End::Delete),
            Action::Quit { status, quiet } => {
                return Ok(End::Quit { status: *status, quiet: *quiet });
            }
            Action::Number => io.out(format!("{number}\n"))?,
            Action::Block(inner) => match apply(inner, space, number, last, end, io)? {
                End::Print => {}
                other => return Ok(other),
            },
        }
    }
    Ok(End::Print)
}

fn substitute(
    regex: &Regex,
    with: &[Part],
    every: bool,
    nth: usize,
    space: &[u8],
) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut from = 0;
    let mut changed = false;
    for (at, found) in regex.captures_iter(space).enumerate() {
        let Some(whole) = found.get(0) else { continue };
        if at + 1 < nth {
            continue;
        }
        out.extend_from_slice(space.get(from..whole.start()).unwrap_or_default());
        for part in with {
            match part {
                Part::Text(text) => out.extend_from_slice(text),
                Part::Group(group) => {
                    out.extend_from_slice(found.get(*group).map_or(&[][..], |m| m.as_bytes()));
                }
            }
        }
        from = whole.end();
        changed = true;
        if !every {
            break;
        }
    }
    out.extend_from_slice(space.get(from..).unwrap_or_default());
    changed.then_some(out)
}

impl Command {
    fn takes(&mut self, space: &[u8], number: usize, last: bool) -> bool {
        let Some(from) = &self.from else { return true };
        let Some(to) = &self.to else { return from.is(space, number, last) };
        if !self.open {
            if !from.is(space, number, last) {
                return false;
            }
            self.open = !matches!(to, Address::Line(end) if *end <= number);
            return true;
        }
        let ends = match to {
            Address::Line(end) => number >= *end,
            other => other.is(space, number, last),
        };
        self.open = !ends;
        true
    }
}

impl Address {
    fn is(&self, space: &[u8], number: usize, last: bool) -> bool {
        match self {
            Self::Line(line) => *line == number,
            Self::Last => last,
            Self::Match(regex) => regex.is_match(space),
        }
    }
}

struct Reader {
    text: Vec<char>,
    at: usize,
    syntax: Syntax,
    depth: u32,
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

    fn blanks(&mut self, also: &[char]) {
        while self.peek().is_some_and(|c| c == ' ' || c == '\t' || also.contains(&c)) {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Option<usize> {
        let mut digits = String::new();
        while let Some(c) = self.peek().filter(char::is_ascii_digit) {
            digits.push(c);
            self.at += 1;
        }
        digits.parse().ok()
    }

    /// Commands up to the end, or to a closing brace.
    fn commands(&mut self, inner: bool) -> Option<Vec<Command>> {
        self.depth += 1;
        if self.depth > 20 {
            return None;
        }
        let mut commands = Vec::new();
        loop {
            self.blanks(&[';', '\n']);
            match self.peek() {
                None if inner => return None,
                None => break,
                Some('}') if inner => {
                    self.at += 1;
                    break;
                }
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                Some(_) => commands.push(self.command()?),
            }
        }
        self.depth -= 1;
        Some(commands)
    }

    fn command(&mut self) -> Option<Command> {
        let from = self.address()?;
        let mut to = None;
        self.blanks(&[]);
        if from.is_some() && self.peek() == Some(',') {
            self.at += 1;
            self.blanks(&[]);
            to = Some(self.address()??);
        }
        self.blanks(&[]);
        let negated = self.peek() == Some('!');
        self.at += usize::from(negated);
        self.blanks(&[]);
        let action = match self.next()? {
            's' => self.substitution()?,
            'y' => self.translation()?,
            'p' => Action::Print,
            'd' => Action::Delete,
            '=' => Action::Number,
            quit @ ('q' | 'Q') => {
                self.blanks(&[]);
                let status = self.number().unwrap_or(0);
                Action::Quit { status: u8::try_from(status & 255).ok()?, quiet: quit == 'Q' }
            }
            '{' => Action::Block(self.commands(true)?),
            _ => return None,
        };
        self.blanks(&[]);
        match self.peek() {
            None | Some(';' | '\n' | '}' | '#') => {}
            Some(_) => return None,
        }
        Some(Command { from, to, negated, action, open: false })
    }

    fn address(&mut self) -> Option<Option<Address>> {
        match self.peek() {
            Some('$') => {
                self.at += 1;
                Some(Some(Address::Last))
            }
            Some(c) if c.is_ascii_digit() => Some(Some(Address::Line(self.number()?))),
            Some('/') => {
                self.at += 1;
                let pattern = self.until('/', true)?;
                let fold = self.peek() == Some('I');
                self.at += usize::from(fold);
                Some(Some(Address::Match(self.regex(&pattern, fold)?)))
            }
            _ => Some(None),
        }
    }

    fn regex(&self, pattern: &str, fold: bool) -> Option<Regex> {
        if pattern.is_empty() {
            return None;
        }
        expression::compile(&[pattern], self.syntax, fold, str::to_owned).ok()
    }

    /// What stands before the next `end`; a backslash before that takes its meaning.
    fn until(&mut self, end: char, regex: bool) -> Option<String> {
        let mut text = String::new();
        let mut bracket = false;
        loop {
            match self.next()? {
                c if c == end && !bracket => return Some(text),
                '\\' => match self.next()? {
                    c if c == end && !(regex && "|(){}+?".contains(c)) => text.push(c),
                    'n' if regex => text.push_str("\\n"),
                    c => text.extend(['\\', c]),
                },
                '[' if regex && !bracket => {
                    bracket = true;
                    text.push('[');
                    for c in ['^', ']'] {
                        if self.peek() == Some(c) {
                            self.at += 1;
                            text.push(c);
                        }
                    }
                }
                ']' if bracket => {
                    bracket = false;
                    text.push(']');
                }
                c => text.push(c),
            }
        }
    }

    fn substitution(&mut self) -> Option<Action> {
        let mark = self.next().filter(|c| *c != '\n' && *c != '\\')?;
        let pattern = self.until(mark, true)?;
        let with = self.until(mark, false)?;
        let (mut every, mut nth, mut print, mut fold) = (false, 1, false, false);
        loop {
            match self.peek() {
                Some('g') => every = true,
                Some('p') => print = true,
                Some('i' | 'I') => fold = true,
                Some(c) if c.is_ascii_digit() => {
                    nth = self.number()?;
                    continue;
                }
                _ => break,
            }
            self.at += 1;
        }
        let regex = self.regex(&pattern, fold)?;
        Some(Action::Substitute { regex, with: parts(&with)?, every, nth, print })
    }

    fn translation(&mut self) -> Option<Action> {
        let mark = self.next()?;
        let (from, to) = (self.until(mark, false)?, self.until(mark, false)?);
        let same = from.chars().count() == to.chars().count();
        let plain = !from.contains('\\') && !to.contains('\\');
        (same && plain).then(|| Action::Translate(from.chars().zip(to.chars()).collect()))
    }
}

fn parts(with: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut text = Vec::new();
    let mut chars = with.chars();
    while let Some(c) = chars.next() {
        let group = match c {
            '&' => Some(0),
            '\\' => match chars.next()? {
                'n' => {
                    text.push(b'\n');
                    None
                }
                't' => {
                    text.push(b'\t');
                    None
                }
                digit @ '0'..='9' => digit.to_digit(10).and_then(|d| usize::try_from(d).ok()),
                'U' | 'L' | 'u' | 'l' | 'E' => return None,
                other => {
                    text.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
                    None
                }
            },
            c => {
                text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                None
            }
        };
        if let Some(group) = group {
            parts.push(Part::Text(std::mem::take(&mut text)));
            parts.push(Part::Group(group));
        }
    }
    parts.push(Part::Text(text));
    Some(parts)
}
