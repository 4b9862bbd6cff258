//! Only root may change the programs that connect pods.
//!
//! # What
//! Owner and mode of `/opt/cni/bin` and of the programs in it. It fails where another user than
//! root owns one, or where group or others may write to it.
//!
//! # Why
//! The container runtime runs these programs as root for every pod that starts. Whoever may change
//! one is root.
//!
//! # Remedy
//! `chown root:root` and `chmod go-w`.
//!
//! # What the remedy may break
//! Software that updates these files as another user.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/network-plugins/

use kuberlock_model::host::{File, FileType};
use kuberlock_model::{Evidence, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;
use crate::system::changeable;

pub(crate) static CHECK: Check =
    Check { severity: Severity::High, question: Question::Host(evaluate) };

const FOLDER: &str = "/opt/cni/bin";

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    let is_meant = |file: &&File| {
        file.file_type != FileType::Link
            && (file.path == FOLDER
                || file.path.strip_prefix(FOLDER).is_some_and(|rest| rest.starts_with('/')))
    };
    let files: Vec<&File> = machine.host.files.values().filter(is_meant).collect();
    if files.is_empty() {
        return machine.nothing("no CNI programs are on this node");
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
