//! What a program is made of, and the fields it names.

use std::rc::Rc;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    Identity,
    Recurse,
    Number(f64),
    /// Text with expressions in it; `None` is text as it is.
    Text(Option<Rc<str>>, Vec<Piece>),
    Index(Box<Expr>, Box<Expr>),
    Slice(Box<Expr>, Option<Box<Expr>>, Option<Box<Expr>>),
    Iterate(Box<Expr>),
    Try(Box<Expr>, Option<Box<Expr>>),
    Array(Option<Box<Expr>>),
    Object(Vec<(Expr, Expr)>),
    Negate(Box<Expr>),
    Pipe(Box<Expr>, Box<Expr>),
    Comma(Box<Expr>, Box<Expr>),
    Binary(Operator, Box<Expr>, Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Alternative(Box<Expr>, Box<Expr>),
    If(Box<Expr>, Box<Expr>, Option<Box<Expr>>),
    Variable(Rc<str>),
    As(Box<Expr>, Rc<str>, Box<Expr>),
    Reduce(Box<Expr>, Rc<str>, Box<Expr>, Box<Expr>),
    Define(Rc<Function>, Box<Expr>),
    Call(Rc<str>, Vec<Rc<Expr>>),
    Format(Rc<str>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Text(String),
    Value(Expr),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// `def name(parameters): body;`; a parameter that starts with `$` is a value.
#[derive(Debug, PartialEq)]
pub(super) struct Function {
    pub name: Rc<str>,
    pub parameters: Vec<Rc<str>>,
    pub body: Expr,
}

/// What looks at an object's fields without naming them.
const NAMELESS: [&str; 12] = [
    "keys",
    "keys_unsorted",
    "to_entries",
    "with_entries",
    "has",
    "recurse",
    "tojson",
    "tostring",
    "contains",
    "inside",
    "in",
    "values",
];

/// The paths of field names that the program follows.
pub(super) fn fields(program: &Expr) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    walk(program, &mut all);
    all
}

/// Collects paths below `expr`; the one that ends in `expr` itself is returned, to be gone on with.
fn walk(expr: &Expr, all: &mut Vec<Vec<String>>) -> Vec<String> {
    let path = match expr {
        Expr::Index(of, key) => {
            let path = path(of, all);
            if let Expr::Text(None, pieces) = &**key
                && let [Piece::Text(name)] = pieces.as_slice()
            {
                let mut path = path;
                path.push(name.clone());
                all.push(path.clone());
                return path;
            }
            walk(key, all);
            path
        }
        Expr::Iterate(of) | Expr::Slice(of, ..) | Expr::Try(of, None) => return path(of, all),
        _ => Vec::new(),
    };
    match expr {
        Expr::Recurse => all.push(vec!["..".to_owned()]),
        Expr::Text(_, pieces) => {
            for piece in pieces {
                if let Piece::Value(value) = piece {
                    walk(value, all);
                }
            }
        }
        Expr::Try(body, catch) => walk_all(std::iter::once(&**body).chain(catch.as_deref()), all),
        Expr::Array(inside) => walk_all(inside.as_deref(), all),
        Expr::Object(pairs) => {
            for (key, value) in pairs {
                // A key that is written is made here, not read.
                walk(key, all);
                walk(value, all);
            }
        }
        Expr::Negate(inside) => walk_all([&**inside], all),
        Expr::Pipe(a, b)
        | Expr::Comma(a, b)
        | Expr::Binary(_, a, b)
        | Expr::And(a, b)
        | Expr::Or(a, b)
        | Expr::Alternative(a, b)
        | Expr::As(a, _, b) => walk_all([&**a, &**b], all),
        Expr::If(test, yes, no) => {
            walk_all([&**test, &**yes].into_iter().chain(no.as_deref()), all);
        }
        Expr::Reduce(of, _, init, update) => walk_all([&**of, &**init, &**update], all),
        Expr::Define(function, rest) => walk_all([&function.body, &**rest], all),
        Expr::Call(name, arguments) => {
            if NAMELESS.contains(&&**name) {
                all.push(vec![name.to_string()]);
            }
            walk_all(arguments.iter().map(|argument| &**argument), all);
        }
        _ => {}
    }
    path
}

fn walk_all<'a>(exprs: impl IntoIterator<Item = &'a Expr>, all: &mut Vec<Vec<String>>) {
    for expr in exprs {
        walk(expr, all);
    }
}

/// The path that ends in `expr`, taken out of the paths: it is gone on with.
fn path(expr: &Expr, all: &mut Vec<Vec<String>>) -> Vec<String> {
    let path = walk(expr, all);
    if !path.is_empty() && all.last() == Some(&path) {
        all.pop();
    }
    path
}
