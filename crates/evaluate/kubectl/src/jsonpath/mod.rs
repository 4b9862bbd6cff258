//! JSONPath in the dialect of Kubernetes' client-go (`util/jsonpath` of 1.37): templates of text
//! and `{…}` actions, with `range … end`, filters, unions, slices and recursive descent.
//!
//! Enters: a template and a JSON value. Leaves: what each action found, or the text that kubectl
//! prints. Always holds: the same answer for the same input (where client-go walks a map in random
//! order, ours is by key); bounded work, whatever the template.
//!
//! ```
//! use kuberlock_kubectl::jsonpath::Template;
//! let pods = serde_json::json!({"items": [{"name": "a"}, {"name": "b"}]});
//! let template = Template::parse("{range .items[*]}{.name};{end}").unwrap();
//! assert_eq!(template.render(&pods, true).unwrap(), "a;b;");
//! ```

mod compare;
mod filter;
mod find;
mod parse;
mod text;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::Value;

pub(crate) use text::sprint;

/// Why a template cannot be read or followed; the text is client-go's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Error(pub(crate) String);

pub(crate) fn error<T>(text: impl Into<String>) -> Result<T, Error> {
    Err(Error(text.into()))
}

/// A parsed template.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    nodes: Vec<Node>,
}

/// One step of an action, or text around actions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    /// The steps of one `{…}`.
    List(Vec<Node>),
    Text(String),
    Field(String),
    Slice([Option<i64>; 3], EndOf),
    Filter(Box<Filter>),
    Int(i64),
    Float(f64),
    Bool(bool),
    Wildcard,
    Recursive,
    Union(Vec<Node>),
    /// `range`, `end`, or a word that is neither.
    Identifier(String),
}

/// Whether a slice's end was written, or follows from a single index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndOf {
    Slice,
    Index,
}

/// `[?(left operator right)]`; without operator it asks whether `left` exists.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Filter {
    pub left: Node,
    pub comparison: Option<(String, Node)>,
}

impl Template {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Ok(Self { nodes: parse::template(text, 0)? })
    }

    /// What each action found in `value`, in order. Where `missing_keys` is false, a field that
    /// nothing has is an error.
    pub fn find<'a>(
        &'a self,
        value: &'a Value,
        missing_keys: bool,
    ) -> Result<Vec<Vec<Cow<'a, Value>>>, Error> {
        find::results(&self.nodes, value, missing_keys)
    }

    /// The text that kubectl prints for `-o jsonpath=…`.
    pub fn render(&self, value: &Value, missing_keys: bool) -> Result<String, Error> {
        let mut out = String::new();
        for results in self.find(value, missing_keys)? {
            let words: Vec<String> = results.iter().map(|value| text::printed(value)).collect();
            out.push_str(&words.join(" "));
        }
        Ok(out)
    }

    /// The text that kubectl prints for `-o jsonpath-as-json=…`: each action's results as one list.
    pub fn render_json(&self, value: &Value, missing_keys: bool) -> Result<String, Error> {
        let mut out = String::new();
        for results in self.find(value, missing_keys)? {
            let list = results.into_iter().map(Cow::into_owned).collect();
            out.push_str(&crate::print::json(&Value::Array(list)));
        }
        Ok(out)
    }

    /// The paths of field names that the template follows, as far as they are literal: each run of
    /// fields without what is between them.
    pub fn fields(&self) -> Vec<Vec<&str>> {
        let mut paths = Vec::new();
        collect(&self.nodes, &mut paths);
        paths
    }
}

impl Template {
    /// The field that everything found has below it: `{range .items[?(@..FIELD)]}…{end}`.
    pub(crate) fn only_with(&self) -> Option<&str> {
        let (Some(Node::List(first)), Some(Node::List(last))) =
            (self.nodes.first(), self.nodes.last())
        else {
            return None;
        };
        let end = Node::Identifier("end".to_owned());
        let ends = self.nodes.iter().filter(|node| **node == Node::List(vec![end.clone()]));
        let [Node::Identifier(range), Node::Field(items), Node::Filter(filter)] = first.as_slice()
        else {
            return None;
        };
        let Filter { left: Node::List(left), comparison: None } = filter.as_ref() else {
            return None;
        };
        let [Node::Recursive, Node::Field(field)] = left.as_slice() else { return None };
        (range == "range" && items == "items" && *last == vec![end.clone()] && ends.count() == 1)
            .then_some(field)
    }
}

fn collect<'a>(nodes: &'a [Node], paths: &mut Vec<Vec<&'a str>>) {
    let mut path = Vec::new();
    for node in nodes {
        match node {
            Node::Field(name) => path.push(name.as_str()),
            Node::List(inner) | Node::Union(inner) => collect(inner, paths),
            Node::Filter(filter) => {
                collect(std::slice::from_ref(&filter.left), paths);
                if let Some((_, right)) = &filter.comparison {
                    collect(std::slice::from_ref(right), paths);
                }
            }
            _ => {}
        }
    }
    if !path.is_empty() {
        paths.push(path);
    }
}
