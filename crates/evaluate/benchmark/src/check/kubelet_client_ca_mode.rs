//! Nobody but its owner may write the authorities of the kubelet's clients.
//!
//! # What
//! The permission bits of the file that holds the authorities of the kubelet's clients: `--client-
//! ca-file`, else `authentication.x509.clientCAFile` as it takes effect. It fails where they allow
//! more than `644`. That a folder above keeps everyone but root out is said, and changes no
//! verdict: the bits are the file's own.
//!
//! # Why
//! Who can write the file can add an authority of his own, and with it command the kubelet.
//!
//! # Remedy
//! `chmod 644` on the file.
//!
//! # What the remedy may break
//! Nothing that only reads it.
//!
//! # References
//! - https://kubernetes.io/docs/setup/best-practices/certificates/

use kuberlock_model::Severity;

use crate::check::{Check, Question};
use crate::component_file;
use crate::permission;

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Files {
        paths: component_file::kubelet_client_ca,
        absent: "no file of client authorities of a kubelet is on this node",
        ask: |machine, file| permission::mode_at_most(machine, file, 0o644),
    },
};
