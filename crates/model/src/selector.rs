//! Label selectors, as `metav1.LabelSelector` means them.

use std::collections::BTreeMap;

/// A label selector. Empty selects everything; an absent one is the caller's to read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelSelector {
    /// `matchLabels` and `matchExpressions`; all must hold.
    pub requirements: Vec<Requirement>,
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
    /// assert!(LabelSelector { requirements: vec![not_prod.clone()] }.matches(&staging));
    /// // NotIn holds for an absent label too.
    /// assert!(LabelSelector { requirements: vec![not_prod] }.matches(&Default::default()));
    /// ```
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.requirements.iter().all(|r| r.matches(labels))
    }

    /// Whether it selects everything.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }
}

impl Requirement {
    fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        match self {
            Self::In(key, values) => labels.get(key).is_some_and(|v| values.contains(v)),
            Self::NotIn(key, values) => labels.get(key).is_none_or(|v| !values.contains(v)),
            Self::Exists(key) => labels.contains_key(key),
            Self::DoesNotExist(key) => !labels.contains_key(key),
        }
    }
}
