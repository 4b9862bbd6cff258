//! What jq can do beyond its grammar.

use std::rc::Rc;

use super::evaluate::{Ended, Environment, Evaluation, Failure, Stop, Take};
use super::input::Input;
use super::parse;
use super::syntax::{Expr, Function, Operator};
use super::text;
use super::value::Value;

/// Functions that the language itself can say.
const DEFINITIONS: [(&str, usize, &str); 27] = [
    ("map", 1, "def map(f): [.[] | f];"),
    ("select", 1, "def select(f): if f then . else empty end;"),
    ("recurse", 0, "def recurse: ..;"),
    ("recurse", 1, "def recurse(f): def r: ., (f | r); r;"),
    ("values", 0, "def values: select(. != null);"),
    ("nulls", 0, "def nulls: select(. == null);"),
    ("strings", 0, "def strings: select(type == \"string\");"),
    ("numbers", 0, "def numbers: select(type == \"number\");"),
    ("booleans", 0, "def booleans: select(type == \"boolean\");"),
    ("arrays", 0, "def arrays: select(type == \"array\");"),
    ("objects", 0, "def objects: select(type == \"object\");"),
    ("add", 0, "def add: reduce .[] as $x (null; . + $x);"),
    ("any", 0, "def any: any(.[]; .);"),
    ("all", 0, "def all: all(.[]; .);"),
    ("any", 1, "def any(f): any(.[]; f);"),
    ("all", 1, "def all(f): all(.[]; f);"),
    ("any", 2, "def any(g; f): [limit(1; g | if f then true else empty end)] | length > 0;"),
    ("all", 2, "def all(g; f): [limit(1; g | if f then empty else true end)] | length == 0;"),
    ("first", 0, "def first: .[0];"),
    ("last", 0, "def last: .[-1];"),
    ("first", 1, "def first(f): limit(1; f);"),
    ("last", 1, "def last(f): reduce f as $x (null; $x);"),
    ("in", 1, "def in(f): . as $x | f | has($x);"),
    ("inside", 1, "def inside(f): . as $x | f | contains($x);"),
    ("to_entries", 0, "def to_entries: [keys_unsorted[] as $k | {key: $k, value: .[$k]}];"),
    ("with_entries", 1, "def with_entries(f): to_entries | map(f) | from_entries;"),
    ("unique_by", 1, "def unique_by(f): [group_by(f)[] | .[0]];"),
];

/// The function of that name and number of parameters, where the language itself can say it.
pub(super) fn definition(name: &str, arity: usize) -> Option<Rc<Function>> {
    let mut all = DEFINITIONS.iter();
    let (.., text) = all.find(|(n, count, _)| *n == name && *count == arity)?;
    parse::function(text)
}

/// `WHAT kind (value)`
pub(super) fn about(what: &str, value: &Value) -> Stop {
    match value {
        Value::Null => Stop::error(format!("{what} null (null)")),
        value => Stop::error(format!("{what} {} ({})", value.kind(), text::cut(value))),
    }
}

/// `kind (value) WHY`
pub(super) fn refused(value: &Value, why: &str) -> Stop {
    Stop::error(format!("{} ({}) {why}", value.kind(), text::cut(value)))
}

fn refused_both(left: &Value, right: &Value, why: &str) -> Stop {
    Stop::error(format!(
        "{} ({}) and {} ({}) cannot be {why}",
        left.kind(),
        text::cut(left),
        right.kind(),
        text::cut(right)
    ))
}

/// `.[key]`
pub(super) fn index(of: &Value, key: &Value) -> Result<Value, Stop> {
    match (of, key) {
        (Value::Object(_), Value::Text(key)) => Ok(of.member(key).cloned().unwrap_or(Value::Null)),
        (Value::Array(list), Value::Number(at)) => Ok(element(list, *at)),
        (Value::Null, Value::Text(_) | Value::Number(_) | Value::Null) => Ok(Value::Null),
        (Value::Array(list), Value::Array(what)) => Ok(indices(list, what)),
        (of, Value::Text(key)) => {
            Err(Stop::error(format!("Cannot index {} with string \"{key}\"", of.kind())))
        }
        (of, key) => Err(Stop::error(format!("Cannot index {} with {}", of.kind(), key.kind()))),
    }
}

fn element(list: &[Value], at: f64) -> Value {
    position(at.floor(), list.len()).and_then(|at| list.get(at)).cloned().unwrap_or(Value::Null)
}

/// A position in a list of `length`; negative ones count from its end.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is in range")]
#[expect(clippy::cast_precision_loss, reason = "lists are shorter than 2^53")]
fn position(at: f64, length: usize) -> Option<usize> {
    let at = if at < 0.0 { at + length as f64 } else { at };
    (0.0..9e15).contains(&at).then_some(at as usize)
}

fn indices(list: &[Value], what: &[Value]) -> Value {
    if what.is_empty() {
        return Value::Null;
    }
    let found = list.windows(what.len()).enumerate().filter(|(_, window)| *window == what);
    Value::array(found.map(|(at, _)| Value::count(at)).collect())
}

/// `.[start:end]`
pub(super) fn slice(of: &Value, start: &Value, end: &Value) -> Result<Value, Stop> {
    let bounds = |length: usize| {
        let bound = |value: &Value, absent: usize, up: bool| match value {
            Value::Null => Ok(absent),
            Value::Number(at) => {
                let at = if up { at.ceil() } else { at.floor() };
                Ok(position(at, length).unwrap_or(0).min(length))
            }
            _ => Err(Stop::error("Start and end indices of an array slice must be numbers")),
        };
        let start = bound(start, 0, false)?;
        Ok((start, bound(end, length, true)?.max(start)))
    };
    match of {
        Value::Null => Ok(Value::Null),
        Value::Array(list) => {
            let (start, end) = bounds(list.len())?;
            Ok(Value::array(list.get(start..end).unwrap_or_default().to_vec()))
        }
        Value::Text(text) => {
            let (start, end) = bounds(text.chars().count())?;
            let part: String = text.chars().skip(start).take(end - start).collect();
            Ok(Value::text(&part))
        }
        of => Err(Stop::error(format!("Cannot index {} with object", of.kind()))),
    }
}

/// An operator between two values.
pub(super) fn binary(operator: Operator, left: &Value, right: &Value) -> Result<Value, Stop> {
    let order = left.order(right);
    Ok(match operator {
        Operator::Equal => Value::Bool(order.is_eq()),
        Operator::NotEqual => Value::Bool(order.is_ne()),
        Operator::Less => Value::Bool(order.is_lt()),
        Operator::LessOrEqual => Value::Bool(order.is_le()),
        Operator::Greater => Value::Bool(order.is_gt()),
        Operator::GreaterOrEqual => Value::Bool(order.is_ge()),
        _ => return calculated(operator, left, right),
    })
}

fn calculated(operator: Operator, left: &Value, right: &Value) -> Result<Value, Stop> {
    use Value::{Array, Null, Number, Object, Text};
    Ok(match (operator, left, right) {
        (Operator::Add, Null, other) | (Operator::Add, other, Null) => other.clone(),
        (Operator::Add, Number(a), Number(b)) => Number(a + b),
        (Operator::Add, Text(a), Text(b)) => Value::text(&format!("{a}{b}")),
        (Operator::Add, Array(a), Array(b)) => {
            Value::array(a.iter().chain(b.iter()).cloned().collect())
        }
        (Operator::Add, Object(a), Object(b)) => {
            Value::object(a.iter().chain(b.iter()).cloned().collect())
        }
        (Operator::Add, a, b) => return Err(refused_both(a, b, "added")),
        (Operator::Subtract, Number(a), Number(b)) => Number(a - b),
        (Operator::Subtract, Array(a), Array(b)) => {
            Value::array(a.iter().filter(|value| !b.contains(value)).cloned().collect())
        }
        (Operator::Subtract, a, b) => return Err(refused_both(a, b, "subtracted")),
        (Operator::Multiply, Number(a), Number(b)) => Number(a * b),
        (Operator::Divide, Number(_), Number(b)) | (Operator::Remainder, Number(_), Number(b))
            if b.trunc() == 0.0 && (*b == 0.0 || operator == Operator::Remainder) =>
        {
            return Err(refused_both(left, right, "divided because the divisor is zero"));
        }
        (Operator::Divide, Number(a), Number(b)) => Number(a / b),
        (Operator::Remainder, Number(a), Number(b)) => Number(a.trunc() % b.trunc().abs()),
        (Operator::Divide, Text(a), Text(b)) => split(a, b),
        (Operator::Multiply, ..) => return Err(refused_both(left, right, "multiplied")),
        _ => return Err(refused_both(left, right, "divided")),
    })
}

fn split(text: &str, at: &str) -> Value {
    if text.is_empty() {
        return Value::array(Vec::new());
    }
    if at.is_empty() {
        return Value::array(
            text.chars().map(|c| Value::text(c.encode_utf8(&mut [0; 4]))).collect(),
        );
    }
    Value::array(text.split(at).map(Value::text).collect())
}

/// A value as text, in the format of that name.
pub(super) fn format(name: &str, value: &Value) -> Result<String, Stop> {
    match (name, value) {
        ("text", Value::Text(text)) => Ok(text.to_string()),
        ("text" | "json", value) => Ok(text::compact(value, false)),
        _ => Err(Stop::beyond(format!("jq's format `@{name}` is not answered"))),
    }
}

/// Calls what is built in.
pub(super) fn call(
    this: &mut Evaluation,
    name: &str,
    arguments: &[Rc<Expr>],
    at: &Environment,
    input: Value,
    take: Take<'_>,
) -> Ended {
    match (name, arguments) {
        (_, []) => match plain(name, &input)? {
            Some(value) => take(this, value),
            None => Ok(()),
        },
        ("limit", [count, expr]) => {
            this.run(count, at, input.clone(), &mut |this, count| match count {
                Value::Number(count) => {
                    let count = position(count.max(0.0), 0).unwrap_or(usize::MAX);
                    this.limit(count, expr, at, input.clone(), take)
                }
                _ => Err(Stop::error("Invalid arguments to limit")),
            })
        }
        ("range", [end]) => this.run(end, at, input, &mut |this, end| range(this, 0.0, &end, take)),
        ("range", [start, end]) => this.run(start, at, input.clone(), &mut |this, start| {
            let Value::Number(start) = start else {
                return Err(Stop::error("Range bounds must be numeric"));
            };
            this.run(end, at, input.clone(), &mut |this, end| range(this, start, &end, take))
        }),
        ("sort_by" | "group_by" | "min_by" | "max_by", [expr]) => {
            let value = by(this, name, expr, at, &input)?;
            take(this, value)
        }
        ("error", [message]) => {
            this.run(message, at, input, &mut |_, message| Err(Stop::Error(Failure(message))))
        }
        (_, [argument]) => this.run(argument, at, input.clone(), &mut |this, argument| {
            let value = with(name, &input, &argument)?;
            take(this, value)
        }),
        (name, arguments) => Err(unknown(name, arguments.len())),
    }
}

fn unknown(name: &str, arity: usize) -> Stop {
    Stop::beyond(format!("jq's function `{name}/{arity}` is not answered"))
}

fn range(this: &mut Evaluation, start: f64, end: &Value, take: Take<'_>) -> Ended {
    let Value::Number(end) = end else {
        return Err(Stop::error("Range bounds must be numeric"));
    };
    let nothing = Expr::Identity;
    let mut at = start;
    while at < *end {
        // Counted as a step, since a range may be without end.
        this.run(&nothing, &Environment::default(), Value::Number(at), take)?;
        at += 1.0;
    }
    Ok(())
}

fn by(
    this: &mut Evaluation,
    name: &str,
    expr: &Expr,
    at: &Environment,
    input: &Value,
) -> Result<Value, Stop> {
    let Value::Array(list) = input else {
        return Err(match name {
            "sort_by" | "group_by" => refused(input, "cannot be sorted, as it is not an array"),
            _ => about("Cannot iterate over", input),
        });
    };
    let mut keyed = Vec::with_capacity(list.len());
    for value in list.iter() {
        keyed.push((Value::array(this.all(expr, at, value.clone())?), value.clone()));
    }
    if name == "min_by" || name == "max_by" {
        let best = match name {
            "min_by" => {
                keyed.into_iter().reduce(|a, b| if b.0.order(&a.0).is_lt() { b } else { a })
            }
            _ => keyed.into_iter().reduce(|a, b| if b.0.order(&a.0).is_lt() { a } else { b }),
        };
        return Ok(best.map_or(Value::Null, |(_, value)| value));
    }
    keyed.sort_by(|a, b| a.0.order(&b.0));
    if name == "sort_by" {
        return Ok(Value::array(keyed.into_iter().map(|(_, value)| value).collect()));
    }
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for (key, value) in keyed {
        match groups.last_mut() {
            Some((held, group)) if *held == key => group.push(value),
            _ => groups.push((key, vec![value])),
        }
    }
    Ok(Value::array(groups.into_iter().map(|(_, group)| Value::array(group)).collect()))
}

/// Functions without parameters; None gives no value.
fn plain(name: &str, input: &Value) -> Result<Option<Value>, Stop> {
    Ok(Some(match (name, input) {
        ("empty", _) => return Ok(None),
        ("null", _) => Value::Null,
        ("true", _) => Value::Bool(true),
        ("false", _) => Value::Bool(false),
        ("not", value) => Value::Bool(!value.is_true()),
        ("error", value) => return Err(Stop::Error(Failure(value.clone()))),
        ("type", value) => Value::text(value.kind()),
        ("length", Value::Null) => Value::Number(0.0),
        ("length", Value::Number(number)) => Value::Number(number.abs()),
        ("length", Value::Text(text)) => Value::count(text.chars().count()),
        ("length", Value::Array(list)) => Value::count(list.len()),
        ("length", Value::Object(pairs)) => Value::count(pairs.len()),
        ("length", other) => return Err(refused(other, "has no length")),
        ("keys", Value::Object(pairs)) => keys(&Value::sorted(pairs)),
        ("keys_unsorted", Value::Object(pairs)) => keys(pairs),
        ("keys" | "keys_unsorted", Value::Array(list)) => {
            Value::array((0..list.len()).map(Value::count).collect())
        }
        ("keys" | "keys_unsorted", other) => return Err(refused(other, "has no keys")),
        ("tostring", Value::Text(_)) => input.clone(),
        ("tostring" | "tojson", value) => Value::text(&text::compact(value, false)),
        ("fromjson" | "tonumber", Value::Text(text)) => from_json(name, text)?,
        ("tonumber", Value::Number(_)) => input.clone(),
        ("tonumber", other) => return Err(refused(other, "cannot be parsed as a number")),
        ("floor", Value::Number(number)) => Value::Number(number.floor()),
        ("ascii_downcase", Value::Text(text)) => Value::text(&text.to_ascii_lowercase()),
        ("ascii_upcase", Value::Text(text)) => Value::text(&text.to_ascii_uppercase()),
        ("reverse", Value::Array(list)) => Value::array(list.iter().rev().cloned().collect()),
        ("sort" | "unique" | "min" | "max", Value::Array(list)) => sorted(name, list),
        ("sort" | "unique", other) => {
            return Err(refused(other, "cannot be sorted, as it is not an array"));
        }
        ("flatten", Value::Array(list)) => Value::array(flat(list)),
        ("from_entries", Value::Array(list)) => from_entries(list)?,
        _ => return Err(unknown(name, 0)),
    }))
}

fn keys(pairs: &[(Rc<str>, Value)]) -> Value {
    Value::array(pairs.iter().map(|(key, _)| Value::Text(key.clone())).collect())
}

fn from_json(name: &str, text: &str) -> Result<Value, Stop> {
    match Input::new(text).next() {
        Some(Ok(value)) if name == "fromjson" || matches!(value, Value::Number(_)) => Ok(value),
        _ => Err(Stop::beyond(format!("what jq's `{name}` says of text that is none"))),
    }
}

fn sorted(name: &str, list: &[Value]) -> Value {
    let mut list = list.to_vec();
    list.sort_by(Value::order);
    match name {
        "min" => list.into_iter().next().unwrap_or(Value::Null),
        "max" => list.pop().unwrap_or(Value::Null),
        "unique" => {
            list.dedup();
            Value::array(list)
        }
        _ => Value::array(list),
    }
}

/// Lists within lists as one. What is nested is bounded by the input's own bound.
fn flat(list: &[Value]) -> Vec<Value> {
    let mut all = Vec::new();
    let mut stack: Vec<&Value> = list.iter().rev().collect();
    while let Some(value) = stack.pop() {
        match value {
            Value::Array(inner) => stack.extend(inner.iter().rev()),
            other => all.push(other.clone()),
        }
    }
    all
}

fn from_entries(list: &[Value]) -> Result<Value, Stop> {
    let pairs = list.iter().map(|entry| {
        let any = |names: &[&str]| names.iter().find_map(|name| entry.member(name)).cloned();
        let key = match any(&["key", "k", "name", "Name", "K", "Key"]) {
            Some(Value::Text(key)) => key,
            Some(other @ (Value::Number(_) | Value::Bool(_))) => {
                Rc::from(text::compact(&other, false))
            }
            None | Some(Value::Null) => Rc::from("null"),
            Some(other) => return Err(about("Cannot use as object key:", &other)),
        };
        Ok((key, any(&["value", "v", "Value", "V"]).unwrap_or(Value::Null)))
    });
    Ok(Value::object(pairs.collect::<Result<_, _>>()?))
}

/// Functions with one parameter that is a value.
fn with(name: &str, input: &Value, argument: &Value) -> Result<Value, Stop> {
    use Value::{Array, Null, Object, Text};
    Ok(match (name, input, argument) {
        ("has", Object(_), Text(key)) => Value::Bool(input.member(key).is_some()),
        ("has", Array(list), Value::Number(at)) => {
            Value::Bool(*at >= 0.0 && position(*at, 0).is_some_and(|at| at < list.len()))
        }
        ("has", other, key) => {
            let (of, key) = (other.kind(), key.kind());
            return Err(Stop::error(format!("Cannot check whether {of} has a {key} key")));
        }
        ("contains", left, right) => Value::Bool(contains(left, right)?),
        ("startswith", Text(text), Text(start)) => Value::Bool(text.starts_with(&**start)),
        ("startswith", ..) => return Err(Stop::error("startswith() requires string inputs")),
        ("endswith", Text(text), Text(end)) => Value::Bool(text.ends_with(&**end)),
        ("endswith", ..) => return Err(Stop::error("endswith() requires string inputs")),
        ("ltrimstr", Text(text), Text(start)) => {
            Value::text(text.strip_prefix(&**start).unwrap_or(text))
        }
        ("rtrimstr", Text(text), Text(end)) => {
            Value::text(text.strip_suffix(&**end).unwrap_or(text))
        }
        ("ltrimstr" | "rtrimstr", other, _) => other.clone(),
        ("split", Text(text), Text(at)) => split(text, at),
        ("split", ..) => return Err(Stop::error("split input and separator must be strings")),
        ("join", Array(list), Text(between)) => join(list, between)?,
        ("join", Array(list), _) if list.is_empty() => Value::text(""),
        ("index", Null, _) | ("indices", Null, _) => Null,
        ("indices", Array(list), Array(what)) => indices(list, what),
        ("indices", Array(list), what) => indices(list, std::slice::from_ref(what)),
        ("index", Array(list), Array(what)) => first(indices(list, what)),
        ("index", Array(list), what) => first(indices(list, std::slice::from_ref(what))),
        ("index", Text(text), Text(what)) => text.find(&**what).map_or(Null, Value::count),
        _ => return Err(unknown(name, 1)),
    })
}

fn first(list: Value) -> Value {
    match list {
        Value::Array(list) => list.first().cloned().unwrap_or(Value::Null),
        other => other,
    }
}

fn join(list: &[Value], between: &str) -> Result<Value, Stop> {
    let texts = list.iter().map(|value| match value {
        Value::Null => Ok(String::new()),
        Value::Text(text) => Ok(text.to_string()),
        Value::Bool(_) | Value::Number(_) => Ok(text::compact(value, false)),
        other => Err(refused_both(&Value::text(between), other, "added")),
    });
    Ok(Value::text(&texts.collect::<Result<Vec<_>, _>>()?.join(between)))
}

fn contains(left: &Value, right: &Value) -> Result<bool, Stop> {
    match (left, right) {
        (Value::Object(_), Value::Object(wanted)) => {
            for (key, wanted) in wanted.iter() {
                let Some(held) = left.member(key) else { return Ok(false) };
                if !contains(held, wanted)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Array(list), Value::Array(wanted)) => {
            for wanted in wanted.iter() {
                let mut is_there = false;
                for held in list.iter().filter(|held| held.kind() == wanted.kind()) {
                    is_there |= contains(held, wanted)?;
                }
                if !is_there {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Text(text), Value::Text(wanted)) => Ok(text.contains(&**wanted)),
        (left, right) if left.kind() == right.kind() => Ok(left == right),
        (left, right) => Err(refused_both(left, right, "have their containment checked")),
    }
}
