//! Evaluation: each expression gives any number of values, one after the other.

use std::rc::Rc;

use super::builtin;
use super::syntax::{Expr, Function, Piece};
use super::text;
use super::value::Value;
use crate::output::NotAnswered;

/// Why a program stops.
#[derive(Debug)]
pub(super) enum Stop {
    /// It failed, and `try` may catch it.
    Error(Failure),
    /// The one who numbered itself so wants no more values.
    Enough(usize),
    /// It is beyond what is answered.
    Beyond(NotAnswered),
}

impl Stop {
    pub fn error(text: impl AsRef<str>) -> Self {
        Self::Error(Failure(Value::text(text.as_ref())))
    }

    pub fn beyond(text: impl Into<String>) -> Self {
        Self::Beyond(NotAnswered(text.into()))
    }
}

/// The value of an error.
#[derive(Debug)]
pub(super) struct Failure(pub Value);

impl Failure {
    /// As jq tells an error of input that was read at `at`.
    pub fn told(&self, at: &str) -> String {
        match &self.0 {
            Value::Text(text) => format!("jq: error (at {at}): {text}\n"),
            other => {
                format!("jq: error (at {at}) (not a string): {}\n", text::compact(other, false))
            }
        }
    }
}

pub(super) type Ended = Result<(), Stop>;
pub(super) type Take<'f> = &'f mut dyn FnMut(&mut Evaluation, Value) -> Ended;

/// All that one program may do for one value: it may loop without end.
const MOST_STEPS: u64 = 20_000_000;
/// Expressions and results within each other; each is some frames of the stack.
const MOST_DEEP: usize = 200;

/// What names stand for: a list that grows at its head.
#[derive(Clone, Default)]
pub(super) struct Environment(Option<Rc<Link>>);

struct Link {
    name: Rc<str>,
    holds: Holds,
    outer: Environment,
}

enum Holds {
    Value(Value),
    Function(Rc<Function>),
    /// An argument, to be evaluated where it was written.
    Closure(Rc<Expr>, Environment),
}

impl Environment {
    fn with(&self, name: &Rc<str>, holds: Holds) -> Self {
        Self(Some(Rc::new(Link { name: name.clone(), holds, outer: self.clone() })))
    }

    pub fn value(&self, name: &Rc<str>, value: Value) -> Self {
        self.with(name, Holds::Value(value))
    }

    fn links(&self) -> impl Iterator<Item = &Rc<Link>> {
        std::iter::successors(self.0.as_ref(), |link| link.outer.0.as_ref())
    }

    fn variable(&self, name: &str) -> Option<Value> {
        self.links().find_map(|link| match &link.holds {
            Holds::Value(value) if *link.name == *name => Some(value.clone()),
            _ => None,
        })
    }
}

/// The state of one evaluation: what it has used up.
#[derive(Debug, Default)]
pub(super) struct Evaluation {
    steps: u64,
    depth: usize,
    firsts: usize,
}

impl Evaluation {
    /// Evaluates `expr` on `input`, and gives each of its values to `take`.
    pub fn run(&mut self, expr: &Expr, at: &Environment, input: Value, take: Take<'_>) -> Ended {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Err(Stop::beyond(format!("jq takes more than {MOST_STEPS} steps")));
        }
        if self.depth > MOST_DEEP {
            return Err(Stop::beyond(format!("jq goes more than {MOST_DEEP} deep")));
        }
        self.depth += 1;
        let ended = self.expression(expr, at, input, take);
        self.depth -= 1;
        ended
    }

    fn expression(&mut self, expr: &Expr, at: &Environment, input: Value, take: Take<'_>) -> Ended {
        match expr {
            Expr::Identity => take(self, input),
            Expr::Recurse => self.recurse(input, take),
            Expr::Number(number) => take(self, Value::Number(*number)),
            Expr::Text(format, pieces) => {
                self.text(format.as_deref(), pieces, at, input, String::new(), take)
            }
            Expr::Format(format) => {
                let text = builtin::format(format, &input)?;
                take(self, Value::text(&text))
            }
            Expr::Index(of, key) => self.run(of, at, input.clone(), &mut |this, of| {
                this.run(key, at, input.clone(), &mut |this, key| {
                    let value = builtin::index(&of, &key)?;
                    take(this, value)
                })
            }),
            Expr::Slice(of, start, end) => self.slice(of, [start, end], at, &input, take),
            Expr::Iterate(of) => self.run(of, at, input, &mut |this, of| this.iterate(&of, take)),
            Expr::Try(body, catch) => self.attempt(body, catch.as_deref(), at, input, take),
            Expr::Array(inside) => {
                let list = match inside {
                    None => Vec::new(),
                    Some(inside) => self.all(inside, at, input)?,
                };
                take(self, Value::array(list))
            }
            Expr::Object(pairs) => self.object(pairs, at, &input, Vec::new(), take),
            Expr::Negate(inside) => self.run(inside, at, input, &mut |this, value| match value {
                Value::Number(number) => take(this, Value::Number(-number)),
                other => Err(builtin::refused(&other, "cannot be negated")),
            }),
            Expr::Pipe(left, right) => {
                self.run(left, at, input, &mut |this, value| this.run(right, at, value, take))
            }
            Expr::Comma(left, right) => {
                self.run(left, at, input.clone(), take)?;
                self.run(right, at, input, take)
            }
            // The right side is evaluated first, as in jq.
            Expr::Binary(operator, left, right) => {
                self.run(right, at, input.clone(), &mut |this, right| {
                    this.run(left, at, input.clone(), &mut |this, left| {
                        let value = builtin::binary(*operator, &left, &right)?;
                        take(this, value)
                    })
                })
            }
            Expr::And(left, right) => self.logic([left, right], false, at, &input, take),
            Expr::Or(left, right) => self.logic([left, right], true, at, &input, take),
            Expr::Alternative(left, right) => self.alternative(left, right, at, input, take),
            Expr::If(test, yes, no) => {
                self.run(test, at, input.clone(), &mut |this, test| match (test.is_true(), no) {
                    (true, _) => this.run(yes, at, input.clone(), take),
                    (false, Some(no)) => this.run(no, at, input.clone(), take),
                    (false, None) => take(this, input.clone()),
                })
            }
            Expr::Variable(name) => match at.variable(name) {
                Some(value) => take(self, value),
                None => Err(Stop::beyond(format!("jq's variable `${name}` is not known"))),
            },
            Expr::As(of, name, body) => self.run(of, at, input.clone(), &mut |this, value| {
                this.run(body, &at.value(name, value), input.clone(), take)
            }),
            Expr::Reduce(of, name, init, update) => {
                self.reduce(of, name, [init, update], at, &input, take)
            }
            Expr::Define(function, rest) => {
                let inner = at.with(&function.name, Holds::Function(function.clone()));
                self.run(rest, &inner, input, take)
            }
            Expr::Call(name, arguments) => self.call(name, arguments, at, input, take),
        }
    }

    /// Every value of an expression.
    pub fn all(&mut self, expr: &Expr, at: &Environment, input: Value) -> Result<Vec<Value>, Stop> {
        let mut list = Vec::new();
        self.run(expr, at, input, &mut |_, value| {
            list.push(value);
            Ok(())
        })?;
        Ok(list)
    }

    pub fn iterate(&mut self, of: &Value, take: Take<'_>) -> Ended {
        match of {
            Value::Array(list) => list.iter().try_for_each(|value| take(self, value.clone())),
            Value::Object(pairs) => pairs.iter().try_for_each(|(_, v)| take(self, v.clone())),
            other => Err(builtin::about("Cannot iterate over", other)),
        }
    }

    fn recurse(&mut self, value: Value, take: Take<'_>) -> Ended {
        let mut stack = vec![value];
        while let Some(value) = stack.pop() {
            match &value {
                Value::Array(list) => stack.extend(list.iter().rev().cloned()),
                Value::Object(pairs) => stack.extend(pairs.iter().rev().map(|(_, v)| v.clone())),
                _ => {}
            }
            take(self, value)?;
        }
        Ok(())
    }

    fn text(
        &mut self,
        format: Option<&str>,
        pieces: &[Piece],
        at: &Environment,
        input: Value,
        before: String,
        take: Take<'_>,
    ) -> Ended {
        match pieces.split_first() {
            None => take(self, Value::text(&before)),
            Some((Piece::Text(text), rest)) => {
                self.text(format, rest, at, input, before + text, take)
            }
            Some((Piece::Value(expr), rest)) => {
                self.run(expr, at, input.clone(), &mut |this, value| {
                    let text = before.clone() + &builtin::format(format.unwrap_or("text"), &value)?;
                    this.text(format, rest, at, input.clone(), text, take)
                })
            }
        }
    }

    fn slice(
        &mut self,
        of: &Expr,
        bounds: [&Option<Box<Expr>>; 2],
        at: &Environment,
        input: &Value,
        take: Take<'_>,
    ) -> Ended {
        let null = Expr::Call(Rc::from("null"), Vec::new());
        let [start, end] = bounds.map(|bound| bound.as_deref().unwrap_or(&null));
        self.run(of, at, input.clone(), &mut |this, of| {
            this.run(end, at, input.clone(), &mut |this, end| {
                this.run(start, at, input.clone(), &mut |this, start| {
                    let value = builtin::slice(&of, &start, &end)?;
                    take(this, value)
                })
            })
        })
    }

    /// Errors of `body` go to `catch` or nowhere; those of whoever takes its values go on.
    fn attempt(
        &mut self,
        body: &Expr,
        catch: Option<&Expr>,
        at: &Environment,
        input: Value,
        take: Take<'_>,
    ) -> Ended {
        let mut outside = None;
        self.firsts += 1;
        let own = self.firsts;
        let ended = self.run(body, at, input, &mut |this, value| {
            take(this, value).map_err(|stop| {
                outside = Some(stop);
                Stop::Enough(own)
            })
        });
        match (ended, outside) {
            (_, Some(stop)) => Err(stop),
            (Err(Stop::Error(failure)), None) => match catch {
                Some(catch) => self.run(catch, at, failure.0, take),
                None => Ok(()),
            },
            (ended, None) => ended,
        }
    }

    fn object(
        &mut self,
        pairs: &[(Expr, Expr)],
        at: &Environment,
        input: &Value,
        before: Vec<(Rc<str>, Value)>,
        take: Take<'_>,
    ) -> Ended {
        let Some(((key, value), rest)) = pairs.split_first() else {
            return take(self, Value::object(before));
        };
        self.run(key, at, input.clone(), &mut |this, key| {
            let Value::Text(key) = key else {
                return Err(builtin::about("Object keys must be strings, not", &key));
            };
            this.run(value, at, input.clone(), &mut |this, value| {
                let mut pairs = before.clone();
                pairs.push((key.clone(), value));
                this.object(rest, at, input, pairs, take)
            })
        })
    }

    fn logic(
        &mut self,
        [left, right]: [&Expr; 2],
        decides: bool,
        at: &Environment,
        input: &Value,
        take: Take<'_>,
    ) -> Ended {
        self.run(left, at, input.clone(), &mut |this, left| {
            if left.is_true() == decides {
                return take(this, Value::Bool(decides));
            }
            this.run(right, at, input.clone(), &mut |this, right| {
                take(this, Value::Bool(right.is_true()))
            })
        })
    }

    fn alternative(
        &mut self,
        left: &Expr,
        right: &Expr,
        at: &Environment,
        input: Value,
        take: Take<'_>,
    ) -> Ended {
        let mut values = Vec::new();
        let ended = self.run(left, at, input.clone(), &mut |_, value| {
            if value.is_true() {
                values.push(value);
            }
            Ok(())
        });
        // An error ends the left side's values, and is not told.
        if let Err(stop @ (Stop::Beyond(_) | Stop::Enough(_))) = ended {
            return Err(stop);
        }
        if values.is_empty() {
            return self.run(right, at, input, take);
        }
        values.into_iter().try_for_each(|value| take(self, value))
    }

    fn reduce(
        &mut self,
        of: &Expr,
        name: &Rc<str>,
        [init, update]: [&Expr; 2],
        at: &Environment,
        input: &Value,
        take: Take<'_>,
    ) -> Ended {
        self.run(init, at, input.clone(), &mut |this, init| {
            let mut state = init;
            this.run(of, at, input.clone(), &mut |this, value| {
                let before = std::mem::replace(&mut state, Value::Null);
                let all = this.all(update, &at.value(name, value), before)?;
                state = all.into_iter().next_back().unwrap_or(Value::Null);
                Ok(())
            })?;
            take(this, state)
        })
    }

    fn call(
        &mut self,
        name: &Rc<str>,
        arguments: &[Rc<Expr>],
        at: &Environment,
        input: Value,
        take: Take<'_>,
    ) -> Ended {
        let found = at.0.clone();
        let mut link = found.as_ref();
        while let Some(here) = link {
            match &here.holds {
                Holds::Closure(expr, there) if here.name == *name && arguments.is_empty() => {
                    return self.run(expr, there, input, take);
                }
                Holds::Function(function)
                    if here.name == *name && function.parameters.len() == arguments.len() =>
                {
                    let inner = Environment(Some(here.clone()));
                    return self.apply(function, arguments, at, &inner, input, take);
                }
                _ => link = here.outer.0.as_ref(),
            }
        }
        if let Some(function) = builtin::definition(name, arguments.len()) {
            let none = Environment::default();
            return self.apply(&function, arguments, at, &none, input, take);
        }
        builtin::call(self, name, arguments, at, input, take)
    }

    /// Calls `function`, whose own names are `inner`, with arguments written at `at`.
    fn apply(
        &mut self,
        function: &Function,
        arguments: &[Rc<Expr>],
        at: &Environment,
        inner: &Environment,
        input: Value,
        take: Take<'_>,
    ) -> Ended {
        self.parameters(function, &function.parameters, arguments, at, inner, input, take)
    }

    #[expect(clippy::too_many_arguments, reason = "a call is all of this")]
    fn parameters(
        &mut self,
        function: &Function,
        names: &[Rc<str>],
        arguments: &[Rc<Expr>],
        at: &Environment,
        inner: &Environment,
        input: Value,
        take: Take<'_>,
    ) -> Ended {
        let (Some((name, names)), Some((argument, arguments))) =
            (names.split_first(), arguments.split_first())
        else {
            return self.run(&function.body, inner, input, take);
        };
        let closure = inner.with(name, Holds::Closure(argument.clone(), at.clone()));
        let Some(plain) = name.strip_prefix('$').map(Rc::from) else {
            return self.parameters(function, names, arguments, at, &closure, input, take);
        };
        self.run(argument, at, input.clone(), &mut |this, value| {
            let inner = inner
                .with(&plain, Holds::Closure(argument.clone(), at.clone()))
                .value(&plain, value);
            this.parameters(function, names, arguments, at, &inner, input.clone(), take)
        })
    }

    /// The first `count` values only.
    pub fn limit(
        &mut self,
        count: usize,
        expr: &Expr,
        at: &Environment,
        input: Value,
        take: Take<'_>,
    ) -> Ended {
        if count == 0 {
            return Ok(());
        }
        self.firsts += 1;
        let own = self.firsts;
        let mut given = 0;
        let ended = self.run(expr, at, input, &mut |this, value| {
            given += 1;
            take(this, value)?;
            if given >= count { Err(Stop::Enough(own)) } else { Ok(()) }
        });
        match ended {
            Err(Stop::Enough(who)) if who == own => Ok(()),
            ended => ended,
        }
    }
}
