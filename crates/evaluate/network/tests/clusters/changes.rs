//! What may happen to a cluster: policies come, change and go, and so do pods; labels change.

use kuberlock_model::{Change, Object};

use super::random::Random;
use super::selectors::{NAMESPACE, NODE, POD, labels};
use super::{NAMESPACES, pods, policies, tiers};

/// A few changes in a row, of what `objects` and the changes before them leave there.
pub fn changes(random: &mut Random, objects: &[Object]) -> Vec<Change> {
    let mut held = objects.to_vec();
    random.some(1, 4, |random| {
        let change = change(random, &held);
        apply(&mut held, &change);
        change
    })
}

/// Brings a change into a list of objects.
pub fn apply(objects: &mut Vec<Object>, change: &Change) {
    match change {
        Change::Upsert(object) => {
            objects.retain(|held| held.key() != object.key());
            objects.push((**object).clone());
        }
        Change::Delete(key) => objects.retain(|held| held.key() != *key),
        _ => {}
    }
}

fn change(random: &mut Random, objects: &[Object]) -> Change {
    let namespace = *random.pick(&NAMESPACES);
    match random.below(8) {
        0 | 1 => {
            let number = random.below(6);
            Change::upsert(Object::NetworkPolicy(policies::policy(random, namespace, number)))
        }
        2 => {
            let number = random.below(5);
            Change::upsert(Object::TieredPolicy(tiers::policy(random, number)))
        }
        3 => {
            let number = random.between(8, 10);
            Change::upsert(Object::Pod(pods::pod(random, namespace, number)))
        }
        4 | 5 if !objects.is_empty() => {
            let object = random.pick(objects).clone();
            Change::upsert(relabelled(random, object))
        }
        _ if !objects.is_empty() => Change::Delete(random.pick(objects).key()),
        _ => Change::upsert(pods::namespace(random, namespace)),
    }
}

/// The same object with other labels, some of a key that nobody had.
fn relabelled(random: &mut Random, mut object: Object) -> Object {
    let mut fresh = |of| {
        let mut labels = labels(random, of);
        if random.one_in(3) {
            labels.insert("unheard-of".to_owned(), "none".to_owned());
        }
        labels
    };
    match &mut object {
        Object::Namespace(namespace) => namespace.metadata.labels = fresh(NAMESPACE),
        Object::Node(node) => node.metadata.labels = fresh(NODE),
        Object::Pod(pod) => pod.metadata.labels = fresh(POD),
        Object::Workload(workload) => workload.pod_labels = fresh(POD),
        _ => {}
    }
    object
}
