//! Nobody logs in as root with a key.
//!
//! # What
//! `authorized_keys` of the users with the id 0. Only the number of keys is read, never a key.
//!
//! # Why
//! A login as root says nothing of who it was. With accounts of their own, people can be told apart
//! in the machine's log, and one of them can be shut out.
//!
//! # Remedy
//! Give people accounts of their own, and empty the file of root.
//!
//! # What the remedy may break
//! Automation that logs in as root.
//!
//! # References
//! - https://man.openbsd.org/sshd_config#PermitRootLogin

use kuberlock_model::coverage::Reach;
use kuberlock_model::system::AuthorizedKeys;
use kuberlock_model::{Evidence, Remedy, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Low, question: Question::Host(evaluate) };

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    let of_root: Vec<&AuthorizedKeys> =
        machine.authorized_keys().filter(|keys| keys.uid == 0).collect();
    if of_root.is_empty() {
        return match machine.context.cluster.coverage().host(machine.node) {
            Reach::Partial(why) => {
                let message =
                    format!("no key of root was seen, but the machine was read in part: {why}");
                machine.one(Outcome::unknown(message))
            }
            _ if machine.host.file("/etc/ssh/sshd_config").is_none() => {
                machine.nothing("no SSH server is on this node")
            }
            _ => machine.one(Outcome::pass("no key logs in as root")),
        };
    }
    let judge = |keys: &&AuthorizedKeys| {
        let count = match keys.keys {
            1 => "1 key logs in as root".to_owned(),
            many => format!("{many} keys log in as root"),
        };
        let question = "whose are they? Give each an account of its own";
        let remedy = Remedy::Decision { question: question.to_owned() };
        let evidence = Evidence::file(format!("{} keys", keys.keys), machine.node, &keys.path);
        (machine.file_subject(&keys.path), Outcome::fail(count, remedy).with(evidence))
    };
    of_root.iter().map(judge).collect()
}
