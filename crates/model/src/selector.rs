//! Label selectors, as `metav1.LabelSelector` means them.

use std::collections::BTreeMap;
use std::str::FromStr;

/// A label selector. Empty selects everything; an absent one is the caller's to read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelSelector {
    /// `matchLabels` and `matchExpressions`; all must hold.
    pub requirements: Vec<Requirement>,
    /// How many of them, from the first, stood under `matchLabels`. They mean what an `In` with one
    /// value means; this is for those who write the selector down again.
    pub labels: usize,
}

/// One requirement of a selector.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Requirement {
    /// The label exists and has one of these values.
    In(String, Vec<String>),
    /// The label is absent or has none of these values.
    NotIn(String, Vec<String>),
    /// The label exists.
    Exists(String),
    /// The label does not exist.
    DoesNotExist(String),
}

impl LabelSelector {
    /// Whether labels fulfil every requirement.
    ///
    /// ```
    /// # use kuberlock_model::selector::{LabelSelector, Requirement};
    /// let staging = [("env".to_owned(), "staging".to_owned())].into();
    /// let not_prod = Requirement::NotIn("env".into(), vec!["prod".into()]);
    /// let selector = LabelSelector { requirements: vec![not_prod], ..Default::default() };
    /// assert!(selector.matches(&staging));
    /// // NotIn holds for an absent label too.
    /// assert!(selector.matches(&Default::default()));
    /// ```
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.requirements.iter().all(|r| r.matches(labels))
    }

    /// Whether it selects everything.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }
}

/// A text that is no label selector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the label selector `{0}` is not understood")]
pub struct NotASelector(pub String);

impl FromStr for LabelSelector {
    type Err = NotASelector;

    /// A selector as kubectl's `-l` takes it: `a=b,c!=d,e in (x,y),f,!g`.
    ///
    /// ```
    /// # use kuberlock_model::selector::LabelSelector;
    /// let selector: LabelSelector = "tier in (web, api), !legacy".parse().unwrap();
    /// assert!(selector.matches(&[("tier".to_owned(), "web".to_owned())].into()));
    /// assert!(!selector.matches(&Default::default()));
    /// assert!("tier in web".parse::<LabelSelector>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, NotASelector> {
        let requirements = parts(text).into_iter().map(|part| {
            let part = part.trim();
            Requirement::parse(part).ok_or_else(|| NotASelector(part.to_owned()))
        });
        Ok(Self { requirements: requirements.collect::<Result<_, _>>()?, labels: 0 })
    }
}

/// Splits at commas outside of parentheses.
fn parts(text: &str) -> Vec<&str> {
    let mut inside = false;
    text.split(move |c| {
        match c {
            '(' => inside = true,
            ')' => inside = false,
            _ => {}
        }
        c == ',' && !inside
    })
    .filter(|part| !part.trim().is_empty())
    .collect()
}

impl Requirement {
    fn parse(text: &str) -> Option<Self> {
        let key = |key: &str| {
            let key = key.trim();
            let word = !key.is_empty() && !key.contains([' ', '(', ')', '=', '!', ',']);
            word.then(|| key.to_owned())
        };
        let set = |values: &str| {
            let inside = values.trim().strip_prefix('(')?.strip_suffix(')')?;
            Some(inside.split(',').map(|value| value.trim().to_owned()).collect())
        };
        let one = |value: &str| vec![value.trim().to_owned()];
        if let Some((name, value)) = text.split_once("!=") {
            return Some(Self::NotIn(key(name)?, one(value)));
        }
        if let Some((name, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
            return Some(Self::In(key(name)?, one(value)));
        }
        if let Some((name, values)) = text.split_once(" notin ") {
            return Some(Self::NotIn(key(name)?, set(values)?));
        }
        if let Some((name, values)) = text.split_once(" in ") {
            return Some(Self::In(key(name)?, set(values)?));
        }
        match text.strip_prefix('!') {
            Some(name) => Some(Self::DoesNotExist(key(name)?)),
            None => Some(Self::Exists(key(text)?)),
        }
    }

    fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        match self {
            Self::In(key, values) => labels.get(key).is_some_and(|v| values.contains(v)),
            Self::NotIn(key, values) => labels.get(key).is_none_or(|v| !values.contains(v)),
            Self::Exists(key) => labels.contains_key(key),
            Self::DoesNotExist(key) => !labels.contains_key(key),
        }
    }
}
