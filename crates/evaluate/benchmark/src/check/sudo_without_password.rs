//! Nobody becomes root without a password.
//!
//! # What
//! The rules of `/etc/sudoers` and `/etc/sudoers.d`. It fails where a user or group other than root
//! may run every command without a password.
//!
//! # Why
//! Whoever gets a shell as such a user is root at once: a leaked SSH key or a fault in one service
//! is enough to own the node and every pod on it.
//!
//! # Remedy
//! Ask for a password, or allow only the commands that are needed.
//!
//! # What the remedy may break
//! Automation that logs in as that user; give it a rule for its own commands.
//!
//! # References
//! - https://www.sudo.ws/docs/man/sudoers.man/

use kuberlock_model::coverage::Reach;
use kuberlock_model::system::SudoRule;
use kuberlock_model::{Evidence, Remedy, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Medium, question: Question::Host(evaluate) };

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    if machine.host.file("/etc/sudoers").is_none() {
        return machine.nothing("sudo is not on this node");
    }
    if let Reach::Partial(why) = machine.context.cluster.coverage().host(machine.node) {
        let seen = machine.sudo_rules().next().is_some();
        if !seen {
            return machine.one(Outcome::unknown(format!("its rules were not seen: {why}")));
        }
    }
    let is_open = |rule: &&SudoRule| {
        rule.without_password && rule.every_command && rule.who != "root" && rule.who != "#0"
    };
    let open: Vec<&SudoRule> = machine.sudo_rules().filter(is_open).collect();
    if open.is_empty() {
        return machine.one(Outcome::pass("no rule gives everything without a password"));
    }
    let mut who: Vec<String> = open.iter().map(|rule| format!("`{}`", rule.who)).collect();
    who.sort();
    who.dedup();
    let question = "which commands do they need as root? Allow those, or ask for a password";
    let remedy = Remedy::Decision { question: question.to_owned() };
    let evidence = open.iter().map(|rule| {
        let said =
            format!("line {}: {} may run everything without a password", rule.line, rule.who);
        Evidence::file(said, machine.node, &rule.path)
    });
    let message = format!("{} become root without a password", who.join(", "));
    machine.one(Outcome::fail(message, remedy).with_all(evidence))
}
