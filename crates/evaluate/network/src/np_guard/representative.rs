//! Pods that a rule means and nobody has seen.
//!
//! np-guard makes one for every pair of selectors that rules name, and takes a rule to mean it that
//! names the same pair. Whether the labels of one selector imply another's is not asked.

use kuberlock_model::selector::{LabelSelector, Requirement};

use super::peer::Pod;
use crate::facts::NAMESPACE_NAME;

/// Pods by the selectors that mean them.
#[derive(Clone, Debug)]
pub(super) struct Representative {
    /// The policy's own namespace, where the rule names none.
    pub(super) namespace: Option<String>,
    pub(super) namespaces: LabelSelector,
    pub(super) pods: Option<LabelSelector>,
}

impl Representative {
    /// Of a rule of a policy of `namespace` that names no namespaces.
    pub(super) fn within(namespace: &str, pods: Option<&LabelSelector>) -> Self {
        let own = Requirement::In(NAMESPACE_NAME.to_owned(), vec![namespace.to_owned()]);
        Self {
            namespace: Some(namespace.to_owned()),
            namespaces: LabelSelector { requirements: vec![own], labels: 1 },
            pods: pods.cloned(),
        }
    }

    /// Of a rule that names namespaces.
    pub(super) fn of(namespaces: &LabelSelector, pods: Option<&LabelSelector>) -> Self {
        Self { namespace: None, namespaces: namespaces.clone(), pods: pods.cloned() }
    }

    /// Whether it is of the same pods.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let pods = |of: &Self| of.pods.as_ref().map(requirements).unwrap_or_default();
        requirements(&self.namespaces) == requirements(&other.namespaces)
            && pods(self) == pods(other)
    }

    /// Whether the rule's selector of namespaces means it.
    pub(super) fn is_in(&self, rule: &LabelSelector) -> bool {
        is_same(rule, Some(&self.namespaces))
    }

    /// Whether the rule's selector of pods means it.
    pub(super) fn is_meant(&self, rule: &LabelSelector) -> bool {
        is_same(rule, self.pods.as_ref())
    }

    /// Whether `pod` is what it stands for, so that nothing unseen is left. Asked of labels only, and
    /// where both selectors name some.
    pub(super) fn is_seen_in(&self, pod: &Pod) -> bool {
        let Some(pods) = &self.pods else { return false };
        let plain = |s: &LabelSelector| !s.is_empty() && s.labels == s.requirements.len();
        plain(pods)
            && plain(&self.namespaces)
            && pods.matches(&pod.labels)
            && self.namespaces.matches(&pod.namespace_labels)
    }

    /// `backend/[all pods]`, `[namespace with {env=prod}]/[pod with {app=web}]`.
    pub(super) fn written(&self) -> String {
        let pods = match self.pods.as_ref().filter(|pods| !pods.is_empty()) {
            None => "[all pods]".to_owned(),
            Some(pods) => format!("[pod with {{{}}}]", selector(pods)),
        };
        format!("{}/{pods}", self.namespaces_written())
    }

    fn namespaces_written(&self) -> String {
        match self.namespaces.requirements.as_slice() {
            [] => "[all namespaces]".to_owned(),
            [Requirement::In(key, values)]
                if self.namespaces.labels == 1 && key == NAMESPACE_NAME =>
            {
                values.concat()
            }
            _ => format!("[namespace with {{{}}}]", selector(&self.namespaces)),
        }
    }
}

/// Whether a rule's selector is that of a representative, or means everybody.
fn is_same(rule: &LabelSelector, of: Option<&LabelSelector>) -> bool {
    rule.is_empty() || requirements(rule) == of.map(requirements).unwrap_or_default()
}

/// The requirements in one order, whatever that of the document: a label is an `In` with one value.
fn requirements(selector: &LabelSelector) -> Vec<Requirement> {
    let sorted = |values: &[String]| {
        let mut values = values.to_vec();
        values.sort();
        values
    };
    let tidy = |requirement: &Requirement| match requirement {
        Requirement::In(key, values) => Requirement::In(key.clone(), sorted(values)),
        Requirement::NotIn(key, values) => Requirement::NotIn(key.clone(), sorted(values)),
        other => other.clone(),
    };
    let mut requirements: Vec<Requirement> = selector.requirements.iter().map(tidy).collect();
    requirements.sort();
    requirements
}

/// Labels as they stand, by key, then the expressions in the order of their text.
fn selector(selector: &LabelSelector) -> String {
    let (labels, expressions) =
        selector.requirements.split_at(selector.labels.min(selector.requirements.len()));
    let label = |requirement: &Requirement| match requirement {
        Requirement::In(key, values) => format!("{key}={}", values.concat()),
        other => expression(other),
    };
    let mut labels: Vec<String> = labels.iter().map(label).collect();
    let mut expressions: Vec<String> = expressions.iter().map(expression).collect();
    expressions.sort();
    labels.append(&mut expressions);
    labels.join(",")
}

fn expression(requirement: &Requirement) -> String {
    let (key, operator, values) = match requirement {
        Requirement::In(key, values) => (key, "In", values.join(" ")),
        Requirement::NotIn(key, values) => (key, "NotIn", values.join(" ")),
        Requirement::Exists(key) => (key, "Exists", String::new()),
        Requirement::DoesNotExist(key) => (key, "DoesNotExist", String::new()),
    };
    format!("{{Key:{key},Operator:{operator},Values:[{values}],}}")
}
