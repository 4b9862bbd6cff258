//! jq's command line.

use std::rc::Rc;

use super::input::Input;
use super::text;
use super::value::Value;
use crate::output::{NotAnswered, Output, not_answered};

#[derive(Debug, Default)]
pub(super) struct Options {
    pub program: String,
    pub slurp: bool,
    pub raw_input: bool,
    pub null_input: bool,
    pub exit_status: bool,
    /// `--arg` and `--argjson`.
    pub variables: Vec<(Rc<str>, Value)>,
    raw: bool,
    compact: bool,
    sorted: bool,
    joined: bool,
    tab: bool,
}

pub(super) enum Parsed {
    Run(Box<Options>),
    /// jq does not start, and says why.
    Refused(Output),
}

pub(super) fn parse(args: &[&str]) -> Result<Parsed, NotAnswered> {
    let mut options = Options::default();
    let mut words = Vec::new();
    let mut args = args.iter().copied();
    while let Some(arg) = args.next() {
        match arg {
            "--arg" | "--argjson" => {
                let (Some(name), Some(text)) = (args.next(), args.next()) else {
                    let text =
                        format!("jq: {arg} takes two parameters (e.g. {arg} varname value)\n");
                    return Ok(Parsed::Refused(Output::failure(2, text)));
                };
                let value = match arg {
                    "--arg" => Value::text(text),
                    _ => match Input::new(text).next() {
                        Some(Ok(value)) => value,
                        _ => return not_answered("jq's --argjson is not JSON"),
                    },
                };
                options.variables.push((Rc::from(name), value));
            }
            long if long.starts_with("--") => options.long(long)?,
            short if short.len() > 1 && short.starts_with('-') => {
                // The letters of jq 1.6; with any other it does not start.
                if short.chars().skip(1).any(|letter| !"srjanfSCMecRLhV".contains(letter)) {
                    return Ok(Parsed::Refused(unknown_option(short)));
                }
                for letter in short.chars().skip(1) {
                    options.short(letter)?;
                }
            }
            word => words.push(word),
        }
    }
    match words.as_slice() {
        [] => ".".clone_into(&mut options.program),
        [program] => (*program).clone_into(&mut options.program),
        [_, ..] => return not_answered("jq reading a file by itself is not answered"),
    }
    Ok(Parsed::Run(Box::new(options)))
}

fn unknown_option(option: &str) -> Output {
    let text = format!(
        "jq: Unknown option {option}\nUse jq --help for help with command-line options,\n\
         or see the jq manpage, or online docs  at https://stedolan.github.io/jq\n"
    );
    Output::failure(2, text)
}

impl Options {
    fn long(&mut self, option: &str) -> Result<(), NotAnswered> {
        let letter = match option {
            "--slurp" => 's',
            "--raw-input" => 'R',
            "--null-input" => 'n',
            "--exit-status" => 'e',
            "--raw-output" => 'r',
            "--compact-output" => 'c',
            "--sort-keys" => 'S',
            "--join-output" => 'j',
            "--monochrome-output" => 'M',
            "--tab" => {
                self.tab = true;
                return Ok(());
            }
            _ => return not_answered(format!("jq's option `{option}` is not answered")),
        };
        self.short(letter)
    }

    fn short(&mut self, letter: char) -> Result<(), NotAnswered> {
        match letter {
            's' => self.slurp = true,
            'R' => self.raw_input = true,
            'n' => self.null_input = true,
            'e' => self.exit_status = true,
            'r' => self.raw = true,
            'c' => self.compact = true,
            'S' => self.sorted = true,
            'j' => (self.raw, self.joined) = (true, true),
            'M' => {}
            _ => return not_answered(format!("jq's option `-{letter}` is not answered")),
        }
        Ok(())
    }

    /// Writes one result.
    pub fn write(&self, value: &Value, out: &mut String) {
        match value {
            Value::Text(text) if self.raw => out.push_str(text),
            value if self.compact => out.push_str(&text::compact(value, self.sorted)),
            value => {
                let indent = if self.tab { "\t" } else { "  " };
                out.push_str(&text::indented(value, indent, self.sorted));
            }
        }
        if !self.joined {
            out.push('\n');
        }
    }
}
