//! The kubelet's unit belongs to root.
//!
//! # What
//! User and group, by number, of the unit `kubelet.service` that is in effect, and of its drop-
//! ins. It fails where either is not root.
//!
//! # Why
//! The owner of the unit decides what root runs at the next start.
//!
//! # Remedy
//! `chown root:root` on the files.
//!
//! # What the remedy may break
//! A tool that deploys the unit as another user.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/administer-cluster/kubelet-config-file/

use kuberlock_model::Severity;

use crate::check::{Check, Question};
use crate::component_file;
use crate::permission;

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Files {
        paths: component_file::kubelet_units,
        absent: "no unit of the kubelet is on this node",
        ask: permission::owned_by_root,
    },
};
