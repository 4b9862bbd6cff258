//! The certificates of a machine, as the checks of the pack `certificates` ask for them.
//!
//! Enters: a machine. Leaves: findings: one for each certificate that fails, or one for all of them.
//! Always holds: the time is the context's; without one, nothing that rests on it is decided.

use kuberlock_model::certificate::Certificate;
use kuberlock_model::{Evidence, Remedy, Subject, Timestamp};

use crate::check::Outcome;
use crate::machine::Machine;

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// Puts `fault` to each certificate of `machine` that `concerns` it: a fault is why it fails, what
/// of it shows that, and what to do.
pub(crate) fn each(
    machine: &Machine<'_>,
    concerns: impl Fn(&Certificate) -> bool,
    fault: impl Fn(&Certificate) -> Option<(String, String, String)>,
) -> Vec<(Subject, Outcome)> {
    let asked: Vec<&Certificate> =
        machine.host.certificates.iter().filter(|c| concerns(c)).collect();
    let on_node = Subject::Node { node: machine.node.to_owned() };
    if asked.is_empty() {
        return vec![(on_node, machine.absent("no such certificate was seen on this node"))];
    }
    let failed = asked.iter().filter_map(|certificate| {
        let (message, shown, question) = fault(certificate)?;
        let outcome = Outcome::fail(
            format!("{}: {message}", named(certificate)),
            Remedy::Decision { question },
        );
        let path = certificate.path.clone();
        let evidence = Evidence::file(shown, machine.node, &path);
        let subject = Subject::File { node: Some(machine.node.to_owned()), path };
        Some((subject, outcome.with(evidence)))
    });
    // A file may hold several: the worst message need not hide the others.
    let mut by_file: Vec<(Subject, Outcome)> = Vec::new();
    for (subject, outcome) in failed {
        match by_file.iter_mut().find(|(held, _)| *held == subject) {
            Some((_, held)) => {
                held.message = format!("{}; {}", held.message, outcome.message).into();
                held.evidence.extend(outcome.evidence);
            }
            None => by_file.push((subject, outcome)),
        }
    }
    if by_file.is_empty() {
        let message = format!("all {} certificates are as they should be", asked.len());
        by_file.push((on_node, Outcome::pass(message)));
    }
    by_file
}

/// The answer where the time is not known.
pub(crate) fn no_time(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    let subject = Subject::Node { node: machine.node.to_owned() };
    vec![(subject, Outcome::unknown("nothing tells the time at which this was collected"))]
}

/// Whole days from `from` to `to`; negative where `to` is earlier.
pub(crate) fn days(from: Timestamp, to: Timestamp) -> i64 {
    (to.as_second() - from.as_second()).div_euclid(DAY)
}

/// A parameter that is a number of days.
pub(crate) fn days_parameter(machine: &Machine<'_>, check: &str, name: &str) -> Option<i64> {
    machine.context.parameter(check, name).parse().ok().filter(|days| *days >= 0)
}

/// The answer where a parameter is no number of days.
pub(crate) fn no_number(machine: &Machine<'_>, name: &str) -> Vec<(Subject, Outcome)> {
    let subject = Subject::Node { node: machine.node.to_owned() };
    vec![(subject, Outcome::unknown(format!("the parameter `{name}` is no number of days")))]
}

fn named(certificate: &Certificate) -> String {
    match &certificate.entry {
        Some(entry) => format!("`{}` of {entry}", certificate.subject),
        None => format!("`{}`", certificate.subject),
    }
}
