//! Only members with a certificate join etcd.
//!
//! # What
//! `--peer-client-cert-auth` of etcd, or `ETCD_PEER_CLIENT_CERT_AUTH`, or
//! `peer-transport-security.client-cert-auth` of its configuration file, which wins over both. It
//! fails where it is false. An etcd that is its cluster's only member has no peers.
//!
//! # Why
//! Whoever may connect to a peer port without a certificate may become a member, and has every
//! object.
//!
//! # Remedy
//! Set `--peer-client-cert-auth=true` on every member, with `--peer-trusted-ca-file` naming the CA
//! of members alone.
//!
//! # What the remedy may break
//! Members without a certificate of that CA are shut out.
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

const NAME: etcd::Name = ("peer-client-cert-auth", "peer-transport-security.client-cert-auth");
const SAID: Said =
    Said { pass: "members must show a certificate", fail: "members need no certificate" };

fn evaluate(etcd: &Running<'_>) -> Outcome {
    etcd::alone(etcd, &[NAME]).unwrap_or_else(|| etcd::boolean(etcd, NAME, true, SAID))
}
