//! The API server makes sure that it speaks to the kubelet.
//!
//! # What
//! `--kubelet-certificate-authority` of kube-apiserver. It fails where the flag names no file.
//!
//! # Why
//! Whoever gets between the API server and a node can otherwise answer for the kubelet: read the
//! logs and terminal sessions that pass, and send their own.
//!
//! # Remedy
//! Have kubelets ask the cluster for their serving certificates (`serverTLSBootstrap: true`, and
//! somebody who approves the requests), then name that CA.
//!
//! # What the remedy may break
//! On a cluster as kubeadm lays it out every kubelet signs its own certificate: with this flag
//! alone, logs, exec, port-forward and metrics of every node fail until serving certificates of the
//! CA are rolled out.
//!
//! # References
//! - https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
//! - https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/#kubelet-serving-certs

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::check::{Check, Outcome, Question};
use crate::flag::{self, NamedFile, Said};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

const FILES: [NamedFile; 1] = [NamedFile { flag: "kubelet-certificate-authority", usual: "" }];
const SAID: Said = Said {
    pass: "it verifies the certificates of kubelets",
    fail: "it does not verify the certificates of kubelets",
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    flag::files(api_server, &FILES, SAID)
}
