//! Shells within the shell: `sh -c`, a script by its file, a program of the node that is a script.

use std::collections::BTreeMap;

use super::bound::LONGEST;
use super::run::{Shell, Step, Stop};
use super::scope::Scope;
use super::stream::Streams;
use crate::node::Node as _;
use crate::utility;

impl Shell<'_> {
    /// `sh [OPTION…] [-c SCRIPT [NAME [ARGUMENT…]] | FILE [ARGUMENT…]]`.
    pub(super) fn nested(
        &mut self,
        name: &str,
        bash: bool,
        args: &[String],
        streams: Streams,
    ) -> Step {
        let mut scope = self.inherited(name, bash);
        let mut rest = args.iter();
        let (mut given, mut typed) = (false, false);
        let mut operands: Vec<String> = Vec::new();
        while let Some(arg) = rest.next() {
            let letters = arg.strip_prefix('-').filter(|letters| !letters.is_empty());
            let Some(letters) = letters else {
                operands.push(arg.clone());
                break;
            };
            if arg == "--" {
                break;
            }
            for letter in letters.chars() {
                match letter {
                    'c' => given = true,
                    's' => typed = true,
                    'o' => scope.option(rest.next().map_or("", String::as_str), name)?,
                    letter => scope.letter(letter, name)?,
                }
            }
        }
        operands.extend(rest.cloned());
        let mut operands = operands.into_iter();
        let text = match if typed && !given { None } else { operands.next() } {
            Some(script) if given => {
                if let Some(name) = operands.next() {
                    scope.name = name;
                }
                script
            }
            None if given => {
                return Err(Stop::NotRun(format!("it starts `{name}` without a script")));
            }
            Some(file) => match self.script_of(&file)? {
                Some(text) => {
                    scope.name = file;
                    text
                }
                None => return self.no_script(name, bash, &file, streams),
            },
            None => String::from_utf8_lossy(&self.input(streams)).into_owned(),
        };
        scope.positional = operands.collect();
        let line = std::iter::once(name.to_owned()).chain(args.iter().cloned());
        self.own_script(&text, scope, line.collect(), streams)
    }

    /// A program of the node that is a script of a shell; None where it is none.
    pub(super) fn script_program(
        &mut self,
        name: &str,
        args: &[String],
        streams: Streams,
    ) -> Result<Option<u8>, Stop> {
        let Some(path) = utility::path_on_node(&self.node, name) else { return Ok(None) };
        let large = self.node.stat(&path, true).is_ok_and(|status| status.size > LONGEST as u64);
        let text = if large { None } else { self.script_of(&path)? };
        let Some(text) = text else { return Ok(None) };
        let Some(first) = text.lines().next().and_then(|line| line.strip_prefix("#!")) else {
            return Ok(None);
        };
        let mut words = first.split_whitespace().peekable();
        if words.peek().is_some_and(|word| utility::short_name(word) == "env") {
            words.next();
        }
        let Some((shell, bash)) = words.next().and_then(|w| Some((w, utility::shell_of(w)?)))
        else {
            return Ok(None);
        };
        let mut scope = self.inherited(&path, bash);
        for letter in words.flat_map(|word| word.strip_prefix('-').unwrap_or("?").chars()) {
            scope.letter(letter, shell)?;
        }
        scope.positional = args.to_vec();
        let line = [shell.to_owned(), path].into_iter().chain(args.iter().cloned());
        match self.own_script(&text, scope, line.collect(), streams) {
            Err(Stop::NotRun(why)) => Err(Stop::NotRun(format!("it needs `{name}`, and {why}"))),
            done => done.map(Some),
        }
    }

    /// Runs a script as a process of its own would.
    fn own_script(
        &mut self,
        text: &str,
        mut scope: Scope,
        line: Vec<String>,
        streams: Streams,
    ) -> Step {
        let node = self.node.clone();
        self.running.push(line);
        let done = self.deeper(|shell| shell.text(text, &mut scope, streams));
        let done = self.ended(done, &mut scope, streams);
        self.running.pop();
        self.node = node;
        done
    }

    /// What a new shell begins with.
    fn inherited(&self, name: &str, bash: bool) -> Scope {
        let mut scope = Scope::new(name, bash);
        for (variable, value) in &self.environment {
            scope.exported.insert(variable.clone(), ());
            scope.variables.insert(variable.clone(), value.clone());
        }
        scope.variables.insert("PWD".to_owned(), self.node.folder().to_owned());
        scope
    }

    fn script_of(&mut self, path: &str) -> Result<Option<String>, Stop> {
        let read = self.read_file(path)?;
        Ok(read.ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn no_script(&mut self, name: &str, bash: bool, file: &str, streams: Streams) -> Step {
        let (text, status) = match bash {
            true => (format!("{name}: {file}: No such file or directory\n"), 127),
            false => (format!("{name}: 0: cannot open {file}: No such file\n"), 2),
        };
        self.write(streams.err, text.as_bytes())?;
        Ok(status)
    }
}

impl Scope {
    /// An option by its letter, as a shell is started with it.
    fn letter(&mut self, letter: char, shell: &str) -> Result<(), Stop> {
        match letter {
            'e' => self.errexit = true,
            'u' => self.nounset = true,
            'f' => self.noglob = true,
            'E' if self.bash => self.errtrace = true,
            letter => return Err(Stop::NotRun(format!("it starts `{shell} -{letter}`"))),
        }
        Ok(())
    }

    /// An option by its name, as a shell is started with it.
    fn option(&mut self, option: &str, shell: &str) -> Result<(), Stop> {
        match option {
            "errexit" => self.errexit = true,
            "nounset" => self.nounset = true,
            "noglob" => self.noglob = true,
            "pipefail" if self.bash => self.pipefail = true,
            option => return Err(Stop::NotRun(format!("it starts `{shell} -o {option}`"))),
        }
        Ok(())
    }

    /// What programs that it starts get of its variables.
    pub(super) fn environment(&self) -> BTreeMap<String, String> {
        let value = |name: &String| Some((name.clone(), self.variables.get(name)?.clone()));
        self.exported.keys().filter_map(value).collect()
    }
}
