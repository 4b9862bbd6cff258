//! Nobody but its owner may read or write the kubelet's unit.
//!
//! # What
//! The permission bits of the unit `kubelet.service` that is in effect, and of its drop-ins. It
//! fails where they allow more than `600`. The packages of Kubernetes install them with `644`, so
//! this fails on a node that nobody hardened: by the benchmark's letter, though the files hold no
//! secret of their own. That a folder above keeps everyone but root out is said, and changes no
//! verdict: the bits are the file's own.
//!
//! # Why
//! The unit says with which rights and flags the kubelet starts: who can write it runs what he
//! likes as root at the next start.
//!
//! # Remedy
//! `chmod 600` on the files.
//!
//! # What the remedy may break
//! Programs that read units as another user, such as `systemctl cat` without rights; a package's
//! upgrade sets the mode back.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/administer-cluster/kubelet-config-file/

use kuberlock_model::Severity;

use crate::check::{Check, Question};
use crate::component_file;
use crate::permission;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Files {
        paths: component_file::kubelet_units,
        absent: "no unit of the kubelet is on this node",
        ask: |machine, file| permission::mode_at_most(machine, file, 0o600),
    },
};
