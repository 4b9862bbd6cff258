//! Runs a script's tree.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use super::bound::{Finished, LONGEST, Limits, NotRun};
use super::parse::Parser;
use super::scope::Scope;
use super::stream::{Sink, Streams};
use super::syntax::{AndOr, Command, Join, Kind, List, Pipeline, Syntax, Word};
use crate::node::{Commands, Node};
use crate::view::View;

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

/// A shell and all that it started.
pub(crate) struct Shell<'a> {
    pub(crate) node: View<'a>,
    pub(super) commands: &'a dyn Commands,
    pub(super) limits: Limits,
    pub(super) held: usize,
    pub(super) buffers: Vec<Vec<u8>>,
    pub(super) inputs: Vec<(Vec<u8>, usize)>,
    /// The command lines that `ps` would see of us, beside those of the node.
    pub(crate) running: Vec<Vec<String>>,
    pub(super) depth: u32,
    /// The variables that programs get.
    pub(super) environment: BTreeMap<String, String>,
}

pub(super) fn script(
    text: &str,
    node: &dyn Node,
    commands: &dyn Commands,
    limits: Limits,
) -> Result<Finished, NotRun> {
    let mut shell = Shell {
        node: View::new(node),
        commands,
        limits,
        held: 0,
        buffers: vec![Vec::new()],
        inputs: Vec::new(),
        running: vec![vec!["/bin/sh".to_owned()]],
        depth: 0,
        environment: BTreeMap::new(),
    };
    let mut scope = Scope::new("/bin/sh", false);
    let merged = Sink::Buffer(0);
    let streams = Streams { input: None, out: merged, err: merged };
    let done = shell.text(text, &mut scope, streams);
    let status = match shell.ended(done, &mut scope, streams) {
        Err(Stop::NotRun(reason)) => return Err(NotRun(reason)),
        done => done.unwrap_or_default(),
    };
    let output = shell.buffers.into_iter().next().unwrap_or_default();
    Ok(Finished { output, status })
}

impl Shell<'_> {
    /// Runs the text of a script.
    pub(super) fn text(&mut self, text: &str, scope: &mut Scope, streams: Streams) -> Step {
        if text.len() > LONGEST {
            return Err(Stop::NotRun(format!("it is longer than {LONGEST} bytes")));
        }
        self.spend(text.len())?;
        let mut parser = Parser::new(text, 0, scope.bash);
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
        } else if status != 0 && scope.tested == 0 {
            // What fails within a compound command was told of there.
            if !matches!(pipeline.commands.as_slice(), [one] if one.kind.is_compound()) {
                self.failed(status, scope, streams)?;
            }
            if scope.errexit {
                return Err(Stop::Exit(status));
            }
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
            let done = self.apart(scope, own, |shell, inner| shell.command(command, inner, own))?;
            status = match scope.pipefail {
                true if done == 0 => status,
                _ => done,
            };
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

    /// What `ps` would show of a command of a pipeline that waits for its input.
    fn command_line(&mut self, command: &Command, scope: &Scope) -> Vec<String> {
        let shell = vec![scope.name.clone()];
        let Kind::Simple { words, .. } = &command.kind else { return shell };
        let plain = |word: &Word| super::expand::without_running(word, scope);
        let line: Option<Vec<String>> = words.iter().map(plain).collect();
        line.filter(|line| !line.is_empty()).unwrap_or(shell)
    }

    /// Runs something in a shell of its own, of which only what it printed and its status are left.
    pub(super) fn apart(
        &mut self,
        scope: &Scope,
        streams: Streams,
        run: impl FnOnce(&mut Self, &mut Scope) -> Step,
    ) -> Step {
        let node = self.node.clone();
        let mut inner = scope.subshell();
        let done = run(self, &mut inner);
        let done = self.ended(done, &mut inner, streams);
        self.node = node;
        done
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
        self.running.push(vec![scope.name.clone()]);
        let status = self.apart(scope, own, |shell, inner| {
            lists.iter().try_fold(0, |_, list| shell.deeper(|shell| shell.list(list, inner, own)))
        })?;
        self.running.pop();
        let text = self.take(buffer);
        self.held = self.held.saturating_sub(text.len());
        Ok((text, status))
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
                None => Ok(scope.unopened()),
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
                self.running.push(vec![scope.name.clone()]);
                let done = self.apart(scope, streams, |shell, inner| {
                    shell.deeper(|shell| shell.list(list, inner, streams))
                });
                self.running.pop();
                done
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
            Kind::Condition(condition) => self.bracket(condition, scope, streams),
            Kind::Arithmetic(word) => {
                let text = self.expand_one(word, scope, streams)?;
                match super::arithmetic::evaluate(&text, &mut scope.variables) {
                    Ok(value) => Ok(u8::from(value == 0)),
                    Err(_) => Err(Stop::NotRun("a number that bash refuses".to_owned())),
                }
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

impl fmt::Debug for Shell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shell").field("depth", &self.depth).finish_non_exhaustive()
    }
}
