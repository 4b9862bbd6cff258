//! Results as kube-bench prints them with `--json`, and as a plain table.

use crate::benchmark::{GroupResult, Result, State, json_text};

/// How many checks came to each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Passed.
    pub pass: usize,
    /// Failed.
    pub fail: usize,
    /// Warned.
    pub warn: usize,
    /// Skipped.
    pub info: usize,
    /// Not run here.
    pub not_run: usize,
}

impl Totals {
    /// Counts groups.
    pub fn of<'r>(groups: impl IntoIterator<Item = &'r GroupResult>) -> Self {
        let mut totals = Self::default();
        for (_, outcome) in groups.into_iter().flat_map(|group| &group.checks) {
            match outcome.state {
                State::Pass => totals.pass += 1,
                State::Fail => totals.fail += 1,
                State::Warn => totals.warn += 1,
                State::Info => totals.info += 1,
                State::NotRun => totals.not_run += 1,
            }
        }
        totals
    }

    fn json(&self, prefix: &str, out: &mut String) {
        let numbers =
            [("pass", self.pass), ("fail", self.fail), ("warn", self.warn), ("info", self.info)];
        for (at, (name, number)) in numbers.into_iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            out.push_str(&format!("{comma}\"{prefix}{name}\":{number}"));
        }
        // kube-bench has no such number; it is there only where it is needed.
        if self.not_run > 0 {
            out.push_str(&format!(",\"{prefix}not_run\":{}", self.not_run));
        }
    }
}

/// The results as `kube-bench --json` writes them. `detected` is the release that the benchmark was
/// chosen for, `none` where it was named.
pub fn json(results: &[Result], detected: &str) -> String {
    let mut out = String::from("{\"Controls\":[");
    for (at, result) in results.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        controls(result, detected, &mut out);
    }
    out.push_str("],\"Totals\":{");
    Totals::of(results.iter().flat_map(|result| &result.groups)).json("total_", &mut out);
    out.push_str("}}\n");
    out
}

fn controls(result: &Result, detected: &str, out: &mut String) {
    let controls = &result.controls;
    field("{", "id", &controls.id, out);
    field(",", "version", &controls.version, out);
    if !detected.is_empty() {
        field(",", "detected_version", detected, out);
    }
    field(",", "text", &controls.text, out);
    field(",", "node_type", &controls.target, out);
    match result.groups.is_empty() {
        true => out.push_str(",\"tests\":null"),
        false => {
            out.push_str(",\"tests\":[");
            for (at, group) in result.groups.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                group_json(group, out);
            }
            out.push(']');
        }
    }
    out.push(',');
    Totals::of(&result.groups).json("total_", out);
    out.push('}');
}

fn group_json(group: &GroupResult, out: &mut String) {
    field("{", "section", &group.id, out);
    field(",", "type", "", out);
    out.push(',');
    Totals::of([group]).json("", out);
    field(",", "desc", &group.text, out);
    out.push_str(",\"results\":[");
    for (at, (check, outcome)) in group.checks.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        field("{", "test_number", &check.id, out);
        field(",", "test_desc", &check.text, out);
        field(",", "audit", &check.audit, out);
        field(",", "AuditEnv", &check.audit_env, out);
        field(",", "AuditConfig", &check.audit_config, out);
        field(",", "type", &check.kind, out);
        field(",", "remediation", &check.remediation, out);
        out.push_str(",\"test_info\":[");
        json_text(&check.remediation, out);
        out.push(']');
        field(",", "status", outcome.state.word(), out);
        field(",", "actual_value", &outcome.actual, out);
        out.push_str(&format!(
            ",\"scored\":{},\"IsMultiple\":{}",
            check.scored, check.use_multiple_values
        ));
        field(",", "expected_result", &outcome.expected, out);
        if !outcome.reason.is_empty() {
            field(",", "reason", &outcome.reason, out);
        }
        out.push('}');
    }
    out.push_str("]}");
}

fn field(before: &str, name: &str, value: &str, out: &mut String) {
    out.push_str(before);
    json_text(name, out);
    out.push(':');
    json_text(value, out);
}

/// The results for people: each check on a line, and the counts.
pub fn table(results: &[Result]) -> String {
    let mut out = String::new();
    for result in results {
        let controls = &result.controls;
        out.push_str(&format!("{} {} ({})\n", controls.id, controls.text, controls.target));
        for component in &result.missing {
            out.push_str(&format!("  nothing runs that would be `{component}`\n"));
        }
        for group in &result.groups {
            out.push_str(&format!("  {} {}\n", group.id, group.text));
            for (check, outcome) in &group.checks {
                let state = outcome.state.word();
                out.push_str(&format!("    {state:<7}  {:<7}  {}\n", check.id, check.text.trim()));
                let told = matches!(outcome.state, State::NotRun)
                    || outcome.state == State::Fail && !outcome.reason.is_empty();
                if told {
                    out.push_str(&format!("             {}\n", one_line(&outcome.reason)));
                }
            }
        }
        out.push('\n');
    }
    let totals = Totals::of(results.iter().flat_map(|result| &result.groups));
    out.push_str(&format!(
        "{} pass, {} fail, {} warn, {} info, {} not run\n",
        totals.pass, totals.fail, totals.warn, totals.info, totals.not_run
    ));
    out
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
