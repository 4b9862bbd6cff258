//! The authorities of the kubelet's clients belong to root.
//!
//! # What
//! User and group, by number, of the file that holds the authorities of the kubelet's clients:
//! `--client-ca-file`, else `authentication.x509.clientCAFile` as it takes effect. It fails where
//! either is not root.
//!
//! # Why
//! Its owner can add an authority of his own, and with it command the kubelet.
//!
//! # Remedy
//! `chown root:root` on the file.
//!
//! # What the remedy may break
//! Nothing: the kubelet runs as root.
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
        ask: permission::owned_by_root,
    },
};
