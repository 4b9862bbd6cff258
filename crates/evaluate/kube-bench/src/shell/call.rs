//! Simple commands: functions, the shell's own commands, programs, further shells.

use super::run::{Shell, Step, Stop};
use super::scope::Scope;
use super::stream::Streams;
use super::syntax::{Redirect, Word};
use crate::answered;
use crate::node::{FileType, Node, Output};
use crate::utility;

/// The streams of one utility.
pub(crate) struct Io<'s, 'a> {
    pub(crate) shell: &'s mut Shell<'a>,
    streams: Streams,
    /// As what it was called: `/bin/cat`.
    name: &'s str,
}

impl Shell<'_> {
    pub(super) fn simple(
        &mut self,
        assignments: &[(String, Word)],
        words: &[Word],
        redirects: &[Redirect],
        scope: &mut Scope,
        streams: Streams,
    ) -> Step {
        scope.substituted = None;
        let args = self.expand_all(words, scope, streams)?;
        let Some(own) = self.redirected(redirects, scope, streams)? else {
            return Ok(scope.unopened());
        };
        let Some((name, rest)) = args.split_first() else {
            for (name, word) in assignments {
                let value = self.expand_one(word, scope, own)?;
                scope.variables.insert(name.clone(), value);
            }
            return Ok(scope.substituted.unwrap_or(0));
        };
        let mut before = Vec::new();
        for (variable, word) in assignments {
            let value = self.expand_one(word, scope, own)?;
            let old = scope.variables.insert(variable.clone(), value);
            before.push((variable, old, scope.exported.insert(variable.clone(), ())));
        }
        let done = self.called(name, rest, scope, own);
        for (variable, value, exported) in before.into_iter().rev() {
            match value {
                Some(value) => scope.variables.insert(variable.clone(), value),
                None => scope.variables.remove(variable),
            };
            if exported.is_none() {
                scope.exported.remove(variable);
            }
        }
        done
    }

    pub(super) fn called(
        &mut self,
        name: &str,
        args: &[String],
        scope: &mut Scope,
        streams: Streams,
    ) -> Step {
        if let Some(body) = scope.functions.get(name).cloned() {
            let outer = std::mem::replace(&mut scope.positional, args.to_vec());
            let trap = scope.leave_failure_trap();
            let done = self.deeper(|shell| shell.command(&body, scope, streams));
            scope.restore_failure_trap(trap);
            scope.positional = outer;
            return match done {
                Err(Stop::Return(status)) => Ok(status),
                other => other,
            };
        }
        if let Some(done) = self.builtin(name, args, scope, streams) {
            return done;
        }
        self.environment = scope.environment();
        let nested = utility::shell_of(name);
        if let Some(bash) = nested {
            return self.nested(name, bash, args, streams);
        }
        match self.program(name, args, streams)? {
            Some(status) => Ok(status),
            None => self.absent(name, scope, streams),
        }
    }

    /// What the shell says of a program that is not there, or is none.
    fn absent(&mut self, name: &str, scope: &Scope, streams: Streams) -> Step {
        let found = if name.contains('/') { self.node.stat(name, true).ok() } else { None };
        let folder = found.is_some_and(|status| status.file_type() == FileType::Directory);
        let why = match scope.bash {
            true if folder => "Is a directory",
            _ if found.is_some() => "Permission denied",
            true if name.contains('/') => "No such file or directory",
            true => "command not found",
            false => "not found",
        };
        let line = if scope.bash { "line " } else { "" };
        let text = format!("{}: {line}{}: {name}: {why}\n", scope.name, scope.line);
        self.write(streams.err, text.as_bytes())?;
        Ok(if found.is_some() { 126 } else { 127 })
    }

    /// Runs a program of ours, of the caller's or a script of the node's; None where there is none
    /// of that name.
    pub(crate) fn program(
        &mut self,
        name: &str,
        args: &[String],
        streams: Streams,
    ) -> Result<Option<u8>, Stop> {
        self.spend(1000)?;
        let line = std::iter::once(name.to_owned()).chain(args.iter().cloned());
        self.running.push(line.collect());
        let short = utility::short_name(name);
        let done = match utility::find(short) {
            Some(utility) => utility(args, &mut Io { shell: self, streams, name }).map(Some),
            None => self.answered(short, args, streams),
        };
        self.running.pop();
        match done? {
            Some(status) => Ok(Some(status)),
            None => self.of_node(name, args, streams),
        }
    }

    /// A program that only the node has.
    fn of_node(
        &mut self,
        name: &str,
        args: &[String],
        streams: Streams,
    ) -> Result<Option<u8>, Stop> {
        if !utility::is_on_node(&self.node, name) {
            return Ok(None);
        }
        if let Some(status) = self.script_program(name, args, streams)? {
            return Ok(Some(status));
        }
        if let Some(utility) = utility::find_optional(utility::short_name(name)) {
            return utility(args, &mut Io { shell: self, streams, name }).map(Some);
        }
        Err(Stop::NotRun(format!("it needs `{name}`")))
    }

    fn answered(
        &mut self,
        name: &str,
        args: &[String],
        streams: Streams,
    ) -> Result<Option<u8>, Stop> {
        let reads = self.commands.reads_input(name);
        let input = if reads { self.input(streams) } else { Vec::new() };
        let answer = match self.commands.run(name, args, &input) {
            Some(answer) => answer,
            // jq says the same without a cluster, where it is asked of something else.
            None if reads && utility::is_on_node(&self.node, name) => answered::jq(args, &input),
            None => return Ok(None),
        };
        self.printed(&answer.map_err(Stop::NotRun)?, streams).map(Some)
    }

    fn printed(&mut self, answer: &Output, streams: Streams) -> Step {
        self.write(streams.err, &answer.stderr)?;
        self.write(streams.out, &answer.stdout)?;
        Ok(answer.status)
    }
}

impl<'a> Io<'_, 'a> {
    /// Prints.
    pub(crate) fn out(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), Stop> {
        self.shell.write(self.streams.out, bytes.as_ref())
    }

    /// Complains: a program names itself as it was called, but for two.
    pub(crate) fn err(&mut self, text: &str) -> Result<(), Stop> {
        let short = utility::short_name(self.name);
        let own = matches!(short, "awk" | "mawk" | "ps") || short == self.name;
        let Some(rest) = text.strip_prefix(short).filter(|rest| !own && rest.starts_with(": "))
        else {
            return self.shell.write(self.streams.err, text.as_bytes());
        };
        let named = format!("{}{rest}", self.name);
        let (own, full) = (format!("Try '{short} --help'"), format!("Try '{} --help'", self.name));
        let named = if short == "grep" { named } else { named.replace(&own, &full) };
        self.shell.write(self.streams.err, named.as_bytes())
    }

    /// All that is left of the standard input.
    pub(crate) fn input(&mut self) -> Vec<u8> {
        self.shell.input(self.streams)
    }

    /// The node.
    pub(crate) fn node(&self) -> &dyn Node {
        &self.shell.node
    }

    /// Takes from what may still be done.
    pub(crate) fn spend(&mut self, amount: usize) -> Result<(), Stop> {
        self.shell.spend(amount)
    }

    /// A file's content.
    pub(crate) fn read(&mut self, path: &str) -> Result<Result<Vec<u8>, String>, Stop> {
        if path == "-" {
            return Ok(Ok(self.input()));
        }
        self.shell.read_file(path)
    }

    /// Runs another program on the same streams, with nothing to read; None where there is none.
    pub(crate) fn start(&mut self, name: &str, args: &[String]) -> Result<Option<u8>, Stop> {
        let streams = Streams { input: None, ..self.streams };
        if let Some(bash) = utility::shell_of(name) {
            return self.shell.deeper(|s| s.nested(name, bash, args, streams)).map(Some);
        }
        let mut found = None;
        self.shell.deeper(|shell| {
            found = shell.program(name, args, streams)?;
            Ok(0)
        })?;
        Ok(found)
    }
}
