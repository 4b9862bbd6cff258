//! Defects of a check's tests.

use regex::Regex;

use super::{Found, Place, rule};
use crate::controls::{TestItem, Tests};

const OPERATORS: [&str; 12] = [
    "eq",
    "noteq",
    "gt",
    "gte",
    "lt",
    "lte",
    "has",
    "nothave",
    "regex",
    "valid_elements",
    "bitmask",
    "",
];

pub(super) fn defects(place: &Place<'_>, found: &mut Found<'_>) {
    let check = place.check;
    if place.skipped || check.kind == "manual" {
        return;
    }
    let Some(tests) = check.tests.as_ref().filter(|tests| !tests.test_items.is_empty()) else {
        let message = "it has no tests: kube-bench never passes it";
        found.of_check(&rule::NEVER_PASSES, place, "", message);
        return;
    };
    if !matches!(tests.bin_op.as_str(), "" | "and" | "or") {
        let message = format!("`{}` joins no tests", tests.bin_op);
        found.of_check(&rule::UNKNOWN_JOIN, place, "tests.bin_op", &message);
    }
    for (at, item) in tests.test_items.iter().enumerate() {
        defects_of_item(place, item, at, found);
    }
    never(place, tests, found);
}

/// Whether an item can be fulfilled, whatever the audits print.
fn can_hold(item: &TestItem, has_config: bool, has_audit: bool) -> bool {
    let op = item.compare.op.as_str();
    if !item.set {
        return true;
    }
    let is_read = (!item.flag.is_empty() && has_audit)
        || (!item.path.is_empty() && has_config)
        || !item.env.is_empty()
        || (!item.flag.is_empty() && has_config);
    is_read && OPERATORS.contains(&op)
}

fn never(place: &Place<'_>, tests: &Tests, found: &mut Found<'_>) {
    let check = place.check;
    let can =
        |item: &TestItem| can_hold(item, !check.audit_config.is_empty(), !check.audit.is_empty());
    let possible = match tests.bin_op.as_str() {
        "or" => tests.test_items.iter().any(can),
        _ => tests.test_items.iter().all(can),
    };
    if !possible {
        let message = "no output of its audits fulfils its tests";
        found.of_check(&rule::NEVER_PASSES, place, "tests", message);
    }
}

fn defects_of_item(place: &Place<'_>, item: &TestItem, at: usize, found: &mut Found<'_>) {
    let check = place.check;
    let below = |key: &str| format!("tests.test_items.{at}.{key}");
    let op = item.compare.op.as_str();
    if !OPERATORS.contains(&op) {
        let message = format!("`{op}` is no operator of kube-bench, and never holds");
        found.of_check(&rule::UNKNOWN_OPERATOR, place, &below("compare.op"), &message);
    }
    if !item.set && !op.is_empty() {
        let value = &item.compare.value;
        let message = format!("`{op} {value}` is not looked at where the flag must be absent");
        found.of_check(&rule::IGNORED_COMPARE, place, &below("compare"), &message);
    }
    if !item.path.is_empty() && check.audit_config.is_empty() {
        let message = format!("`{}` is looked up nowhere", item.path);
        found.of_check(&rule::PATH_UNREAD, place, &below("path"), &message);
    }
    if op == "regex" && Regex::new(&item.compare.value).is_err() {
        let message = format!("`{}` is no regular expression", item.compare.value);
        found.of_check(&rule::BAD_REGEX, place, &below("compare.value"), &message);
    }
    if Regex::new(&item.flag).is_err() {
        let message = format!("the flag `{}` is no regular expression", item.flag);
        found.of_check(&rule::BAD_REGEX, place, &below("flag"), &message);
    } else if item
        .flag
        .trim_start_matches('$')
        .contains(['.', '+', '*', '?', '(', ')', '[', ']', '{', '}', '|', '^', '$'])
    {
        let message = format!("`{}` is matched as a regular expression", item.flag);
        found.of_check(&rule::FLAG_AS_REGEX, place, &below("flag"), &message);
    }
}
