//! The API server's manifest belongs to root.
//!
//! # What
//! User and group of each file of the static pod folder that defines kube-apiserver, whatever its
//! name, by number. It fails where either is not root.
//!
//! # Why
//! The kubelet runs what the file says, as root. Its owner can change what runs whatever the mode
//! says, by changing the mode first.
//!
//! # Remedy
//! `chown root:root` on the file.
//!
//! # What the remedy may break
//! A deployment tool that writes the manifest as another user; let it write as root.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::check::{Check, Question};
use crate::component_file;
use crate::permission;

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Files {
        paths: |machine| component_file::manifests(machine, ComponentKind::ApiServer),
        absent: "no manifest of kube-apiserver is on this node",
        ask: permission::owned_by_root,
    },
};
