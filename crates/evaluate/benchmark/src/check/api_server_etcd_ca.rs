//! The API server makes sure that it speaks to its etcd.
//!
//! # What
//! `--etcd-cafile` of kube-apiserver. It fails where the flag names no file. A store behind a
//! socket of the file system, as k3s has it, needs none.
//!
//! # Why
//! Without a CA of etcd the API server trusts whatever authority the system trusts, or none: who
//! gets in between reads and writes the whole state of the cluster.
//!
//! # Remedy
//! Name the CA that signed the certificate of etcd; kubeadm has it as `etcd/ca.crt`.
//!
//! # What the remedy may break
//! The API server does not start if that CA did not sign what etcd shows.
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
    severity: Severity::High,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

const FILES: [NamedFile; 1] =
    [NamedFile { flag: "etcd-cafile", usual: "/etc/kubernetes/pki/etcd/ca.crt" }];
const SAID: Said = Said {
    pass: "it verifies the certificate of etcd",
    fail: "it does not verify the certificate of etcd by a CA of its own",
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    let servers = api_server.flag("etcd-servers");
    if is_local_store(&servers) {
        let message = "its store is on this node, behind a socket of the file system";
        return Outcome::not_applicable(message).with(servers.evidence);
    }
    flag::files(api_server, &FILES, SAID)
}
