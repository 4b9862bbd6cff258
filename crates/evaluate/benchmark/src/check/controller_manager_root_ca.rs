//! Pods get the CA by which they know the API server.
//!
//! # What
//! `--root-ca-file` of kube-controller-manager. It fails where the flag names no file.
//!
//! # Why
//! The CA is put beside every service account's token. Without it a pod cannot verify the API
//! server, and gives its token to whoever answers.
//!
//! # Remedy
//! Name the CA that signed the API server's serving certificate; kubeadm has it as `ca.crt`.
//!
//! # What the remedy may break
//! Pods that verify the API server fail if that CA did not sign its certificate.
//!
//! # References
//! - https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
//! - https://kubernetes.io/docs/setup/best-practices/certificates/

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::check::{Check, Outcome, Question};
use crate::flag::{self, NamedFile, Said};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Component(ComponentKind::ControllerManager, evaluate),
};

const FILES: [NamedFile; 1] =
    [NamedFile { flag: "root-ca-file", usual: "/etc/kubernetes/pki/ca.crt" }];
const SAID: Said = Said { pass: "a root CA is given to pods", fail: "no root CA is given to pods" };

fn evaluate(controller_manager: &Running<'_>) -> Outcome {
    flag::files(controller_manager, &FILES, SAID)
}
