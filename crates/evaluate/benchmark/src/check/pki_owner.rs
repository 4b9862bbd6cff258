//! The cluster's PKI belongs to root.
//!
//! # What
//! User and group, by number, of the folders that hold the keys and certificates of the control
//! plane, and of everything in them: the folders of the files that its flags name,
//! `/etc/kubernetes/pki`, and those of k3s and RKE2. It fails for each file that does not belong
//! to root.
//!
//! # Why
//! Who owns a key can use it, and who owns a folder can put another authority in place of the
//! cluster's.
//!
//! # Remedy
//! `chown root:root` on what is named.
//!
//! # What the remedy may break
//! A component that runs as another user and owns its key on purpose (kubeadm's gate
//! RootlessControlPlane).
//!
//! # References
//! - https://kubernetes.io/docs/setup/best-practices/certificates/

use kuberlock_model::{Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::component_file;
use crate::machine::Machine;
use crate::permission;

pub(crate) static CHECK: Check =
    Check { severity: Severity::High, question: Question::Host(evaluate) };

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    let files = component_file::pki(machine);
    permission::each(
        machine,
        &files,
        "no folder of the cluster's PKI is on this node",
        permission::owned_by_root,
    )
}
