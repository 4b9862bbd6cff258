//! `trap`: what is run when a shell ends, and in bash when a command fails. Signals do not come here.

use std::collections::BTreeMap;

use super::run::{Shell, Step, Stop};
use super::scope::Scope;
use super::stream::Streams;

/// What a shell does at each occasion, by its number; an empty action ignores it.
pub(super) type Traps = BTreeMap<u8, String>;

/// The end of a shell.
const EXIT: u8 = 0;

/// A command's failure, which only bash tells of; behind all signals.
const ERR: u8 = 65;

/// The signals of Linux by their numbers, the first being 1.
const SIGNALS: [&str; 31] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
    "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
];

impl Shell<'_> {
    /// `trap [ACTION] OCCASION…`.
    pub(super) fn trap(&mut self, args: &[String], scope: &mut Scope, streams: Streams) -> Step {
        let args = args.strip_prefix(&["--".to_owned()]).unwrap_or(args);
        let (action, occasions) = match args {
            [] => return self.list_traps(scope, streams),
            [one] => ("-", std::slice::from_ref(one)),
            [action, rest @ ..] => (action.as_str(), rest),
        };
        if action.starts_with('-') && action != "-" {
            return Err(Stop::NotRun(format!("it uses `trap {action}`")));
        }
        for occasion in occasions {
            match number(occasion, scope.bash) {
                Some(number) if action == "-" => {
                    scope.traps.remove(&number);
                }
                Some(number) => {
                    scope.traps.insert(number, action.to_owned());
                }
                None if scope.bash => {
                    return Err(Stop::NotRun(format!("it uses `trap … {occasion}`")));
                }
                None => {
                    self.write(streams.err, format!("trap: {occasion}: bad trap\n").as_bytes())?;
                    return Ok(1);
                }
            }
        }
        Ok(0)
    }

    fn list_traps(&mut self, scope: &Scope, streams: Streams) -> Step {
        for (occasion, action) in &scope.traps {
            let name = match *occasion {
                EXIT => "EXIT".to_owned(),
                ERR => "ERR".to_owned(),
                signal => {
                    let name = SIGNALS.get(usize::from(signal) - 1).copied().unwrap_or_default();
                    format!("{}{name}", if scope.bash { "SIG" } else { "" })
                }
            };
            let action = action.replace('\'', "'\\''");
            let text = format!("trap -- '{action}' {name}\n");
            self.write(streams.out, text.as_bytes())?;
        }
        Ok(0)
    }

    /// The status of a shell that ended, after what it does at its end.
    pub(super) fn ended(&mut self, step: Step, scope: &mut Scope, streams: Streams) -> Step {
        let status = match step {
            Err(Stop::Exit(status) | Stop::Return(status)) | Ok(status) => status,
            Err(Stop::Break(_) | Stop::Continue(_)) => 0,
            Err(Stop::NotRun(why)) => return Err(Stop::NotRun(why)),
        };
        let Some(action) = scope.traps.remove(&EXIT) else { return Ok(status) };
        scope.status = status;
        match self.deeper(|shell| shell.text(&action, scope, streams)) {
            Err(Stop::Exit(status)) => Ok(status),
            Err(Stop::NotRun(why)) => Err(Stop::NotRun(why)),
            _ => Ok(status),
        }
    }

    /// What bash does where a command failed and nothing looks at that.
    pub(super) fn failed(
        &mut self,
        status: u8,
        scope: &mut Scope,
        streams: Streams,
    ) -> Result<(), Stop> {
        if !scope.bash {
            return Ok(());
        }
        let Some(action) = scope.traps.remove(&ERR) else { return Ok(()) };
        scope.status = status;
        self.deeper(|shell| shell.text(&action, scope, streams))?;
        scope.status = status;
        scope.traps.entry(ERR).or_insert(action);
        Ok(())
    }
}

impl Scope {
    /// What a shell of its own begins with: what is ignored stays so, all else is forgotten.
    pub(super) fn subshell(&self) -> Self {
        let mut inner = self.clone();
        let kept =
            |number: &u8, action: &mut String| action.is_empty() || *number == ERR && self.errtrace;
        inner.traps.retain(kept);
        inner
    }

    /// The trap for failures while a function runs: bash leaves it outside.
    pub(super) fn leave_failure_trap(&mut self) -> Option<String> {
        if self.errtrace { None } else { self.traps.remove(&ERR) }
    }

    /// Puts back what [`Scope::leave_failure_trap`] took.
    pub(super) fn restore_failure_trap(&mut self, action: Option<String>) {
        if let Some(action) = action {
            self.traps.entry(ERR).or_insert(action);
        }
    }
}

/// The number of an occasion.
fn number(name: &str, bash: bool) -> Option<u8> {
    if let Ok(number) = name.parse::<u8>() {
        return (number <= 31).then_some(number);
    }
    let name = name.to_ascii_uppercase();
    let plain = if bash { name.strip_prefix("SIG").unwrap_or(&name) } else { &name };
    match plain {
        "EXIT" => Some(EXIT),
        "ERR" if bash => Some(ERR),
        plain => {
            let at = SIGNALS.iter().position(|signal| *signal == plain)?;
            u8::try_from(at + 1).ok()
        }
    }
}
