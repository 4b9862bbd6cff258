//! Runs a script's tree.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use super::parse::Parser;
use super::syntax::{AndOr, Command, Join, Kind, List, Pipeline, Place, Redirect, Syntax, Word};
use crate::node::{Commands, Node, Output};
use crate::utility;

/// What a script leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finished {
    /// Standard output and standard error, as they came.
    pub output: Vec<u8>,
    /// The exit status.
    pub status: u8,
}

/// Why a script was not run to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRun(pub String);

impl fmt::Display for NotRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How much one script may do.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Steps: commands, and bytes gone through.
    pub steps: u64,
    /// Bytes held at once.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 200_000_000, bytes: 64 << 20 }
    }
}

/// The longest script that is read.
const LONGEST: usize = 64 << 10;

/// How deep subshells, functions and scripts may nest.
const MOST_DEPTH: u32 = 32;

/// What ends a run before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Break(u32),
    Continue(u32),
    Return(u8),
    Exit(u8),
    NotRun(String),
}

pub(crate) type Step = Result<u8, Stop>;

/// Where a stream goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sink {
    Nowhere,
    Buffer(usize),
}

/// The three streams.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Streams {
    pub(super) input: Option<usize>,
    pub(super) out: Sink,
    pub(super) err: Sink,
}

/// What a subshell has of its own.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(super) variables: BTreeMap<String, String>,
    pub(super) exported: BTreeMap<String, ()>,
    pub(super) functions: BTreeMap<String, Rc<Command>>,
    pub(super) positional: Vec<String>,
    /// What errors begin with.
    pub(super) name: String,
    pub(super) status: u8,
    /// The status of the last substitution of the present command.
    pub(super) substituted: Option<u8>,
    pub(super) errexit: bool,
    pub(super) nounset: bool,
    pub(super) noglob: bool,
    pub(super) bash: bool,
    pub(super) line: u32,
    /// Whether a failure is looked at, so that `set -e` does not end the script.
    pub(super) tested: u32,
}

/// A shell and all that it started.
pub(crate) struct Shell<'a> {
    pub(crate) node: &'a dyn Node,
    commands: &'a dyn Commands,
    limits: Limits,
    held: usize,
    buffers: Vec<Vec<u8>>,
    inputs: Vec<(Vec<u8>, usize)>,
    /// The command lines that `ps` would see of us, beside those of the node.
    pub(crate) running: Vec<Vec<String>>,
    depth: u32,
}

/// The streams of one utility.
pub(crate) struct Io<'s, 'a> {
    pub(crate) shell: &'s mut Shell<'a>,
    streams: Streams,
}

pub(super) fn script(
    text: &str,
    node: &dyn Node,
    commands: &dyn Commands,
    limits: Limits,
) -> Result<Finished, NotRun> {
    let mut shell = Shell {
        node,
        commands,
        limits,
        held: 0,
        buffers: vec![Vec::new()],
        inputs: Vec::new(),
        running: vec![vec!["/bin/sh".to_owned()]],
        depth: 0,
    };
    let mut scope = Scope::new("/bin/sh", false);
    let merged = Sink::Buffer(0);
    let streams = Streams { input: None, out: merged, err: merged };
    let status = match shell.text(text, &mut scope, streams) {
        Ok(status) | Err(Stop::Exit(status) | Stop::Return(status)) => status,
        Err(Stop::NotRun(reason)) => return Err(NotRun(reason)),
        Err(Stop::Break(_) | Stop::Continue(_)) => 0,
    };
    let output = shell.buffers.into_iter().next().unwrap_or_default();
    Ok(Finished { output, status })
}

impl Scope {
    fn new(name: &str, bash: bool) -> Self {
        let path = utility::PATH.join(":");
        let variables =
            [("PATH", path.as_str()), ("IFS", " \t\n"), ("PWD", "/"), ("HOME", "/root")];
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self {
            variables: variables.into_iter().map(own).collect(),
            exported: BTreeMap::new(),
            functions: BTreeMap::new(),
            positional: Vec::new(),
            name: name.to_owned(),
            status: 0,
            substituted: None,
            errexit: false,
            nounset: false,
            noglob: false,
            bash,
            line: 1,
            tested: 0,
        }
    }
}

impl<'a> Shell<'a> {
    /// Takes `amount` from what may still be done.
    pub(crate) fn spend(&mut self, amount: usize) -> Result<(), Stop> {
        let amount = u64::try_from(amount).unwrap_or(u64::MAX);
        match self.limits.steps.checked_sub(amount) {
            Some(left) => {
                self.limits.steps = left;
                Ok(())
            }
            None => Err(Stop::NotRun("it does more steps than are allowed".to_owned())),
        }
    }

    fn hold(&mut self, bytes: usize) -> Result<(), Stop> {
        self.held += bytes;
        if self.held > self.limits.bytes {
            return Err(Stop::NotRun("it prints more than is allowed".to_owned()));
        }
        Ok(())
    }

    /// Runs the text of a script.
    pub(super) fn text(&mut self, text: &str, scope: &mut Scope, streams: Streams) -> Step {
        if text.len() > LONGEST {
            return Err(Stop::NotRun(format!("it is longer than {LONGEST} bytes")));
        }
        self.spend(text.len())?;
        let mut parser = Parser::new(text, 0);
        loop {
            match parser.complete_command() {
                Ok(Some(list)) => {
                    self.list(&list, scope, streams)?;
                }
                Ok(None) => return Ok(scope.status),
                Err(error) => return self.refuse(&error, scope, streams),
            }
        }
    }

    /// Says what is wrong with the script, as the shell does, and ends it.
    pub(super) fn refuse(&mut self, error: &Syntax, scope: &Scope, streams: Streams) -> Step {
        match error {
            Syntax::Unknown(what) => Err(Stop::NotRun(format!("it uses {what}"))),
            Syntax::Refused { .. } if scope.bash => {
                Err(Stop::NotRun("bash would not read it as dash does".to_owned()))
            }
            Syntax::Refused { line, message } => {
                let text = format!("{}: {line}: {message}\n", scope.name);
                self.write(streams.err, text.as_bytes())?;
                Err(Stop::Exit(2))
            }
        }
    }

    pub(super) fn list(&mut self, list: &List, scope: &mut Scope, streams: Streams) -> Step {
        for item in list {
            scope.status = self.and_or(item, scope, streams)?;
        }
        Ok(scope.status)
    }

    fn and_or(&mut self, item: &AndOr, scope: &mut Scope, streams: Streams) -> Step {
        let tested = u32::from(!item.rest.is_empty());
        scope.tested += tested;
        let mut status = self.pipeline(&item.first, scope, streams);
        scope.tested -= tested;
        let count = item.rest.len();
        for (at, (join, pipeline)) in item.rest.iter().enumerate() {
            let so_far = status?;
            scope.status = so_far;
            if (so_far == 0) != (*join == Join::And) {
                status = Ok(so_far);
                continue;
            }
            let tested = u32::from(at + 1 < count);
            scope.tested += tested;
            status = self.pipeline(pipeline, scope, streams);
            scope.tested -= tested;
        }
        status
    }

    fn pipeline(&mut self, pipeline: &Pipeline, scope: &mut Scope, streams: Streams) -> Step {
        scope.tested += u32::from(pipeline.negated);
        let done = match pipeline.commands.as_slice() {
            [command] => self.command(command, scope, streams),
            commands => self.piped(commands, scope, streams),
        };
        scope.tested -= u32::from(pipeline.negated);
        let mut status = done?;
        if pipeline.negated {
            status = u8::from(status == 0);
        } else if status != 0 && scope.errexit && scope.tested == 0 {
            return Err(Stop::Exit(status));
        }
        scope.status = status;
        Ok(status)
    }

    /// Each command in a shell of its own, one after the other: each reads all that the one before
    /// it printed.
    fn piped(&mut self, commands: &[Command], scope: &Scope, streams: Streams) -> Step {
        let (seen, read) = (self.running.len(), self.inputs.len());
        for command in commands.iter().skip(1) {
            let line = self.command_line(command, scope);
            self.running.push(line);
        }
        let mut input = streams.input;
        let mut status = 0;
        let last = commands.len().saturating_sub(1);
        for (at, command) in commands.iter().enumerate() {
            let mut own = streams;
            own.input = input;
            let buffer = self.buffers.len();
            if at < last {
                self.buffers.push(Vec::new());
                own.out = Sink::Buffer(buffer);
            }
            let mut inner = scope.clone();
            inner.tested += 1;
            status = Self::ended(self.command(command, &mut inner, own))?;
            if at < last {
                let text = self.take(buffer);
                input = Some(self.inputs.len());
                self.inputs.push((text, 0));
            }
        }
        self.running.truncate(seen);
        self.forget_inputs(read);
        Ok(status)
    }

    /// Lets go of what was read by commands that have ended.
    fn forget_inputs(&mut self, kept: usize) {
        let gone: usize = self.inputs.drain(kept..).map(|(text, _)| text.len()).sum();
        self.held = self.held.saturating_sub(gone);
    }

    /// What `ps` would show of a command of a pipeline that waits for its input.
    fn command_line(&mut self, command: &Command, scope: &Scope) -> Vec<String> {
        let shell = vec![scope.name.clone()];
        let Kind::Simple { words, .. } = &command.kind else { return shell };
        let plain = |word: &Word| super::expand::without_running(word, scope);
        let line: Option<Vec<String>> = words.iter().map(plain).collect();
        line.filter(|line| !line.is_empty()).unwrap_or(shell)
    }

    /// What is left of a subshell that ended.
    fn ended(step: Step) -> Step {
        match step {
            Err(Stop::Exit(status) | Stop::Return(status)) => Ok(status),
            Err(Stop::Break(_) | Stop::Continue(_)) => Ok(0),
            other => other,
        }
    }

    /// What a script prints in a subshell.
    pub(super) fn captured(
        &mut self,
        lists: &[List],
        scope: &Scope,
        streams: Streams,
    ) -> Result<(Vec<u8>, u8), Stop> {
        let buffer = self.buffers.len();
        self.buffers.push(Vec::new());
        let own = Streams { out: Sink::Buffer(buffer), ..streams };
        let mut inner = scope.clone();
        self.running.push(vec![scope.name.clone()]);
        let mut status = Ok(0);
        for list in lists {
            status = self.deeper(|shell| shell.list(list, &mut inner, own));
            if status.is_err() {
                break;
            }
        }
        self.running.pop();
        let status = Self::ended(status)?;
        let text = self.take(buffer);
        self.held = self.held.saturating_sub(text.len());
        Ok((text, status))
    }

    fn take(&mut self, buffer: usize) -> Vec<u8> {
        let text = self.buffers.get_mut(buffer).map(std::mem::take).unwrap_or_default();
        self.buffers.truncate(buffer);
        text
    }

    pub(super) fn deeper(&mut self, run: impl FnOnce(&mut Self) -> Step) -> Step {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            let bound = format!("it nests deeper than {MOST_DEPTH} shells");
            return Err(Stop::NotRun(bound));
        }
        let done = run(self);
        self.depth -= 1;
        done
    }

    pub(super) fn command(
        &mut self,
        command: &Command,
        scope: &mut Scope,
        streams: Streams,
    ) -> Step {
        self.spend(100)?;
        scope.line = command.line;
        let read = self.inputs.len();
        let done = match &command.kind {
            Kind::Simple { assignments, words } => {
                self.simple(assignments, words, &command.redirects, scope, streams)
            }
            kind => match self.redirected(&command.redirects, scope, streams)? {
                Some(own) => self.compound(kind, scope, own),
                None => Ok(2),
            },
        };
        self.forget_inputs(read);
        done
    }

    fn compound(&mut self, kind: &Kind, scope: &mut Scope, streams: Streams) -> Step {
        match kind {
            Kind::Simple { .. } => Ok(0),
            Kind::Group(list) => self.deeper(|shell| shell.list(list, scope, streams)),
            Kind::Subshell(list) => {
                let mut inner = scope.clone();
                self.running.push(vec![scope.name.clone()]);
                let done = self.deeper(|shell| shell.list(list, &mut inner, streams));
                self.running.pop();
                Self::ended(done)
            }
            Kind::If { arms, otherwise } => {
                for (condition, then) in arms {
                    if self.tested(condition, scope, streams)? == 0 {
                        return self.list(then, scope, streams);
                    }
                }
                scope.status = 0;
                self.list(otherwise, scope, streams)
            }
            Kind::For { name, words, body } => {
                self.each(name, words.as_ref(), body, scope, streams)
            }
            Kind::While { until, condition, body } => {
                self.while_loop(*until, condition, body, scope, streams)
            }
            Kind::Case { word, arms } => {
                let text = self.expand_one(word, scope, streams)?;
                scope.status = 0;
                for (patterns, list) in arms {
                    for pattern in patterns {
                        if self.expand_pattern(pattern, scope, streams)?.matches(&text) {
                            return self.list(list, scope, streams);
                        }
                    }
                }
                Ok(0)
            }
            Kind::Function { name, body } => {
                scope.functions.insert(name.clone(), Rc::new((**body).clone()));
                Ok(0)
            }
        }
    }

    fn tested(&mut self, condition: &List, scope: &mut Scope, streams: Streams) -> Step {
        scope.tested += 1;
        let done = self.list(condition, scope, streams);
        scope.tested -= 1;
        done
    }

    fn each(
        &mut self,
        name: &str,
        words: Option<&Vec<Word>>,
        body: &List,
        scope: &mut Scope,
        streams: Streams,
    ) -> Step {
        let values = match words {
            Some(words) => self.expand_all(words, scope, streams)?,
            None => scope.positional.clone(),
        };
        let mut status = 0;
        for value in values {
            self.spend(100)?;
            scope.variables.insert(name.to_owned(), value);
            match turn(self.list(body, scope, streams))? {
                Turn::On(last) => status = last,
                Turn::Out => return Ok(0),
            }
        }
        Ok(status)
    }

    fn while_loop(
        &mut self,
        until: bool,
        condition: &List,
        body: &List,
        scope: &mut Scope,
        streams: Streams,
    ) -> Step {
        let mut status = 0;
        loop {
            self.spend(100)?;
            let asked = match turn(self.tested(condition, scope, streams))? {
                Turn::On(asked) => asked,
                Turn::Out => return Ok(0),
            };
            if (asked == 0) == until {
                return Ok(status);
            }
            match turn(self.list(body, scope, streams))? {
                Turn::On(last) => status = last,
                Turn::Out => return Ok(0),
            }
        }
    }

    /// The streams behind redirections; None where one cannot be opened, which was said.
    fn redirected(
        &mut self,
        redirects: &[Redirect],
        scope: &mut Scope,
        streams: Streams,
    ) -> Result<Option<Streams>, Stop> {
        let mut own = streams;
        for redirect in redirects {
            match &redirect.to {
                Place::Text(word) => {
                    let text = self.expand_one(word, scope, streams)?;
                    own.input = Some(self.inputs.len());
                    self.hold(text.len())?;
                    self.inputs.push((text.into_bytes(), 0));
                }
                Place::Read(word) => {
                    let path = self.expand_one(word, scope, streams)?;
                    match self.read_file(&path)? {
                        Ok(text) => {
                            self.hold(text.len())?;
                            own.input = Some(self.inputs.len());
                            self.inputs.push((text, 0));
                        }
                        Err(why) => {
                            let why = match why.as_str() {
                                "No such file or directory" => "No such file",
                                why => why,
                            };
                            let name = &scope.name;
                            let line = scope.line;
                            let text = format!("{name}: {line}: cannot open {path}: {why}\n");
                            self.write(own.err, text.as_bytes())?;
                            return Ok(None);
                        }
                    }
                }
                Place::Write(word) => {
                    let path = self.expand_one(word, scope, streams)?;
                    let to = match path.as_str() {
                        "/dev/null" => Sink::Nowhere,
                        "/dev/stdout" => own.out,
                        "/dev/stderr" => own.err,
                        _ => return Err(Stop::NotRun(format!("it writes to `{path}`"))),
                    };
                    own.set(redirect.stream, to);
                }
                Place::Stream(word) => {
                    let text = self.expand_one(word, scope, streams)?;
                    match (redirect.stream, text.as_str()) {
                        (0, "0") => {}
                        (0, "-") => own.input = None,
                        (stream, "1") => own.set(stream, own.out),
                        (stream, "2") => own.set(stream, own.err),
                        (stream, "-") => own.set(stream, Sink::Nowhere),
                        _ => return Err(Stop::NotRun(format!("it uses the stream `{text}`"))),
                    }
                }
            }
        }
        Ok(Some(own))
    }

    fn simple(
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
            return Ok(2);
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
            before.push((variable.clone(), scope.variables.insert(variable.clone(), value)));
        }
        let done = self.called(name, rest, scope, own);
        for (variable, value) in before {
            match value {
                Some(value) => scope.variables.insert(variable, value),
                None => scope.variables.remove(&variable),
            };
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
            let done = self.deeper(|shell| shell.command(&body, scope, streams));
            scope.positional = outer;
            return match done {
                Err(Stop::Return(status)) => Ok(status),
                other => other,
            };
        }
        if let Some(done) = self.builtin(name, args, scope, streams) {
            return done;
        }
        let nested = utility::shell_of(name);
        if let Some(bash) = nested {
            return self.nested(name, bash, args, streams);
        }
        match self.program(name, args, streams)? {
            Some(status) => Ok(status),
            None => self.absent(name, scope, streams),
        }
    }

    /// A program that the node may have and we have not.
    fn absent(&mut self, name: &str, scope: &Scope, streams: Streams) -> Step {
        if utility::is_on_node(self.node, name) {
            return Err(Stop::NotRun(format!("it needs `{name}`")));
        }
        let (text, status) = match scope.bash {
            true if name.contains('/') => (
                format!("{}: line {}: {name}: No such file or directory\n", scope.name, scope.line),
                127,
            ),
            true => {
                (format!("{}: line {}: {name}: command not found\n", scope.name, scope.line), 127)
            }
            false => (format!("{}: {}: {name}: not found\n", scope.name, scope.line), 127),
        };
        self.write(streams.err, text.as_bytes())?;
        Ok(status)
    }

    /// Runs a program of ours or of the caller's; None where there is none of that name.
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
            Some(utility) => utility(args, &mut Io { shell: self, streams }).map(Some),
            None => self.answered(short, args, streams),
        };
        self.running.pop();
        done
    }

    fn answered(
        &mut self,
        name: &str,
        args: &[String],
        streams: Streams,
    ) -> Result<Option<u8>, Stop> {
        let reads = self.commands.reads_input(name);
        let input = if reads { self.input(streams) } else { Vec::new() };
        let Some(answer) = self.commands.run(name, args, &input) else { return Ok(None) };
        let Output { stdout, stderr, status } = answer.map_err(Stop::NotRun)?;
        self.write(streams.err, &stderr)?;
        self.write(streams.out, &stdout)?;
        Ok(Some(status))
    }

    /// `sh -c SCRIPT [NAME [ARGUMENT…]]`.
    fn nested(&mut self, name: &str, bash: bool, args: &[String], streams: Streams) -> Step {
        let mut scope = Scope::new(name, bash);
        let mut rest = args.iter();
        let mut script = None;
        while let Some(arg) = rest.next() {
            match arg.as_str() {
                "-c" => {
                    script = rest.next().cloned();
                    break;
                }
                "-e" => scope.errexit = true,
                "-u" => scope.nounset = true,
                "-ec" | "-ce" => {
                    scope.errexit = true;
                    script = rest.next().cloned();
                    break;
                }
                other => {
                    return Err(Stop::NotRun(format!("it starts a shell with `{other}`")));
                }
            }
        }
        let text = match script {
            Some(text) => text,
            None => String::from_utf8_lossy(&self.input(streams)).into_owned(),
        };
        if let Some(name) = rest.next() {
            scope.name.clone_from(name);
        }
        scope.positional = rest.cloned().collect();
        let line = std::iter::once(name.to_owned()).chain(args.iter().cloned());
        self.running.push(line.collect());
        let done = self.deeper(|shell| shell.text(&text, &mut scope, streams));
        self.running.pop();
        Self::ended(done)
    }

    /// What is left of the standard input.
    pub(super) fn input(&mut self, streams: Streams) -> Vec<u8> {
        let Some(input) = streams.input.and_then(|at| self.inputs.get_mut(at)) else {
            return Vec::new();
        };
        let from = std::mem::replace(&mut input.1, input.0.len());
        input.0.get(from..).unwrap_or_default().to_vec()
    }

    /// The next line of the standard input, and whether it had an end.
    pub(super) fn input_line(&mut self, streams: Streams) -> Option<(Vec<u8>, bool)> {
        let (bytes, at) = streams.input.and_then(|at| self.inputs.get_mut(at))?;
        let rest = bytes.get(*at..).filter(|rest| !rest.is_empty())?;
        let end = rest.iter().position(|byte| *byte == b'\n');
        let line = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default().to_vec();
        *at += line.len() + usize::from(end.is_some());
        Some((line, end.is_some()))
    }

    pub(super) fn write(&mut self, to: Sink, bytes: &[u8]) -> Result<(), Stop> {
        self.spend(bytes.len())?;
        if let Sink::Buffer(at) = to
            && let Some(buffer) = self.buffers.get_mut(at)
        {
            buffer.extend_from_slice(bytes);
            self.hold(bytes.len())?;
        }
        Ok(())
    }

    /// A file's content, or why there is none, as the C library says it.
    pub(crate) fn read_file(&mut self, path: &str) -> Result<Result<Vec<u8>, String>, Stop> {
        if path == "/dev/null" {
            return Ok(Ok(Vec::new()));
        }
        self.spend(1000)?;
        let read = self.node.read(path);
        if let Ok(bytes) = &read {
            self.spend(bytes.len())?;
        }
        if read == Err(crate::Refusal::TooLarge) {
            return Err(Stop::NotRun(format!("`{path}` is larger than is read")));
        }
        Ok(read.map_err(|refusal| refusal.to_string()))
    }
}

enum Turn {
    On(u8),
    Out,
}

/// What a turn of a loop came to.
fn turn(step: Step) -> Result<Turn, Stop> {
    match step {
        Ok(status) => Ok(Turn::On(status)),
        Err(Stop::Break(0 | 1)) => Ok(Turn::Out),
        Err(Stop::Break(more)) => Err(Stop::Break(more - 1)),
        Err(Stop::Continue(0 | 1)) => Ok(Turn::On(0)),
        Err(Stop::Continue(more)) => Err(Stop::Continue(more - 1)),
        Err(other) => Err(other),
    }
}

impl Streams {
    fn set(&mut self, stream: u8, to: Sink) {
        match stream {
            1 => self.out = to,
            2 => self.err = to,
            _ => {}
        }
    }
}

impl<'a> Io<'_, 'a> {
    /// Prints.
    pub(crate) fn out(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), Stop> {
        self.shell.write(self.streams.out, bytes.as_ref())
    }

    /// Complains.
    pub(crate) fn err(&mut self, text: impl AsRef<[u8]>) -> Result<(), Stop> {
        self.shell.write(self.streams.err, text.as_ref())
    }

    /// All that is left of the standard input.
    pub(crate) fn input(&mut self) -> Vec<u8> {
        self.shell.input(self.streams)
    }

    /// The node.
    pub(crate) fn node(&self) -> &'a dyn Node {
        self.shell.node
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
        if found.is_none() && utility::is_on_node(self.shell.node, name) {
            return Err(Stop::NotRun(format!("it needs `{name}`")));
        }
        Ok(found)
    }
}

impl fmt::Debug for Shell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shell").field("depth", &self.depth).finish_non_exhaustive()
    }
}
