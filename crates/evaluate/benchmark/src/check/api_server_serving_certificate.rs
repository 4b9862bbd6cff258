//! The API server has a serving certificate that clients can verify.
//!
//! # What
//! `--tls-cert-file` and `--tls-private-key-file` of kube-apiserver. It fails where one of them
//! names no file.
//!
//! # Why
//! Without one the API server signs its own certificate anew in `--cert-dir`: clients cannot verify
//! it, and those that are told not to try give their tokens to anybody in between.
//!
//! # Remedy
//! Name a certificate and key of the cluster's CA, with all names and addresses by which clients
//! call the API server.
//!
//! # What the remedy may break
//! Clients that pinned the self-signed certificate, and clients that call the API server by a name
//! that the new one does not hold.
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
    severity: Severity::High,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

const FILES: [NamedFile; 2] = [
    NamedFile { flag: "tls-cert-file", usual: "/etc/kubernetes/pki/apiserver.crt" },
    NamedFile { flag: "tls-private-key-file", usual: "/etc/kubernetes/pki/apiserver.key" },
];
const SAID: Said = Said {
    pass: "a serving certificate is named",
    fail: "no serving certificate is named: it signs its own",
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    flag::files(api_server, &FILES, SAID)
}
