//! The kubelet's configuration belongs to root.
//!
//! # What
//! User and group, by number, of the kubelet's configuration file and of its drop-ins, as its
//! command line names them. It fails where either is not root.
//!
//! # Why
//! The owner of the file decides who may command the kubelet.
//!
//! # Remedy
//! `chown root:root` on the file.
//!
//! # What the remedy may break
//! Nothing: the kubelet runs as root.
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
        paths: component_file::kubelet_configuration,
        absent: "no configuration file of a kubelet is on this node",
        ask: permission::owned_by_root,
    },
};
