//! jq's values: cheap to copy, objects in the order of their input.

use std::cmp::Ordering;
use std::rc::Rc;

#[derive(Clone, Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(Rc<str>),
    Array(Rc<Vec<Value>>),
    Object(Rc<Vec<(Rc<str>, Value)>>),
}

impl Value {
    pub fn text(text: &str) -> Self {
        Self::Text(Rc::from(text))
    }

    pub fn array(values: Vec<Self>) -> Self {
        Self::Array(Rc::new(values))
    }

    #[expect(clippy::cast_precision_loss, reason = "jq counts in floats too")]
    pub fn count(count: usize) -> Self {
        Self::Number(count as f64)
    }

    /// An object of these pairs; of two with one key the later counts, at the place of the first.
    pub fn object(pairs: Vec<(Rc<str>, Self)>) -> Self {
        let mut at = std::collections::HashMap::new();
        let mut all: Vec<(Rc<str>, Self)> = Vec::new();
        for (key, value) in pairs {
            match at.get(&key).and_then(|at: &usize| all.get_mut(*at)) {
                Some(held) => held.1 = value,
                None => {
                    at.insert(key.clone(), all.len());
                    all.push((key, value));
                }
            }
        }
        Self::Object(Rc::new(all))
    }

    pub fn is_true(&self) -> bool {
        !matches!(self, Self::Null | Self::Bool(false))
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::Text(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    pub fn member(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(pairs) => pairs.iter().find(|(k, _)| &**k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// An object's pairs by key.
    pub fn sorted(pairs: &[(Rc<str>, Self)]) -> Vec<(Rc<str>, Self)> {
        let mut pairs = pairs.to_vec();
        pairs.sort_by(|a, b| a.0.cmp(&b.0));
        pairs
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Bool(false) => 1,
            Self::Bool(true) => 2,
            Self::Number(_) => 3,
            Self::Text(_) => 4,
            Self::Array(_) => 5,
            Self::Object(_) => 6,
        }
    }

    /// jq's order of all values.
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.partial_cmp(b).unwrap_or(Ordering::Less),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Array(a), Self::Array(b)) => order_lists(a, b),
            (Self::Object(a), Self::Object(b)) => {
                let (a, b) = (Self::sorted(a), Self::sorted(b));
                let keys = |all: &[(Rc<str>, Self)]| {
                    all.iter().map(|(key, _)| Self::Text(key.clone())).collect::<Vec<_>>()
                };
                let values =
                    |all: Vec<(Rc<str>, Self)>| all.into_iter().map(|(_, v)| v).collect::<Vec<_>>();
                order_lists(&keys(&a), &keys(&b)).then_with(|| order_lists(&values(a), &values(b)))
            }
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

fn order_lists(a: &[Value], b: &[Value]) -> Ordering {
    let different = a.iter().zip(b).map(|(a, b)| a.order(b)).find(|order| order.is_ne());
    different.unwrap_or_else(|| a.len().cmp(&b.len()))
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.order(other).is_eq()
    }
}
