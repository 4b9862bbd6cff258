//! etcd serves only clients that show a certificate.
//!
//! # What
//! `--client-cert-auth` of etcd, or `ETCD_CLIENT_CERT_AUTH`, or
//! `client-transport-security.client-cert-auth` of its configuration file, which wins over both. It
//! fails where it is false.
//!
//! # Why
//! etcd holds every object, Secrets among them, and knows nothing of RBAC: whoever may connect may
//! read and write all of it.
//!
//! # Remedy
//! Set `--client-cert-auth=true`, with `--trusted-ca-file` naming the CA of etcd's clients alone.
//!
//! # What the remedy may break
//! Backups, metrics and etcdctl calls that connect without a client certificate; an API server
//! whose `--etcd-certfile` is not signed by that CA.
//!
//! # References
//! - https://etcd.io/docs/v3.6/op-guide/security/
//! - https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::check::{Check, Outcome, Question};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Critical,
    question: Question::Component(ComponentKind::Etcd, evaluate),
};

fn evaluate(etcd: &Running<'_>) -> Outcome {
    match etcd.etcd("client-cert-auth", "client-transport-security.client-cert-auth") {
        Err(path) => Outcome::unknown(format!("its configuration file `{path}` was not seen")),
        Ok(setting) => match setting.as_bool() {
            Some(true) => Outcome::pass("clients must show a certificate"),
            Some(false) => Outcome::fail(
                "clients need no certificate",
                etcd.set_flag("client-cert-auth", "true"),
            ),
            None => Outcome::unknown("its value is no boolean"),
        }
        .with(setting.evidence),
    }
}
