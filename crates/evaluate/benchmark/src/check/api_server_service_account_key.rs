//! Tokens of service accounts are verified with a key of their own.
//!
//! # What
//! `--service-account-key-file` of kube-apiserver. It passes, too, where an external signer
//! (`--service-account-signing-endpoint`) keeps the keys. It fails where neither is set.
//!
//! # Why
//! Without it the API server verifies tokens with the key of its own serving certificate: one key
//! for two uses, so that neither can be renewed without the other, and whoever gets the one has
//! both.
//!
//! # Remedy
//! Name the public key that belongs to `--service-account-private-key-file` of the controller
//! manager; kubeadm makes it as `sa.pub`.
//!
//! # What the remedy may break
//! All tokens that the key does not verify are refused at once, and the pods that hold them lose
//! the API server. Keep the old key beside the new: the flag may be given several times.
//!
//! # References
//! - https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::check::{Check, Outcome, Question};
use crate::flag::{self, NamedFile, Said};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

const FILES: [NamedFile; 1] =
    [NamedFile { flag: "service-account-key-file", usual: "/etc/kubernetes/pki/sa.pub" }];
const SAID: Said = Said { pass: "a key for tokens is named", fail: "no key for tokens is named" };

fn evaluate(api_server: &Running<'_>) -> Outcome {
    let signer = api_server.flag("service-account-signing-endpoint");
    if signer.is_given() {
        return Outcome::pass("an external signer keeps the keys").with(signer.evidence);
    }
    flag::files(api_server, &FILES, SAID)
}
