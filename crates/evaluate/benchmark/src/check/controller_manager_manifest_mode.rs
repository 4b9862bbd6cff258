//! Nobody but its owner may read or write the controller manager's manifest.
//!
//! # What
//! The permission bits of each file of the static pod folder that defines kube-controller-manager,
//! whatever its name. It fails where they allow more than `600`. That a folder above keeps
//! everyone but root out is said, and changes no verdict: the bits are the file's own.
//!
//! # Why
//! The controller manager holds the key that signs service account tokens, and its manifest says
//! where. Who can write the file owns the node; who can read it learns where every key lies and
//! how the control plane is protected.
//!
//! # Remedy
//! `chmod 600` on the file.
//!
//! # What the remedy may break
//! Programs that read the manifest as another user than root, such as an unprivileged log shipper
//! or inventory agent.
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
        paths: |machine| component_file::manifests(machine, ComponentKind::ControllerManager),
        absent: "no manifest of kube-controller-manager is on this node",
        ask: |machine, file| permission::mode_at_most(machine, file, 0o600),
    },
};
