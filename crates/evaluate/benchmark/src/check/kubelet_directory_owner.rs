//! Only root may change what the kubelet keeps.
//!
//! # What
//! Owner and mode of `/var/lib/kubelet`. It fails where another user than root owns it, or where
//! group or others may write to it.
//!
//! # Why
//! The kubelet keeps its credentials there, and the volumes of every pod. Whoever may write there
//! may put a file of their own in their place.
//!
//! # Remedy
//! `chown root:root` and `chmod go-w`.
//!
//! # What the remedy may break
//! Software that updates these files as another user.
//!
//! # References
//! - https://kubernetes.io/docs/reference/node/kubelet-files/

use kuberlock_model::host::{File, FileType};
use kuberlock_model::{Evidence, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;
use crate::system::changeable;

pub(crate) static CHECK: Check =
    Check { severity: Severity::High, question: Question::Host(evaluate) };

const FOLDER: &str = "/var/lib/kubelet";

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    let is_meant = |file: &&File| file.file_type != FileType::Link && (file.path == FOLDER);
    let files: Vec<&File> = machine.host.files.values().filter(is_meant).collect();
    if files.is_empty() {
        return machine.nothing("no directory of a kubelet is on this node");
    }
    let wrong: Vec<(Subject, Outcome)> =
        files.iter().filter_map(|file| changeable(machine, file)).collect();
    if wrong.is_empty() {
        let said = format!("{} looked at", files.len());
        let evidence = Evidence::file(said, machine.node, FOLDER);
        return vec![(
            machine.file_subject(FOLDER),
            Outcome::pass("only root may write").with(evidence),
        )];
    }
    wrong
}
