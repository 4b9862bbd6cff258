//! Nobody but its owner may write the cluster's certificates.
//!
//! # What
//! The permission bits of the certificates (`.crt`, and `.pem` that no flag names as a key) in the
//! PKI's folders. It fails for each that allows more than `644`. That a folder above keeps
//! everyone but root out is said, and changes no verdict: the bits are the file's own.
//!
//! # Why
//! Certificates are public, but who can write an authority's decides whom the cluster trusts.
//!
//! # Remedy
//! `chmod 644` on what is named.
//!
//! # What the remedy may break
//! Nothing that only reads them.
//!
//! # References
//! - https://kubernetes.io/docs/setup/best-practices/certificates/

use kuberlock_model::{Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::component_file;
use crate::machine::Machine;
use crate::permission;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Medium, question: Question::Host(evaluate) };

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    let files = component_file::pki_certificates(machine);
    permission::each(
        machine,
        &files,
        "no certificates of the cluster's PKI are on this node",
        |machine, file| permission::mode_at_most(machine, file, 0o644),
    )
}
