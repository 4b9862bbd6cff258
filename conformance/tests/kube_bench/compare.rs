//! Whether two results say the same.

use std::path::Path;

use libtest_mimic::Failed;
use serde_json::Value;

/// The most differences that are shown.
const SHOWN: usize = 10;

/// What a comparison came to.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    /// How many checks are the same.
    pub(crate) equal: usize,
    /// Why the others were not run by us.
    pub(crate) not_run: Vec<String>,
}

impl Compared {
    /// Takes in another's.
    pub(crate) fn add(&mut self, other: Self) {
        self.equal += other.equal;
        self.not_run.extend(other.not_run);
    }
}

/// Compares every field of every check of a benchmark; gives their number.
pub(crate) fn equal(folder: &Path, benchmark: &str) -> Result<usize, Failed> {
    Ok(compared(folder, benchmark, false)?.equal)
}

/// As [`equal`], of the checks that were run by us.
pub(crate) fn decided(folder: &Path, benchmark: &str) -> Result<Compared, Failed> {
    compared(folder, benchmark, true)
}

fn compared(folder: &Path, benchmark: &str, partly: bool) -> Result<Compared, Failed> {
    let mut found = Compared::default();
    let (theirs, ours) = (read(folder, benchmark, "theirs")?, read(folder, benchmark, "ours")?);
    let (left, right) = (checks(&theirs), checks(&ours));
    let mut differences = Vec::new();
    if left.len() != right.len() {
        differences.push(format!("{} checks, and {} of ours", left.len(), right.len()));
    }
    for (one, other) in left.iter().zip(&right) {
        if partly && other["status"] == "NOT RUN" {
            found.not_run.push(other["reason"].as_str().unwrap_or_default().to_owned());
            continue;
        }
        found.equal += 1;
        for field in fields(one, other) {
            let (a, b) = (shown(one, &field), shown(other, &field));
            if a != b {
                let id = one["test_number"].as_str().unwrap_or_default();
                differences
                    .push(format!("{benchmark} {id} {field}\n  theirs {a:?}\n  ours   {b:?}"));
            }
        }
    }
    if found.not_run.is_empty() && theirs.get("Totals") != ours.get("Totals") {
        differences.push(format!("{benchmark}: the totals differ"));
    }
    if differences.is_empty() {
        return Ok(found);
    }
    let count = differences.len();
    differences.truncate(SHOWN);
    Err(format!("{count} differences\n{}", differences.join("\n")).into())
}

fn read(folder: &Path, benchmark: &str, whose: &str) -> Result<Value, Failed> {
    let text = std::fs::read_to_string(folder.join(format!("{benchmark}.{whose}.json")))?;
    serde_json::from_str(&text).map_err(|error| {
        let said = folder.join(format!("{benchmark}.{whose}.err"));
        let said = std::fs::read_to_string(said).unwrap_or_default();
        format!("{benchmark}, {whose}: {error}; it said: {said}").into()
    })
}

fn checks(results: &Value) -> Vec<&Value> {
    let controls = list(results, "Controls");
    let groups = controls.iter().flat_map(|control| list(control, "tests"));
    groups.flat_map(|group| list(group, "results")).collect()
}

fn list<'v>(value: &'v Value, field: &str) -> &'v [Value] {
    value[field].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The fields that either has.
fn fields(one: &Value, other: &Value) -> Vec<String> {
    let names = |value: &Value| -> Vec<String> {
        value.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default()
    };
    let mut all = [names(one), names(other)].concat();
    all.sort();
    all.dedup();
    all
}

/// A field as it is compared: without the columns of `ps` that tell of time and identity, without
/// the lines of the tools themselves, and lines of errors in any order, since a pipeline's programs
/// run at once.
fn shown(check: &Value, field: &str) -> Value {
    let Some(text) = check[field].as_str() else { return check[field].clone() };
    match field {
        "actual_value" => Value::String(cut(text)),
        "reason" => {
            let mut lines: Vec<&str> =
                text.split("\\n").filter(|line| !is_of_a_thread(line)).collect();
            if let Some((first, rest)) =
                lines.first().and_then(|line| line.split_once("output: \""))
            {
                lines.splice(0..1, [first, rest]);
            }
            lines.sort_unstable();
            Value::String(lines.join("\n"))
        }
        _ => check[field].clone(),
    }
}

/// Whether openssl says it with the number of its thread, which is another each time.
fn is_of_a_thread(line: &str) -> bool {
    let number = line.split_once(":error:").map(|(number, _)| number);
    number.is_some_and(|n| !n.is_empty() && n.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn cut(text: &str) -> String {
    let line = |line: &str| -> Option<String> {
        if is_of_a_thread(line) {
            return None;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = |at: usize| words.get(at).is_some_and(|word| word.parse::<u64>().is_ok());
        let clock = words.get(6).is_some_and(|word| word.matches(':').count() == 2);
        if !(number(1) && number(2) && number(3) && clock) {
            return Some(line.to_owned());
        }
        let rest = words.get(7..).unwrap_or_default().join(" ");
        let own = rest.contains("kube-bench") || rest.contains("kuberlock");
        (!own).then(|| format!("{} {rest}", words.first().copied().unwrap_or_default()))
    };
    text.split('\n').filter_map(line).collect::<Vec<_>>().join("\n")
}
