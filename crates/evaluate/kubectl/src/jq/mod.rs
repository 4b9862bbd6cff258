//! jq: the part of its language that audits use, with the texts and exit codes of jq 1.6.
//!
//! Enters: arguments and standard input. Leaves: an [`Output`]. Always holds: a program is bounded
//! in steps, depth and output, however it loops; what of the language is not known here is not
//! answered, never guessed.
//!
//! ```
//! use kuberlock_kubectl::jq;
//! let out = jq::run(&["-r", ".items[].name"], r#"{"items":[{"name":"a"},{"name":"b"}]}"#).unwrap();
//! assert_eq!(out.stdout, "a\nb\n");
//! ```

mod builtin;
mod evaluate;
mod input;
mod lex;
mod options;
mod parse;
mod syntax;
mod text;
mod value;

#[cfg(test)]
mod tests;

use crate::output::{NotAnswered, Output};
use evaluate::{Environment, Evaluation, Stop};
use input::Input;
use options::{Options, Parsed};
use syntax::Expr;
use value::Value;

/// The most that one run may write.
const MOST_OUTPUT: usize = 64 << 20;

/// Runs jq.
pub fn run(args: &[&str], stdin: &str) -> Result<Output, NotAnswered> {
    let options = match options::parse(args)? {
        Parsed::Run(options) => options,
        Parsed::Refused(output) => return Ok(output),
    };
    let program = parse::program(&options.program)?;
    let mut run =
        Run { program: &program, options: &options, output: Output::default(), last: None };
    run.all(stdin)?;
    if options.exit_status && run.output.status == 0 {
        run.output.status = match run.last {
            None => 4,
            Some(is_true) => u8::from(!is_true),
        };
    }
    Ok(run.output)
}

/// The paths of literal field names that the program follows. Whatever looks at an object's keys
/// without naming them is told under its own name.
pub(crate) fn fields(args: &[&str]) -> Vec<Vec<String>> {
    let Ok(Parsed::Run(options)) = options::parse(args) else { return Vec::new() };
    parse::program(&options.program).map(|program| syntax::fields(&program)).unwrap_or_default()
}

struct Run<'a> {
    program: &'a Expr,
    options: &'a Options,
    output: Output,
    /// Whether the last value written was neither false nor null.
    last: Option<bool>,
}

impl Run<'_> {
    fn all(&mut self, stdin: &str) -> Result<(), NotAnswered> {
        if self.options.null_input {
            return self.one(Value::Null, "<unknown>");
        }
        if self.options.raw_input {
            return self.raw(stdin);
        }
        let mut input = Input::new(stdin);
        let mut slurped = Vec::new();
        loop {
            match input.next() {
                None => break,
                Some(Err(error)) => {
                    self.output.stderr.push_str(&format!("parse error: {error}\n"));
                    self.output.status = 4;
                    return Ok(());
                }
                Some(Ok(value)) if self.options.slurp => slurped.push(value),
                Some(Ok(value)) => {
                    let at = format!("<stdin>:{}", input.lines_read());
                    self.one(value, &at)?;
                }
            }
        }
        if self.options.slurp {
            let at = format!("<stdin>:{}", input.lines_read());
            self.one(Value::array(slurped), &at)?;
        }
        Ok(())
    }

    fn raw(&mut self, stdin: &str) -> Result<(), NotAnswered> {
        if self.options.slurp {
            return self.one(Value::text(stdin), "<stdin>:0");
        }
        for (at, line) in stdin.lines().enumerate() {
            self.one(Value::text(line), &format!("<stdin>:{}", at + 1))?;
        }
        Ok(())
    }

    /// The program on one value, which came from `at`.
    fn one(&mut self, value: Value, at: &str) -> Result<(), NotAnswered> {
        let options = self.options;
        let (output, last) = (&mut self.output, &mut self.last);
        let mut evaluation = Evaluation::default();
        let none = Environment::default();
        let environment = options
            .variables
            .iter()
            .fold(none, |outer, (name, value)| outer.value(name, value.clone()));
        let ended = evaluation.run(self.program, &environment, value, &mut |_, value| {
            *last = Some(value.is_true());
            options.write(&value, &mut output.stdout);
            if output.stdout.len() > MOST_OUTPUT {
                return Err(Stop::beyond(format!("jq wrote more than {MOST_OUTPUT} bytes")));
            }
            Ok(())
        });
        match ended {
            Ok(()) => Ok(()),
            Err(Stop::Beyond(why)) => Err(why),
            Err(Stop::Error(error)) => {
                output.stderr.push_str(&error.told(at));
                output.status = 5;
                Ok(())
            }
            Err(Stop::Enough(_)) => Ok(()),
        }
    }
}
