//! The network plugins' configuration belongs to root.
//!
//! # What
//! User and group of every file below `/etc/cni/net.d` and the folder of networks that the
//! container runtime's own configuration names, by number. It fails where either is not root.
//!
//! # Why
//! The runtime runs the programs that these files name, as root, for every pod: their owner
//! decides what root runs.
//!
//! # Remedy
//! `chown root:root` on the files.
//!
//! # What the remedy may break
//! A plugin's agent that rewrites its configuration as another user than root.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/network-plugins/

use kuberlock_model::Severity;

use crate::check::{Check, Question};
use crate::component_file;
use crate::permission;

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Files {
        paths: component_file::cni,
        absent: "no configuration of network plugins is on this node",
        ask: permission::owned_by_root,
    },
};
