//! The commands that the shell itself is.

use super::run::{Shell, Step, Stop};
use super::scope::Scope;
use super::stream::Streams;
use crate::node::{FileType, Node as _};
use crate::utility;

impl Shell<'_> {
    /// Runs `name` where the shell itself is it.
    pub(super) fn builtin(
        &mut self,
        name: &str,
        args: &[String],
        scope: &mut Scope,
        streams: Streams,
    ) -> Option<Step> {
        let number = |usual: u32| args.first().and_then(|n| n.parse().ok()).unwrap_or(usual);
        let status = |usual: u8| match args.first() {
            None => usual,
            Some(text) => text.parse::<i64>().map_or(2, |n| u8::try_from(n & 255).unwrap_or(0)),
        };
        Some(match name {
            ":" | "true" | "wait" | "hash" => Ok(0),
            "false" => Ok(1),
            "test" | "[" => self.condition(name, args, scope, streams),
            "echo" => self.echo(args, scope, streams),
            "printf" => match utility::printf::printed(args) {
                Ok(text) => self.write(streams.out, text.as_bytes()).map(|()| 0),
                Err(reason) => Err(Stop::NotRun(reason)),
            },
            "read" => self.read(args, scope, streams),
            "exit" => Err(Stop::Exit(status(scope.status))),
            "return" => Err(Stop::Return(status(scope.status))),
            "break" => Err(Stop::Break(number(1))),
            "continue" => Err(Stop::Continue(number(1))),
            "set" => self.set(args, scope, streams),
            "unset" => unset(args, scope),
            "export" | "readonly" | "local" => declare(args, scope),
            "shift" => {
                let count = usize::try_from(number(1)).unwrap_or(0);
                scope.positional.drain(..count.min(scope.positional.len()));
                Ok(0)
            }
            "cd" => self.cd(args, scope, streams),
            "pwd" => {
                let text = format!("{}\n", self.node.folder());
                self.write(streams.out, text.as_bytes()).map(|()| 0)
            }
            "trap" => self.trap(args, scope, streams),
            "eval" => {
                let text = args.join(" ");
                self.deeper(|shell| shell.text(&text, scope, streams))
            }
            "command" | "type" | "exec" => return self.indirect(name, args, scope, streams),
            "." | "source" | "getopts" | "umask" | "ulimit" | "kill" | "jobs" | "bg" | "fg"
            | "alias" | "unalias" | "times" | "let" | "declare" | "[[" | "shopt" | "mapfile"
                if scope.bash
                    || !matches!(
                        name,
                        "source" | "let" | "declare" | "[[" | "shopt" | "mapfile"
                    ) =>
            {
                Err(Stop::NotRun(format!("it uses `{name}`")))
            }
            _ => return None,
        })
    }

    fn condition(&mut self, name: &str, args: &[String], scope: &Scope, streams: Streams) -> Step {
        let mut words = args;
        let mut wrong = None;
        if name == "[" {
            match args.split_last() {
                Some((last, rest)) if last == "]" => words = rest,
                _ => wrong = Some("missing ]".to_owned()),
            }
        }
        let holds = match wrong {
            Some(wrong) => Err(wrong),
            None => super::condition::evaluate(words, scope.bash, &self.node),
        };
        match holds {
            Ok(holds) => Ok(u8::from(!holds)),
            Err(_) if scope.bash => Err(Stop::NotRun("a condition that bash refuses".to_owned())),
            Err(wrong) => {
                let text = format!("{}: {}: {name}: {wrong}\n", scope.name, scope.line);
                self.write(streams.err, text.as_bytes())?;
                Ok(2)
            }
        }
    }

    /// Goes into a folder; relative paths lead from there.
    fn cd(&mut self, args: &[String], scope: &mut Scope, streams: Streams) -> Step {
        let variable = |name: &str, scope: &Scope| scope.variables.get(name).cloned();
        let args: Vec<&str> =
            args.iter().map(String::as_str).filter(|arg| !matches!(*arg, "-L" | "--")).collect();
        let (target, shown) = match args.as_slice() {
            [] => (variable("HOME", scope).unwrap_or_default(), false),
            ["-"] => (variable("OLDPWD", scope).unwrap_or_default(), true),
            [option, ..] if option.starts_with('-') => {
                return Err(Stop::NotRun(format!("it uses `cd {option}`")));
            }
            [folder, ..] => ((*folder).to_owned(), false),
        };
        let to = self.node.moved(&target);
        let found = self.node.stat(to.folder(), true);
        if !found.is_ok_and(|status| status.file_type() == FileType::Directory) {
            let (name, line) = (&scope.name, scope.line);
            let text = match (scope.bash, found) {
                (false, _) => format!("{name}: {line}: cd: can't cd to {target}\n"),
                (true, Ok(_)) => format!("{name}: line {line}: cd: {target}: Not a directory\n"),
                (true, Err(why)) => format!("{name}: line {line}: cd: {target}: {why}\n"),
            };
            self.write(streams.err, text.as_bytes())?;
            return Ok(scope.unopened());
        }
        let from = std::mem::replace(&mut self.node, to);
        let here = self.node.folder().to_owned();
        if shown {
            self.write(streams.out, format!("{here}\n").as_bytes())?;
        }
        scope.variables.insert("OLDPWD".to_owned(), from.folder().to_owned());
        scope.variables.insert("PWD".to_owned(), here);
        Ok(0)
    }

    /// As dash's: what follows a backslash is read, and only `-n` is an option.
    fn echo(&mut self, args: &[String], scope: &Scope, streams: Streams) -> Step {
        let mut words = args;
        let (mut newline, mut escapes) = (true, !scope.bash);
        while let Some((first, rest)) = words.split_first() {
            match first.as_str() {
                "-n" => newline = false,
                "-e" if scope.bash => escapes = true,
                "-E" if scope.bash => escapes = false,
                "-ne" | "-en" if scope.bash => (newline, escapes) = (false, true),
                _ => break,
            }
            words = rest;
            if !scope.bash {
                break;
            }
        }
        let text = words.join(" ");
        let (mut text, stopped) = match escapes {
            true => utility::printf::unescaped(&text, true),
            false => (text, false),
        };
        if newline && !stopped {
            text.push('\n');
        }
        self.write(streams.out, text.as_bytes()).map(|()| 0)
    }

    fn read(&mut self, args: &[String], scope: &mut Scope, streams: Streams) -> Step {
        let mut raw = false;
        let mut names = Vec::new();
        for arg in args {
            match arg.as_str() {
                "-r" => raw = true,
                option if option.starts_with('-') => {
                    return Err(Stop::NotRun(format!("it uses `read {option}`")));
                }
                name => names.push(name.to_owned()),
            }
        }
        if names.is_empty() {
            names.push("REPLY".to_owned());
        }
        let mut line = String::new();
        let mut ended = false;
        while let Some((bytes, end)) = self.input_line(streams) {
            self.spend(bytes.len() + 10)?;
            line.push_str(&String::from_utf8_lossy(&bytes));
            ended = end;
            let slashes = line.chars().rev().take_while(|c| *c == '\\').count();
            if raw || !end || slashes % 2 == 0 {
                break;
            }
            line.pop();
        }
        let separators = scope.variables.get("IFS").cloned().unwrap_or_default();
        for (name, value) in assigned(&line, &names, &separators, raw) {
            scope.variables.insert(name, value);
        }
        Ok(u8::from(!ended))
    }

    fn set(&mut self, args: &[String], scope: &mut Scope, streams: Streams) -> Step {
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            let on = arg.starts_with('-');
            if arg == "--" {
                scope.positional = rest.cloned().collect();
                return Ok(0);
            }
            if !on && !arg.starts_with('+') {
                scope.positional = std::iter::once(arg).chain(rest).cloned().collect();
                return Ok(0);
            }
            for letter in arg.chars().skip(1) {
                match letter {
                    'e' => scope.errexit = on,
                    'u' => scope.nounset = on,
                    'f' => scope.noglob = on,
                    'E' if scope.bash => scope.errtrace = on,
                    // How lines are edited and sessions ended, which a script does not see.
                    'E' | 'V' | 'I' if !scope.bash => {}
                    'o' => match rest.next().map(String::as_str) {
                        Some("errexit") => scope.errexit = on,
                        Some("nounset") => scope.nounset = on,
                        Some("noglob") => scope.noglob = on,
                        Some("pipefail") if scope.bash => scope.pipefail = on,
                        Some("pipefail") => {
                            return self.illegal("-o pipefail", scope, streams);
                        }
                        other => {
                            let what = other.unwrap_or_default();
                            return Err(Stop::NotRun(format!("it uses `set -o {what}`")));
                        }
                    },
                    'a' | 'b' | 'C' | 'm' | 'n' | 'x' | 'v' => {
                        return Err(Stop::NotRun(format!("it uses `set -{letter}`")));
                    }
                    _ if scope.bash => {
                        return Err(Stop::NotRun(format!("it uses `set -{letter}`")));
                    }
                    _ => return self.illegal(&format!("-{letter}"), scope, streams),
                }
            }
        }
        Ok(0)
    }

    /// A special command of the shell that is used wrongly ends it.
    fn illegal(&mut self, option: &str, scope: &Scope, streams: Streams) -> Step {
        let text = format!("{}: {}: set: Illegal option {option}\n", scope.name, scope.line);
        self.write(streams.err, text.as_bytes())?;
        Err(Stop::Exit(2))
    }

    fn indirect(
        &mut self,
        name: &str,
        args: &[String],
        scope: &mut Scope,
        streams: Streams,
    ) -> Option<Step> {
        let (first, rest) = args.split_first()?;
        match (name, first.as_str()) {
            ("exec", option) if option.starts_with('-') => {
                Some(Err(Stop::NotRun(format!("it uses `exec {option}`"))))
            }
            ("exec", _) => Some(match self.called(first, rest, scope, streams) {
                Ok(status) => Err(Stop::Exit(status)),
                other => other,
            }),
            ("command", "-v") => {
                let wanted = rest.first().cloned().unwrap_or_default();
                let short = utility::short_name(&wanted);
                let known =
                    utility::find(short).is_some() || utility::is_on_node(&self.node, &wanted);
                let shown = match utility::path_on_node(&self.node, &wanted) {
                    Some(path) => path,
                    None => wanted,
                };
                if !known {
                    return Some(Ok(127));
                }
                Some(self.write(streams.out, format!("{shown}\n").as_bytes()).map(|()| 0))
            }
            ("command", option) if option.starts_with('-') => {
                Some(Err(Stop::NotRun(format!("it uses `command {option}`"))))
            }
            ("command", _) => Some(self.called(first, rest, scope, streams)),
            (name, _) => Some(Err(Stop::NotRun(format!("it uses `{name}`")))),
        }
    }
}

fn unset(args: &[String], scope: &mut Scope) -> Step {
    for name in args {
        match name.as_str() {
            "-v" | "-f" => {}
            name => {
                scope.variables.remove(name);
                scope.functions.remove(name);
            }
        }
    }
    Ok(0)
}

fn declare(args: &[String], scope: &mut Scope) -> Step {
    for arg in args.iter().filter(|arg| !arg.starts_with('-')) {
        if let Some((name, value)) = arg.split_once('=') {
            scope.variables.insert(name.to_owned(), value.to_owned());
        }
        let name = arg.split('=').next().unwrap_or_default();
        scope.exported.insert(name.to_owned(), ());
    }
    Ok(0)
}

/// How `read` spreads a line over names.
fn assigned(line: &str, names: &[String], separators: &str, raw: bool) -> Vec<(String, String)> {
    let blank = |c: &char| c.is_ascii_whitespace() && separators.contains(*c);
    let mut rest: Vec<char> = line.chars().collect();
    while rest.last().is_some_and(blank) {
        rest.pop();
    }
    let mut rest = rest.into_iter().peekable();
    let mut values = Vec::new();
    while rest.next_if(blank).is_some() {}
    for (at, name) in names.iter().enumerate() {
        let mut value = String::new();
        while let Some(c) = rest.next() {
            if c == '\\' && !raw {
                value.extend(rest.next());
                continue;
            }
            if separators.contains(c) && at + 1 < names.len() {
                let mut hard = !blank(&c);
                while let Some(next) = rest.peek().copied().filter(|c| separators.contains(*c)) {
                    if !blank(&next) && std::mem::replace(&mut hard, true) {
                        break;
                    }
                    rest.next();
                }
                break;
            }
            value.push(c);
        }
        values.push((name.clone(), value));
    }
    values
}
