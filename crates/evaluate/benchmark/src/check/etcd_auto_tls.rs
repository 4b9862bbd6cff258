//! etcd signs no serving certificates of its own.
//!
//! # What
//! `--auto-tls` of etcd, or `ETCD_AUTO_TLS`, or `client-transport-security.auto-tls` of its
//! configuration file, which wins over both. It fails where it is true.
//!
//! # Why
//! A certificate that etcd signs itself cannot be verified: its clients speak TLS with whoever
//! answers.
//!
//! # Remedy
//! Set `--auto-tls=false` and name a certificate of a CA that the clients know.
//!
//! # What the remedy may break
//! Clients that do not know that CA.
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

const NAME: etcd::Name = ("auto-tls", "client-transport-security.auto-tls");
const SAID: Said = Said {
    pass: "etcd signs no serving certificate itself",
    fail: "etcd signs its own serving certificate",
};

fn evaluate(etcd: &Running<'_>) -> Outcome {
    etcd::boolean(etcd, NAME, false, SAID)
}
