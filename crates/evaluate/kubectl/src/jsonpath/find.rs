//! Following a template through a value.

use std::borrow::Cow;

use serde_json::Value;

use super::{EndOf, Error, Node, error};

pub(super) type Found<'a> = Vec<Cow<'a, Value>>;

/// What one template may look at, all in all: ranges and descents multiply.
const MOST_STEPS: usize = 20_000_000;

pub(super) fn results<'a>(
    nodes: &'a [Node],
    value: &'a Value,
    missing_keys: bool,
) -> Result<Vec<Found<'a>>, Error> {
    let mut walk = Walk { nodes, missing_keys, begin: 0, inside: 0, end: 0, last_end: 0, steps: 0 };
    walk.template(0, &vec![Cow::Borrowed(value)])
}

/// The state of a walk: how many ranges were opened, are open and were closed.
pub(super) struct Walk<'a> {
    nodes: &'a [Node],
    pub(super) missing_keys: bool,
    begin: usize,
    inside: usize,
    end: usize,
    last_end: usize,
    steps: usize,
}

impl<'a> Walk<'a> {
    /// The template from its node at `from` on, up to the end of the range that encloses it.
    fn template(&mut self, from: usize, value: &Found<'a>) -> Result<Vec<Found<'a>>, Error> {
        let mut all = Vec::new();
        let mut at = from;
        while let Some(node) = self.nodes.get(at) {
            let found = self.node(value.clone(), node)?;
            if self.end > 0 && self.end <= self.inside {
                self.end -= 1;
                self.last_end = at;
                break;
            }
            if self.begin > 0 {
                self.begin -= 1;
                self.range(at, found, &mut all)?;
                if self.last_end > at {
                    at = self.last_end;
                }
            } else {
                all.push(found);
            }
            at += 1;
        }
        Ok(all)
    }

    fn range(
        &mut self,
        at: usize,
        found: Found<'a>,
        all: &mut Vec<Found<'a>>,
    ) -> Result<(), Error> {
        self.inside += 1;
        if found.is_empty() {
            // Walked once without a value, so that the end of the range is known.
            self.template(at + 1, &vec![Cow::Owned(Value::Null)])?;
        }
        for value in found {
            all.extend(self.template(at + 1, &vec![value])?);
        }
        self.inside -= 1;
        Ok(())
    }

    pub(super) fn node(&mut self, input: Found<'a>, node: &'a Node) -> Result<Found<'a>, Error> {
        self.steps += input.len() + 1;
        if self.steps > MOST_STEPS {
            return error(format!("more than {MOST_STEPS} steps"));
        }
        match node {
            Node::List(nodes) => nodes.iter().try_fold(input, |input, node| self.node(input, node)),
            Node::Text(text) => Ok(vec![Cow::Owned(Value::from(text.as_str()))]),
            Node::Int(int) => Ok(constant(&input, &Value::from(*int))),
            Node::Float(float) => Ok(constant(&input, &Value::from(*float))),
            Node::Bool(bool) => Ok(constant(&input, &Value::from(*bool))),
            Node::Field(name) => self.field(input, name),
            Node::Slice(bounds, end) => slice(input, *bounds, *end),
            Node::Filter(filter) => self.filter(input, filter),
            Node::Wildcard => Ok(input.iter().flat_map(children).collect()),
            Node::Recursive => self.descend(input),
            Node::Union(lists) => {
                let mut found = Vec::new();
                for list in lists {
                    found.extend(self.node(input.clone(), list)?);
                }
                Ok(found)
            }
            Node::Identifier(word) => self.identifier(input, word),
        }
    }

    fn identifier(&mut self, input: Found<'a>, word: &str) -> Result<Found<'a>, Error> {
        match word {
            "range" => {
                self.begin += 1;
                Ok(input)
            }
            "end" if self.inside > 0 => {
                self.end += 1;
                Ok(Vec::new())
            }
            "end" => error("not in range, nothing to end"),
            _ => error(format!("unrecognized identifier {word}")),
        }
    }

    fn field(&self, input: Found<'a>, name: &str) -> Result<Found<'a>, Error> {
        if input.is_empty() {
            return Ok(input);
        }
        let found: Found<'a> = input.into_iter().filter_map(|value| member(value, name)).collect();
        if found.is_empty() && !self.missing_keys {
            return error(format!("{name} is not found"));
        }
        Ok(found)
    }

    /// Every value that holds others, and all such below it.
    fn descend(&mut self, input: Found<'a>) -> Result<Found<'a>, Error> {
        let mut found = Vec::new();
        for value in input {
            let below = children(&value);
            self.steps += below.len() + 1;
            if self.steps > MOST_STEPS {
                return error(format!("more than {MOST_STEPS} steps"));
            }
            if !below.is_empty() {
                found.push(value);
                found.extend(self.descend(below)?);
            }
        }
        Ok(found)
    }
}

fn constant<'a>(input: &Found<'a>, value: &Value) -> Found<'a> {
    input.iter().map(|_| Cow::Owned(value.clone())).collect()
}

fn member<'a>(value: Cow<'a, Value>, name: &str) -> Option<Cow<'a, Value>> {
    match value {
        Cow::Borrowed(value) => value.as_object()?.get(name).map(Cow::Borrowed),
        Cow::Owned(Value::Object(mut map)) => map.remove(name).map(Cow::Owned),
        Cow::Owned(_) => None,
    }
}

pub(super) fn children<'a>(value: &Cow<'a, Value>) -> Found<'a> {
    match value {
        Cow::Borrowed(Value::Object(map)) => map.values().map(Cow::Borrowed).collect(),
        Cow::Borrowed(Value::Array(list)) => list.iter().map(Cow::Borrowed).collect(),
        Cow::Owned(Value::Object(map)) => map.values().cloned().map(Cow::Owned).collect(),
        Cow::Owned(Value::Array(list)) => list.iter().cloned().map(Cow::Owned).collect(),
        _ => Vec::new(),
    }
}

fn slice(
    input: Found<'_>,
    [start, end, step]: [Option<i64>; 3],
    kind: EndOf,
) -> Result<Found<'_>, Error> {
    let mut found = Vec::new();
    for value in input {
        let list = match value.as_ref() {
            Value::Null => continue,
            Value::Array(list) => list,
            other => return error(format!("{} is not array or slice", go_type(other))),
        };
        let length = i64::try_from(list.len()).unwrap_or(i64::MAX);
        let from = start.map_or(0, |start| if start < 0 { start + length } else { start });
        let to = match end {
            None => length,
            Some(end) if end < 0 || (end == 0 && kind == EndOf::Index) => end + length,
            Some(end) => end,
        };
        if from == to {
            return Ok(found);
        }
        if from >= length || from < 0 {
            return error(format!("array index out of bounds: index {from}, length {length}"));
        }
        if to > length || to < 0 {
            let last = to - 1;
            return error(format!("array index out of bounds: index {last}, length {length}"));
        }
        if from > to {
            return error(format!("starting index {from} is greater than ending index {to}"));
        }
        let step = match step {
            Some(step) if step <= 0 => return error("step must be > 0"),
            step => usize::try_from(step.unwrap_or(1)).unwrap_or(usize::MAX),
        };
        let at = |at: i64| usize::try_from(at).unwrap_or(usize::MAX);
        found.extend(children(&value).into_iter().take(at(to)).skip(at(from)).step_by(step));
    }
    Ok(found)
}

/// How Go names the type that JSON of this kind is decoded into.
fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}
