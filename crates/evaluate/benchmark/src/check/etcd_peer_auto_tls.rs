//! etcd signs no peer certificates of its own.
//!
//! # What
//! `--peer-auto-tls` of etcd, or `ETCD_PEER_AUTO_TLS`, or `peer-transport-security.auto-tls` of its
//! configuration file, which wins over both. It fails where it is true. An etcd that is its
//! cluster's only member has no peers.
//!
//! # Why
//! A certificate that a member signs itself cannot be verified: anybody may pass for a member and
//! is sent every change.
//!
//! # Remedy
//! Set `--peer-auto-tls=false` and name peer certificates of a CA on every member.
//!
//! # What the remedy may break
//! Members that are not changed in the same round lose their peers: one member at a time, and keep
//! the quorum.
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
    severity: Severity::Medium,
    question: Question::Component(ComponentKind::Etcd, evaluate),
};

const NAME: etcd::Name = ("peer-auto-tls", "peer-transport-security.auto-tls");
const SAID: Said = Said {
    pass: "etcd signs no peer certificate itself",
    fail: "etcd signs its own peer certificate",
};

fn evaluate(etcd: &Running<'_>) -> Outcome {
    etcd::alone(etcd, &[NAME]).unwrap_or_else(|| etcd::boolean(etcd, NAME, false, SAID))
}
