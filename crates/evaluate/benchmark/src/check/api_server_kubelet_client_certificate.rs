//! The API server shows kubelets a certificate.
//!
//! # What
//! `--kubelet-client-certificate` and `--kubelet-client-key` of kube-apiserver. It fails where one
//! of them names no file.
//!
//! # Why
//! Without a certificate the API server asks kubelets for logs, exec and port-forward anonymously,
//! so kubelets have to let anonymous callers run commands in containers.
//!
//! # Remedy
//! Name the certificate and key that kubelets know for the API server; kubeadm makes them as
//! `apiserver-kubelet-client.crt` and `.key`.
//!
//! # What the remedy may break
//! Logs, exec and port-forward fail if the certificate is not signed by the CA that kubelets trust
//! (`authentication.x509.clientCAFile`), or its user may not reach `nodes/proxy`.
//!
//! # References
//! - https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
//! - https://kubernetes.io/docs/concepts/architecture/control-plane-node-communication/

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
    NamedFile {
        flag: "kubelet-client-certificate",
        usual: "/etc/kubernetes/pki/apiserver-kubelet-client.crt",
    },
    NamedFile {
        flag: "kubelet-client-key",
        usual: "/etc/kubernetes/pki/apiserver-kubelet-client.key",
    },
];
const SAID: Said = Said {
    pass: "it shows kubelets a client certificate",
    fail: "it shows kubelets no client certificate",
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    flag::files(api_server, &FILES, SAID)
}
