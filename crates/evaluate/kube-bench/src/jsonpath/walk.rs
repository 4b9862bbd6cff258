//! Finds what the nodes of a template stand for.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::{MOST_DEPTH, Node};

/// The most values that one template may give.
const MOST: usize = 100_000;

type Values<'v> = Vec<Cow<'v, Value>>;

struct Walk {
    left: usize,
}

/// What each node at the top gives.
pub(super) fn results<'v>(nodes: &[Node], value: &'v Value) -> Result<Vec<Values<'v>>, String> {
    let mut walk = Walk { left: MOST };
    let mut all = Vec::new();
    walk.block(nodes, Some(Cow::Borrowed(value)), 0, &mut all)?;
    Ok(all)
}

/// Whether a list is `{range …}`, or `{end}`.
fn has(node: &Node, wanted: fn(&Node) -> bool) -> bool {
    matches!(node, Node::List(inner) if inner.iter().any(wanted))
}

/// Where the block that begins with `nodes` ends.
fn end_of(nodes: &[Node]) -> usize {
    let mut depth = 0;
    for (at, node) in nodes.iter().enumerate() {
        if has(node, |node| matches!(node, Node::Range)) {
            depth += 1;
        } else if has(node, |node| matches!(node, Node::End)) {
            if depth == 0 {
                return at;
            }
            depth -= 1;
        }
    }
    nodes.len()
}

impl Walk {
    fn block<'v>(
        &mut self,
        nodes: &[Node],
        value: Option<Cow<'v, Value>>,
        depth: u32,
        all: &mut Vec<Values<'v>>,
    ) -> Result<(), String> {
        if depth > MOST_DEPTH {
            return Err("it nests too deep".to_owned());
        }
        let mut at = 0;
        while let Some(node) = nodes.get(at) {
            at += 1;
            if has(node, |node| matches!(node, Node::End)) {
                return match depth {
                    0 => Err("not in range, nothing to end".to_owned()),
                    _ => Ok(()),
                };
            }
            let input: Values<'v> = value.iter().cloned().collect();
            let found = self.node(node, input)?;
            if !has(node, |node| matches!(node, Node::Range)) {
                all.push(found);
                continue;
            }
            let rest = nodes.get(at..).unwrap_or_default();
            let end = end_of(rest);
            let body = rest.get(..end).unwrap_or_default();
            for one in found {
                self.block(body, Some(one), depth + 1, all)?;
            }
            at += end + 1;
        }
        Ok(())
    }

    fn spend(&mut self, count: usize) -> Result<(), String> {
        self.left = self.left.checked_sub(count).ok_or("it gives too many values")?;
        Ok(())
    }

    fn list<'v>(&mut self, nodes: &[Node], input: Values<'v>) -> Result<Values<'v>, String> {
        nodes.iter().try_fold(input, |values, node| self.node(node, values))
    }

    fn node<'v>(&mut self, node: &Node, input: Values<'v>) -> Result<Values<'v>, String> {
        self.spend(input.len() + 1)?;
        let same = |value: Value| -> Values<'v> {
            input.iter().map(|_| Cow::Owned(value.clone())).collect()
        };
        match node {
            Node::Text(text) => Ok(vec![Cow::Owned(Value::String(text.clone()))]),
            Node::List(nodes) => self.list(nodes, input),
            Node::Number(number) => {
                let whole = format!("{number}").parse::<i64>().ok().map(Number::from);
                let number = whole.or_else(|| Number::from_f64(*number));
                Ok(same(number.map_or(Value::Null, Value::Number)))
            }
            Node::Truth(truth) => Ok(same(Value::Bool(*truth))),
            Node::Range | Node::End => Ok(input),
            Node::Field(name) => Ok(input
                .into_iter()
                .filter_map(|value| match value {
                    Cow::Borrowed(Value::Object(map)) => map.get(name).map(Cow::Borrowed),
                    Cow::Owned(Value::Object(mut map)) => map.remove(name).map(Cow::Owned),
                    _ => None,
                })
                .collect()),
            Node::Wildcard => Ok(input.into_iter().flat_map(children).collect()),
            Node::Recursive => {
                let mut all = Vec::new();
                for value in input {
                    self.below(value, &mut all, 0)?;
                }
                Ok(all)
            }
            Node::Union(lists) => {
                let mut all = Vec::new();
                for list in lists {
                    all.extend(self.list(list, input.clone())?);
                }
                Ok(all)
            }
            Node::Slice(params, single) => {
                let mut all = Vec::new();
                for value in input {
                    if !value.is_null() {
                        all.extend(slice(value, *params, *single)?);
                    }
                }
                Ok(all)
            }
            Node::Filter { left, operator, right } => {
                let mut all = Vec::new();
                for value in input {
                    if !value.is_array() {
                        return Err("it is not array or slice and cannot be filtered".to_owned());
                    }
                    for item in children(value) {
                        if self.passes(&item, left, operator, right)? {
                            all.push(item);
                        }
                    }
                }
                Ok(all)
            }
        }
    }

    fn below<'v>(
        &mut self,
        value: Cow<'v, Value>,
        all: &mut Values<'v>,
        depth: u32,
    ) -> Result<(), String> {
        let inner = children(value.clone());
        self.spend(inner.len() + 1)?;
        if inner.is_empty() || depth > 100 {
            return Ok(());
        }
        all.push(value);
        inner.into_iter().try_for_each(|value| self.below(value, all, depth + 1))
    }

    fn passes<'v>(
        &mut self,
        item: &Cow<'v, Value>,
        left: &[Node],
        operator: &str,
        right: &[Node],
    ) -> Result<bool, String> {
        let lefts = self.list(left, vec![item.clone()]);
        if operator == "exists" {
            return Ok(lefts.is_ok_and(|lefts| !lefts.is_empty()));
        }
        let lefts = lefts?;
        let rights = self.list(right, vec![item.clone()])?;
        let (Some(left), Some(right)) = (lefts.first(), rights.first()) else { return Ok(false) };
        if lefts.len() > 1 || rights.len() > 1 {
            return Err("can only compare one element at a time".to_owned());
        }
        let order = order(left, right).ok_or("incompatible types for comparison")?;
        Ok(match operator {
            "<" => order.is_lt(),
            ">" => order.is_gt(),
            "==" => order.is_eq(),
            "!=" => order.is_ne(),
            "<=" => order.is_le(),
            ">=" => order.is_ge(),
            _ => return Err(format!("unrecognized filter operator {operator}")),
        })
    }
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        (Value::Number(left), Value::Number(right)) => left.as_f64()?.partial_cmp(&right.as_f64()?),
        _ => None,
    }
}

fn children(value: Cow<'_, Value>) -> Values<'_> {
    match value {
        Cow::Borrowed(Value::Object(map)) => map.values().map(Cow::Borrowed).collect(),
        Cow::Borrowed(Value::Array(items)) => items.iter().map(Cow::Borrowed).collect(),
        Cow::Owned(Value::Object(map)) => map.into_iter().map(|(_, v)| Cow::Owned(v)).collect(),
        Cow::Owned(Value::Array(items)) => items.into_iter().map(Cow::Owned).collect(),
        _ => Vec::new(),
    }
}

fn slice(
    value: Cow<'_, Value>,
    params: [Option<i64>; 3],
    single: bool,
) -> Result<Values<'_>, String> {
    if !value.is_array() {
        return Err("it is not array or slice".to_owned());
    }
    let items = children(value);
    let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let [from, to, step] = params;
    let mut from = from.unwrap_or(0);
    if from < 0 {
        from += count;
    }
    let mut to = to.unwrap_or(count);
    if to < 0 || (to == 0 && single) {
        to += count;
    }
    if from == to {
        return Ok(Vec::new());
    }
    if from < 0 || from >= count || to < 0 || to > count {
        return Err(format!("array index out of bounds: index {from}, length {count}"));
    }
    if from > to {
        return Err(format!("starting index {from} is greater than ending index {to}"));
    }
    let step = usize::try_from(step.unwrap_or(1)).ok().filter(|step| *step > 0);
    let step = step.ok_or("step must be > 0")?;
    let (from, to) = (usize::try_from(from).unwrap_or(0), usize::try_from(to).unwrap_or(0));
    Ok(items.into_iter().take(to).skip(from).step_by(step).collect())
}
