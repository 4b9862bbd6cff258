//! The API server shows etcd a certificate.
//!
//! # What
//! `--etcd-certfile` and `--etcd-keyfile` of kube-apiserver. It fails where one of them names no
//! file. A store behind a socket of the file system, as k3s has it, needs neither.
//!
//! # Why
//! An etcd that the API server can use without a certificate, anyone who reaches its port can use
//! too: it holds every object, Secrets among them.
//!
//! # Remedy
//! Name the certificate and key that etcd knows for the API server, and have etcd ask its clients
//! for certificates.
//!
//! # What the remedy may break
//! The API server does not start if etcd does not trust the CA that signed the certificate.
//!
//! # References
//! - https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
//! - https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::check::{Check, Outcome, Question};
use crate::etcd::is_local_store;
use crate::flag::{self, NamedFile, Said};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Critical,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

const FILES: [NamedFile; 2] = [
    NamedFile { flag: "etcd-certfile", usual: "/etc/kubernetes/pki/apiserver-etcd-client.crt" },
    NamedFile { flag: "etcd-keyfile", usual: "/etc/kubernetes/pki/apiserver-etcd-client.key" },
];
const SAID: Said = Said {
    pass: "it shows etcd a client certificate",
    fail: "it shows etcd no client certificate",
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    let servers = api_server.flag("etcd-servers");
    if is_local_store(&servers) {
        let message = "its store is on this node, behind a socket of the file system";
        return Outcome::not_applicable(message).with(servers.evidence);
    }
    flag::files(api_server, &FILES, SAID)
}
