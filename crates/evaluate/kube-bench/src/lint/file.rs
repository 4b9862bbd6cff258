//! Defects of the file as a whole: keys, identity, ids.

use std::collections::{BTreeMap, BTreeSet};

use kuberlock_model::FieldPath;

use super::{Benchmark, Found, rule};
use crate::controls::Controls;

/// Keys of a check, which kube-bench reads beside `tests` and not within.
const OF_CHECK: [&str; 10] = [
    "id",
    "text",
    "audit",
    "audit_env",
    "audit_config",
    "type",
    "remediation",
    "scored",
    "set",
    "use_multiple_values",
];

/// Keys that kube-bench's types have though nothing reads them.
const IDLE: [&str; 3] = ["set", "output", "value"];

/// Keys that no field takes, by their paths: `groups.0.checks.1.tests.?.remediation`.
pub(super) fn keys(controls: &Controls, unknown: &BTreeSet<String>, found: &mut Found<'_>) {
    for path in unknown {
        let steps: Vec<&str> = path.split('.').filter(|step| *step != "?").collect();
        let field = steps.iter().fold(FieldPath::root(), |path, step| match step.parse() {
            Ok(index) => path.index(index),
            Err(_) => path.key(step),
        });
        // The heading holds nothing, and every file has it.
        let Some(key) = steps.last().filter(|_| path != "controls") else { continue };
        let entry = entry(controls, &steps);
        if steps.contains(&"tests") && OF_CHECK.contains(key) && !IDLE.contains(key) {
            let message =
                format!("`{key}` stands inside of `tests`, and kube-bench does not see it");
            found.add(&rule::MISPLACED_KEY, &entry, &field, &message);
        } else if !IDLE.contains(key) {
            found.add(&rule::UNKNOWN_KEY, &entry, &field, &format!("`{key}` is no key there"));
        }
    }
}

/// The id of the check or group that a path leads into.
fn entry(controls: &Controls, steps: &[&str]) -> String {
    let index = |name: &str| {
        let at = steps.iter().position(|step| *step == name)?;
        steps.get(at + 1)?.parse::<usize>().ok()
    };
    let group = index("groups").and_then(|at| controls.groups.get(at));
    let check = group.zip(index("checks")).and_then(|(group, at)| group.checks.get(at));
    match (check, group) {
        (Some(check), _) => check.id.clone(),
        (None, Some(group)) => group.id.clone(),
        (None, None) => "the file".to_owned(),
    }
}

pub(super) fn identity(
    controls: &Controls,
    benchmark: Option<Benchmark<'_>>,
    found: &mut Found<'_>,
) {
    let target = found.file.target.clone();
    if controls.target != target {
        let message = format!("the type is `{}`, and the file `{target}.yaml`", controls.target);
        found.add(&rule::TARGET, "the file", &FieldPath::of("type"), &message);
    }
    let Some(benchmark) = benchmark else { return };
    if controls.version != benchmark.name {
        let (version, name) = (&controls.version, benchmark.name);
        let message = format!("the version is `{version}`, and the folder `{name}`");
        found.add(&rule::VERSION, "the file", &FieldPath::of("version"), &message);
    }
}

pub(super) fn ids(controls: &Controls, found: &mut Found<'_>) {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut numbers: BTreeMap<String, &str> = BTreeMap::new();
    for (at, group) in controls.groups.iter().enumerate() {
        for (index, check) in group.checks.iter().enumerate() {
            let path = FieldPath::of("groups").index(at).key("checks").index(index).key("id");
            let id = check.id.as_str();
            let count = seen.entry(id).or_default();
            *count += 1;
            if *count > 1 {
                let message = format!("`{id}` is the id of another check before");
                found.add(&rule::DUPLICATE_ID, id, &path, &message);
            }
            // Only two parts make a number; `1.2.10` is a text to every reader.
            let Some(number) = id.parse::<f64>().ok().filter(|number| number.is_finite()) else {
                continue;
            };
            let other = *numbers.entry(number.to_string()).or_insert(id);
            if other != id {
                let message = format!("`{id}` and `{other}` are one number");
                found.add(&rule::AMBIGUOUS_ID, id, &path, &message);
            }
        }
    }
}
