//! The members of etcd speak TLS with one another.
//!
//! # What
//! `--peer-cert-file` and `--peer-key-file` of etcd, or the variables of the same names, or
//! `peer-transport-security` of its configuration file, which wins over both. It fails where one of
//! them is not given. An etcd that is its cluster's only member has no peers.
//!
//! # Why
//! Members send one another every change of the cluster. Without TLS whoever is on the way reads
//! them all.
//!
//! # Remedy
//! Name a certificate and key for peers on every member, one member after another.
//!
//! # What the remedy may break
//! Members whose peer URLs still say `http` can no longer be reached: change URLs and certificates
//! of one member at a time and keep the quorum.
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
    ("peer-cert-file", "peer-transport-security.cert-file"),
    ("peer-key-file", "peer-transport-security.key-file"),
];
/// Where kubeadm has them.
const USUAL: [&str; 2] = ["/etc/kubernetes/pki/etcd/peer.crt", "/etc/kubernetes/pki/etcd/peer.key"];
const SAID: Said = Said { pass: "members speak TLS", fail: "members speak without TLS" };

fn evaluate(etcd: &Running<'_>) -> Outcome {
    etcd::alone(etcd, &NAMES).unwrap_or_else(|| etcd::pair(etcd, NAMES, USUAL, SAID))
}
