//! Nobody but its owner may read the cluster's private keys.
//!
//! # What
//! The permission bits of the private keys in the PKI's folders: files whose name ends in `.key`,
//! and files that a flag of the control plane names as one. It fails for each that allows more
//! than `600`. That a folder above keeps everyone but root out is said, and changes no verdict:
//! the bits are the file's own.
//!
//! # Why
//! The authority's key makes any identity, administrators' included; the service accounts' key
//! makes any token.
//!
//! # Remedy
//! `chmod 600` on what is named.
//!
//! # What the remedy may break
//! A component that runs as another user and reads the key through its group.
//!
//! # References
//! - https://kubernetes.io/docs/setup/best-practices/certificates/

use kuberlock_model::{Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::component_file;
use crate::machine::Machine;
use crate::permission;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Critical, question: Question::Host(evaluate) };

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    let files = component_file::pki_keys(machine);
    permission::each(
        machine,
        &files,
        "no private keys of the cluster's PKI are on this node",
        |machine, file| permission::mode_at_most(machine, file, 0o600),
    )
}
