//! Labels, and selectors that speak of them: every operator, several of one key, ones that no label
//! meets, ones of keys that nobody has.

use std::collections::BTreeMap;

use kuberlock_model::selector::{LabelSelector, Requirement};

use super::random::Random;

/// Keys and values of one sort of object.
pub type Vocabulary = [(&'static str, &'static [&'static str])];

pub const POD: &Vocabulary = &[
    ("app", &["web", "db", "api"]),
    ("tier", &["front", "back"]),
    ("inst", &["0", "1", "2", "3"]),
];
pub const NAMESPACE: &Vocabulary = &[
    ("team", &["red", "blue"]),
    ("env", &["prod", "test"]),
    ("kubernetes.io/metadata.name", &super::NAMESPACES),
];
pub const NODE: &Vocabulary = &[("zone", &["1", "2"]), ("kubernetes.io/os", &["linux"])];

/// Labels: each key two times in three.
pub fn labels(random: &mut Random, of: &Vocabulary) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    for (key, values) in of {
        // The API server alone gives this one.
        if !key.starts_with("kubernetes.io/metadata") && !random.one_in(3) {
            labels.insert((*key).to_owned(), (*random.pick(values)).to_owned());
        }
    }
    labels
}

/// A selector of up to three requirements; one in four selects everything.
pub fn selector(random: &mut Random, of: &Vocabulary) -> LabelSelector {
    if random.one_in(4) {
        return LabelSelector::default();
    }
    let requirements = match random.below(8) {
        0 => 3,
        1 | 2 => 2,
        _ => 1,
    };
    LabelSelector {
        requirements: (0..requirements).map(|_| requirement(random, of)).collect(),
        ..LabelSelector::default()
    }
}

fn requirement(random: &mut Random, of: &Vocabulary) -> Requirement {
    let (key, values) = *random.pick(of);
    let key = if random.one_in(12) { "unheard-of" } else { key }.to_owned();
    let mut some = || {
        random.some(1, 2, |random| {
            if random.one_in(10) { "none" } else { random.pick(values) }.to_owned()
        })
    };
    let values = some();
    match random.below(6) {
        0..3 => Requirement::In(key, values),
        3 => Requirement::NotIn(key, values),
        4 => Requirement::Exists(key),
        _ => Requirement::DoesNotExist(key),
    }
}
