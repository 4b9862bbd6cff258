//! etcd speaks TLS with its clients.
//!
//! # What
//! `--cert-file` and `--key-file` of etcd, or the variables of the same names, or
//! `client-transport-security` of its configuration file, which wins over both. It fails where one
//! of them is not given.
//!
//! # Why
//! Every object passes between the API server and etcd, Secrets among them. Without TLS whoever is
//! on the way reads them.
//!
//! # Remedy
//! Name a certificate and key, and use `https` in `--listen-client-urls` and
//! `--advertise-client-urls`.
//!
//! # What the remedy may break
//! Every client that still calls `http`: the API server, backups, metrics. Change `--etcd-servers`
//! of the API servers in the same step.
//!
//! # References
//! - https://etcd.io/docs/v3.6/op-guide/security/

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::check::{Check, Outcome, Question};
use crate::etcd;
use crate::flag::Said;
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Critical,
    question: Question::Component(ComponentKind::Etcd, evaluate),
};

const NAMES: [etcd::Name; 2] = [
    ("cert-file", "client-transport-security.cert-file"),
    ("key-file", "client-transport-security.key-file"),
];
/// Where kubeadm has them.
const USUAL: [&str; 2] =
    ["/etc/kubernetes/pki/etcd/server.crt", "/etc/kubernetes/pki/etcd/server.key"];
const SAID: Said =
    Said { pass: "etcd serves its clients over TLS", fail: "etcd serves its clients without TLS" };

fn evaluate(etcd: &Running<'_>) -> Outcome {
    etcd::pair(etcd, NAMES, USUAL, SAID)
}
