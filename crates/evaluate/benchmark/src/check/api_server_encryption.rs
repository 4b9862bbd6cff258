//! Secrets are encrypted before they are stored.
//!
//! # What
//! `--encryption-provider-config` of kube-apiserver. It fails where the flag names no file. What
//! that file says is asked by `api-server-encryption-provider`.
//!
//! # Why
//! etcd keeps Secrets as they are written. Without encryption a disk, a backup or a snapshot of
//! etcd gives all of them away.
//!
//! # Remedy
//! Write an EncryptionConfiguration whose first provider for `secrets` is kms, secretbox or aescbc
//! and whose last is identity, mount it into every API server, name it by the flag, restart them
//! one after another, then write every Secret anew.
//!
//! # What the remedy may break
//! An API server that lacks the file, or has another key than its siblings, cannot read Secrets:
//! roll the same file out to all first, with identity as first provider. Lose the key and the
//! Secrets are lost. Tools that read etcd directly no longer can.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/

use kuberlock_model::component::ComponentKind;
use kuberlock_model::{Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::flag;
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    if let Some(outcome) = flag::missing(api_server, "encryption-provider-config") {
        return outcome;
    }
    let setting = api_server.flag("encryption-provider-config");
    if setting.is_given() {
        return Outcome::pass("an encryption configuration is named").with(setting.evidence);
    }
    let question = "where will the keys be kept (a KMS, or a file on every control plane node), and \
                    who keeps a copy? Then write the EncryptionConfiguration, mount it into every \
                    API server and name it by --encryption-provider-config";
    let remedy = Remedy::Decision { question: question.to_owned() };
    Outcome::fail("Secrets are stored as they are written", remedy).with(setting.evidence)
}
