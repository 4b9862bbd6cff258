//! Why two verdicts differ: classes that a fact of either side shows.

use std::collections::BTreeSet;

use kuberlock_model::Verdict;
use kuberlock_model::finding::{Finding, From};

use super::{Ours, Theirs};
use crate::benchmark::State;

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The class, one of a few words: `manual`, `file-absent`, …
    pub class: &'static str,
    /// In words.
    pub text: String,
}

fn why(class: &'static str, text: impl Into<String>) -> Option<Why> {
    Some(Why { class, text: text.into() })
}

/// Every reason that a fact shows.
pub(super) fn reasons(theirs: Option<&Theirs>, ours: Option<&Ours<'_>>) -> Vec<Why> {
    let mut found: Vec<Why> = match theirs {
        None => why("not-in-file", "kube-bench was not asked this item").into_iter().collect(),
        Some(theirs) => [
            undecided(theirs),
            failed(theirs),
            absent(theirs, ours),
            several(theirs),
            other(theirs),
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    match ours {
        None => found.extend(why("not-in-map", "no item of our own map has this number")),
        Some(ours) => {
            found.extend(open(ours));
            found.extend(theirs.and_then(|theirs| default_of(theirs, ours)));
            found.extend(theirs.and_then(|theirs| elsewhere(theirs, ours)));
            found.extend(not_applicable(ours));
        }
    }
    if let (true, Some(theirs)) = (found.is_empty(), theirs) {
        let expected = match theirs.expected.as_str() {
            "" => "that its test holds",
            expected => expected,
        };
        found.extend(why("other-question", format!("kube-bench tests what its audit prints for {expected}; our checks ask what their findings say")));
    }
    found
}

/// kube-bench ran no test.
fn undecided(theirs: &Theirs) -> Option<Why> {
    match theirs.state {
        State::Info => why("skipped", "kube-bench's file marks the check to be skipped"),
        State::NotRun => why("not-run", theirs.reason.clone()),
        State::Warn if theirs.kind == "manual" => {
            why("manual", "kube-bench runs no test and leaves the item to a person")
        }
        State::Warn if theirs.is_left() => why("no-test", "kube-bench's file has no test for it"),
        _ => None,
    }
}

/// The audit itself failed.
fn failed(theirs: &Theirs) -> Option<Why> {
    if !theirs.reason.starts_with("failed to run:") {
        return None;
    }
    let status = theirs.reason.rsplit_once("exit status ").map_or("?", |(_, status)| status);
    if theirs.reason.contains("No such file or directory") {
        let text = "a file that kube-bench's audit reads is not there, and the audit ends with \
                    status";
        return why("file-absent", format!("{text} {status}"));
    }
    why("audit-failed", format!("kube-bench's audit ended with status {status}"))
}

/// The audit printed nothing.
fn absent(theirs: &Theirs, ours: Option<&Ours<'_>>) -> Option<Why> {
    let ran = theirs.holds().is_some() && theirs.reason.is_empty();
    if !ran || !theirs.actual.trim().is_empty() {
        return None;
    }
    let [audit, ..] = &theirs.audits;
    let of_file = ["stat ", "find ", "test -e", "test -f", "ls "].iter().any(|w| audit.contains(w));
    let of_process = audit.contains("ps ");
    let (class, what) = match (of_file, of_process) {
        (_, true) => ("process-absent", "no process that kube-bench's audit looks for was found"),
        (true, _) => ("file-absent", "no file that kube-bench's audit looks for was found"),
        _ => ("nothing-printed", "kube-bench's audit printed nothing"),
    };
    let counts = match theirs.holds() {
        Some(true) => "its test holds on empty output",
        _ => "empty output counts as failing",
    };
    let own = match ours.and_then(Ours::verdict) {
        Some(Verdict::NotApplicable | Verdict::Pass) => "; for us what is absent is no fault",
        _ => "",
    };
    why(class, format!("{what}; {counts}{own}"))
}

/// The flags that the test names: `'--profiling' is present`.
fn flags(theirs: &Theirs) -> BTreeSet<&str> {
    let words = theirs.expected.split('\'');
    words.filter(|word| word.starts_with("--") && !word.contains(' ')).collect()
}

/// Lines of `ps` that are processes: their command lines.
fn command_lines(theirs: &Theirs) -> Vec<&str> {
    let [audit, ..] = &theirs.audits;
    if !audit.contains("ps ") {
        return Vec::new();
    }
    let lines = theirs.actual.lines().filter(|line| !line.trim_start().starts_with("UID "));
    lines.filter_map(command).collect()
}

/// What stands behind the columns of `ps -ef`: five words, terminal and time.
fn command(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    for _ in 0..7 {
        let (_, behind) = rest.split_once(char::is_whitespace)?;
        rest = behind.trim_start();
    }
    Some(rest).filter(|rest| !rest.is_empty())
}

/// The value of `flag` in a command line.
fn value<'l>(line: &'l str, flag: &str) -> Option<&'l str> {
    let mut words = line.split_whitespace();
    words.find_map(|word| {
        let rest = word.strip_prefix(flag)?;
        if rest.is_empty() { Some("") } else { rest.strip_prefix('=') }
    })
}

/// Of several processes kube-bench takes the first that has the flag.
fn several(theirs: &Theirs) -> Option<Why> {
    let lines = command_lines(theirs);
    if lines.len() < 2 {
        return None;
    }
    let flag = flags(theirs).into_iter().find(|flag| {
        let values: BTreeSet<Option<&str>> = lines.iter().map(|line| value(line, flag)).collect();
        values.len() > 1
    })?;
    why(
        "first-of-several",
        format!(
            "the audit printed {} processes that do not agree on {flag}; kube-bench looks at the \
             first that has it",
            lines.len()
        ),
    )
}

/// The program that `grep` was to find, and lines that are of another.
fn other(theirs: &Theirs) -> Option<Why> {
    let [audit, ..] = &theirs.audits;
    let wanted = audit.split_once("grep ")?.1.split_whitespace().next()?;
    if wanted.starts_with('-') {
        return None;
    }
    let is_other = |line: &&str| {
        let program = line.split_whitespace().next().unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or(program);
        program != wanted && line.contains(wanted)
    };
    let line = command_lines(theirs).into_iter().find(is_other)?;
    let program = line.split_whitespace().next().unwrap_or_default();
    why(
        "other-process",
        format!("kube-bench's audit also found `{program}`, whose line names {wanted}"),
    )
}

/// We do not decide.
fn open(ours: &Ours<'_>) -> Option<Why> {
    match (ours.verdict(), &ours.undecided) {
        (None, Some(reason)) => why("undecided", format!("no check of ours answers it: {reason}")),
        (None, None) => why("no-subject", "our checks found nothing on this node to ask it of"),
        (Some(Verdict::Unknown), _) => {
            let first = ours.deciding().next().map(|finding| finding.message.as_ref());
            why("not-seen", format!("we leave it open: {}", first.unwrap_or_default()))
        }
        _ => None,
    }
}

fn not_applicable(ours: &Ours<'_>) -> Option<Why> {
    let first = ours.deciding().next()?;
    if ours.verdict() != Some(Verdict::NotApplicable) {
        return None;
    }
    why("not-applicable", format!("for us the question does not arise: {}", first.message))
}

/// What our verdict rests on.
fn evidence<'o>(ours: &'o Ours<'_>) -> impl Iterator<Item = (&'o str, &'o From)> {
    let all = ours.deciding().flat_map(|finding: &Finding| &finding.evidence);
    all.map(|evidence| (evidence.value.as_str(), &evidence.from))
}

/// A flag that is not set: kube-bench wants it written, we count what the release does without.
fn default_of(theirs: &Theirs, ours: &Ours<'_>) -> Option<Why> {
    let missing = flags(theirs).into_iter().find(|flag| !theirs.actual.contains(flag));
    evidence(ours).find_map(|(value, from)| match (from, missing) {
        (From::Default { release }, Some(flag)) => why(
            "default",
            format!("{flag} is not set; kube-bench knows no defaults, we count {value}, the default of {release}"),
        ),
        (From::Default { release }, None) => {
            why("default", format!("we count {value}, the default of {release}"))
        }
        _ => None,
    })
}

/// A file that our verdict rests on and kube-bench's audits do not name.
fn elsewhere(theirs: &Theirs, ours: &Ours<'_>) -> Option<Why> {
    evidence(ours).find_map(|(_, from)| {
        let path = match from {
            From::Document { origin, .. } => origin.source.split_once(':')?.1,
            From::File { path, .. } => path.as_str(),
            From::Default { .. } => return None,
        };
        // The command line of a process is what kube-bench asks `ps` for.
        let of_process = path.starts_with("/proc/") || path.starts_with("process");
        if !path.starts_with('/') || of_process || reads(theirs, path) {
            return None;
        }
        if path.split('/').rev().skip(1).any(|folder| folder.ends_with(".d")) {
            return why(
                "drop-in",
                format!("our verdict rests on the drop-in {path}, which kube-bench does not read"),
            );
        }
        let manifest =
            path.contains("/manifests/") && theirs.audits.iter().any(|a| a.contains("ps "));
        if manifest {
            return why(
                "manifest",
                format!("our verdict rests on the manifest {path}; kube-bench asks only what runs"),
            );
        }
        why(
            "other-file",
            format!("our verdict rests on {path}, which kube-bench's audit does not read"),
        )
    })
}

/// Whether one of the audits names `path`, or a folder above it that it looks through.
fn reads(theirs: &Theirs, path: &str) -> bool {
    let mut above = Some(path);
    while let Some(at) = above.filter(|at| at.matches('/').count() > 1) {
        let looks_through = at == path
            || theirs.audits.iter().any(|audit| audit.contains("find ") || audit.contains('*'));
        if looks_through && theirs.audits.iter().any(|audit| audit.contains(at)) {
            return true;
        }
        above = at.rsplit_once('/').map(|(above, _)| above);
    }
    theirs.actual.contains(path)
}
