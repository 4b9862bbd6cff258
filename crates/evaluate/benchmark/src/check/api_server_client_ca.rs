//! The API server knows the CA of client certificates.
//!
//! # What
//! `--client-ca-file` of kube-apiserver. It fails where the flag names no file.
//!
//! # Why
//! Components and kubelets sign in with client certificates. Without the CA they cannot, and are
//! left with tokens, or with anonymous requests.
//!
//! # Remedy
//! Name the CA that signs client certificates; kubeadm has it as `ca.crt`.
//!
//! # What the remedy may break
//! Whoever holds a certificate of that CA can sign in: make sure that it signs nothing else, and
//! that old certificates for people are known (they cannot be taken back).
//!
//! # References
//! - https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
//! - https://kubernetes.io/docs/setup/best-practices/certificates/

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::check::{Check, Outcome, Question};
use crate::flag::{self, NamedFile, Said};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

const FILES: [NamedFile; 1] =
    [NamedFile { flag: "client-ca-file", usual: "/etc/kubernetes/pki/ca.crt" }];
const SAID: Said = Said {
    pass: "a CA of client certificates is named",
    fail: "no CA of client certificates is named",
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    flag::files(api_server, &FILES, SAID)
}
