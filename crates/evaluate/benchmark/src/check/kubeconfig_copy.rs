//! No copy of a kubeconfig with a key lies in a home.
//!
//! # What
//! `.kube/config` of every user of the machine. It fails where such a file holds a client key, a
//! token or a password. What these are is never kept: only that they are there.
//!
//! # Why
//! kubeadm tells administrators to copy `admin.conf` into their home, where it stays. Whoever
//! becomes that user on the node, or reads its backup, is administrator of the cluster, without a
//! trace of whose key it was.
//!
//! # Remedy
//! Delete the copy. Administer from elsewhere, with a credential of your own that expires.
//!
//! # What the remedy may break
//! Scripts on the node that use it.
//!
//! # References
//! - https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/create-cluster-kubeadm/

use kuberlock_model::host::File;
use kuberlock_model::{Evidence, Remedy, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Medium, question: Question::Host(evaluate) };

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    let copies = machine.host.files.values().filter(|file| file.path.ends_with("/.kube/config"));
    let copies: Vec<&File> = copies.collect();
    if copies.is_empty() {
        return machine.nothing("no kubeconfig lies in a home");
    }
    let judge = |copy: &&File| (machine.file_subject(&copy.path), judge(machine, copy));
    copies.iter().map(judge).collect()
}

/// What a kubeconfig names a credential by.
const CREDENTIALS: [&str; 3] = ["client-key-data:", "token:", "password:"];

fn judge(machine: &Machine<'_>, copy: &File) -> Outcome {
    let Some(text) = &copy.content else {
        let why = copy.unread.as_deref().unwrap_or("it was not read");
        return Outcome::unknown(format!("what it holds is not known: {why}"));
    };
    let held: Vec<&str> = CREDENTIALS
        .into_iter()
        .filter(|name| {
            text.lines().any(|line| line.trim_start().trim_start_matches("- ").starts_with(name))
        })
        .map(|name| name.trim_end_matches(':'))
        .collect();
    if held.is_empty() {
        return Outcome::pass("it holds no credential").with(Evidence::file(
            "no credential",
            machine.node,
            &copy.path,
        ));
    }
    let owner = copy.user.clone().unwrap_or(copy.uid.to_string());
    let evidence =
        Evidence::file(format!("{} of user {owner}", held.join(", ")), machine.node, &copy.path);
    let question = "who administers the cluster from this node? Delete the copy, and use a \
                    credential of one's own from elsewhere";
    let remedy = Remedy::Decision { question: question.to_owned() };
    Outcome::fail("a credential of the cluster lies in a home", remedy).with(evidence)
}
