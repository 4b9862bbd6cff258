//! `awk`: rules, expressions, fields, and the functions on text; no files, pipes or user functions.

mod read;
mod run;

use super::{Done, options, unknown};
use crate::shell::{Io, Stop};

pub(super) fn run(args: &[String], io: &mut Io<'_, '_>) -> Done {
    let parsed = options("awk", args, "F:v:", &[], true)?;
    let (mut separator, mut given) = (None, Vec::new());
    for (name, value) in parsed.options {
        let value = value.unwrap_or_default();
        match name.as_str() {
            "F" => separator = Some(value),
            _ => match value.split_once('=') {
                Some((name, value)) => given.push((name.to_owned(), value.to_owned())),
                None => return unknown("awk -v", &value),
            },
        }
    }
    let Some((text, files)) = parsed.operands.split_first() else {
        return unknown("awk", "without a program");
    };
    let Some(program) = read::program(text) else { return unknown("awk", text) };
    if let Some(file) = files.iter().find(|file| file.contains('=')) {
        return unknown("awk", file);
    }
    let input = ["-".to_owned()];
    let files = if files.is_empty() { &input[..] } else { files };
    let (mut text, mut failed) = (Vec::new(), false);
    for file in files {
        match io.read(file)? {
            Ok(bytes) => text.extend(bytes),
            Err(reason) => {
                failed = true;
                io.err(&format!("awk: cannot open \"{file}\" ({reason})\n"))?;
            }
        }
    }
    let separator = separator.unwrap_or_else(|| " ".to_owned());
    let separator = super::printf::unescaped(&separator, false).0;
    let status = run::run(&program, &text, &separator, given, io)?;
    Ok(if failed { 2 } else { status })
}

/// A program.
#[derive(Debug, Default)]
struct Program {
    begin: Vec<Vec<Statement>>,
    rules: Vec<(Option<Expression>, Option<Vec<Statement>>)>,
    end: Vec<Vec<Statement>>,
}

#[derive(Debug)]
enum Statement {
    Expression(Expression),
    Print(Vec<Expression>),
    Printf(Vec<Expression>),
    If(Expression, Vec<Statement>, Vec<Statement>),
    While(Expression, Vec<Statement>),
    For(Option<Expression>, Option<Expression>, Option<Expression>, Vec<Statement>),
    Each(String, String, Vec<Statement>),
    Next,
    Exit(Option<Expression>),
    Break,
    Continue,
}

#[derive(Debug)]
enum Expression {
    Number(f64),
    Text(String),
    /// A regular expression, which alone asks the whole line.
    Match(String),
    Variable(String),
    Field(Box<Expression>),
    Element(String, Vec<Expression>),
    Within(Box<Expression>, String),
    Assign(Box<Expression>, Option<char>, Box<Expression>),
    /// A step of one; whether before the value is taken; by how much.
    Step(Box<Expression>, bool, f64),
    Choice(Box<Expression>, Box<Expression>, Box<Expression>),
    Binary(&'static str, Box<Expression>, Box<Expression>),
    Not(Box<Expression>),
    Negative(Box<Expression>),
    Call(String, Vec<Expression>),
}

/// What ends a rule, or the program.
enum Flow {
    On,
    Next,
    Exit(u8),
    Break,
    Continue,
}

type Ran<T> = Result<T, Stop>;
