//! Labels that select exactly the pods of one workload.

use std::collections::{BTreeMap, BTreeSet};

use kuberlock_model::ObjectKey;
use kuberlock_model::selector::{LabelSelector, Requirement};

use crate::traffic::{Directory, Head, is_volatile};

/// Labels that last as long as a release does: selected by only where nothing else tells workloads
/// apart.
static OF_RELEASES: [&str; 6] = [
    "app.kubernetes.io/managed-by",
    "app.kubernetes.io/version",
    "chart",
    "helm.sh/chart",
    "heritage",
    "version",
];

/// How a workload's pods are selected within their namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Selection {
    pub(super) labels: BTreeMap<String, String>,
    /// Labels that its pods do not have, and others do.
    pub(super) absent: BTreeSet<String>,
}

impl Selection {
    pub(super) fn selector(&self) -> LabelSelector {
        let labels = self.labels.iter();
        let held = labels.map(|(key, value)| Requirement::In(key.clone(), vec![value.clone()]));
        let absent = self.absent.iter().map(|key| Requirement::DoesNotExist(key.clone()));
        LabelSelector { requirements: held.chain(absent).collect(), labels: self.labels.len() }
    }

    fn means(&self, labels: &BTreeMap<String, String>) -> bool {
        self.labels.iter().all(|(key, value)| labels.get(key) == Some(value))
            && !self.absent.iter().any(|key| labels.contains_key(key))
    }
}

/// The selection of a workload, and the others that it cannot be told from.
pub(super) fn selection(directory: &Directory<'_>, key: &ObjectKey) -> (Selection, Vec<ObjectKey>) {
    let Some(head) = directory.heads.get(key) else { return Default::default() };
    let others: Vec<(&ObjectKey, &Head<'_>)> = directory
        .heads
        .iter()
        // What is on its node's network is never selected.
        .filter(|(other, held)| {
            *other != key && other.namespace == key.namespace && !held.is_on_host_network()
        })
        .collect();
    let lasting = common(head, |label| !is_volatile(label) && !is_of_release(label));
    let wider = common(head, |label| !is_volatile(label));
    let mut best = Selection { labels: lasting, absent: BTreeSet::new() };
    if confused(&best, &others).next().is_some() {
        best.labels = wider;
        let own: BTreeSet<&String> = head.labels().flat_map(BTreeMap::keys).collect();
        let apart: Vec<String> = confused(&best, &others)
            .filter_map(|(_, other)| {
                let labels = common(other, |label| !is_volatile(label) && !is_of_release(label));
                labels.into_keys().find(|label| !own.contains(label))
            })
            .collect();
        best.absent.extend(apart);
    }
    let also = confused(&best, &others).map(|(key, _)| key.clone()).collect();
    (best, also)
}

fn is_of_release(label: &str) -> bool {
    OF_RELEASES.contains(&label)
}

/// The labels that all pods of a workload have in common.
fn common(head: &Head<'_>, wanted: impl Fn(&str) -> bool) -> BTreeMap<String, String> {
    let mut all = head.labels();
    let mut common = all.next().cloned().unwrap_or_default();
    common.retain(|key, _| wanted(key));
    for labels in all {
        common.retain(|key, value| labels.get(key) == Some(value));
    }
    common
}

fn confused<'o, 'h: 'o>(
    selection: &'o Selection,
    others: &'o [(&'h ObjectKey, &'h Head<'h>)],
) -> impl Iterator<Item = (&'h ObjectKey, &'h Head<'h>)> + 'o {
    let means = |head: &Head<'_>| head.labels().any(|labels| selection.means(labels));
    others.iter().copied().filter(move |(_, head)| means(head))
}
