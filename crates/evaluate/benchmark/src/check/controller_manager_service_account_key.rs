//! Tokens of service accounts are signed with a key of their own.
//!
//! # What
//! `--service-account-private-key-file` of kube-controller-manager. It fails where the flag names
//! no file.
//!
//! # Why
//! Without the key the controller manager makes no tokens for Secrets of type
//! service-account-token, and nothing ties those that exist to a key that can be renewed.
//!
//! # Remedy
//! Name the private key whose public half is `--service-account-key-file` of the API server;
//! kubeadm makes it as `sa.key`.
//!
//! # What the remedy may break
//! Tokens signed with another key are refused by the API server, unless it knows that key too.
//!
//! # References
//! - https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/

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
    [NamedFile { flag: "service-account-private-key-file", usual: "/etc/kubernetes/pki/sa.key" }];
const SAID: Said = Said { pass: "a key for tokens is named", fail: "no key for tokens is named" };

fn evaluate(controller_manager: &Running<'_>) -> Outcome {
    flag::files(controller_manager, &FILES, SAID)
}
