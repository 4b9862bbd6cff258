//! Nobody but its owner may read or write the kubelet's configuration.
//!
//! # What
//! The permission bits of the kubelet's configuration file and of its drop-ins, as its command
//! line names them. It fails where they allow more than `600`. kubeadm writes the file with `644`,
//! so this fails on a node that nobody hardened: by the benchmark's letter, though the file holds
//! no secret. That a folder above keeps everyone but root out is said, and changes no verdict: the
//! bits are the file's own.
//!
//! # Why
//! The file decides who may command the kubelet and with which rights containers run; who can
//! write it owns the node.
//!
//! # Remedy
//! `chmod 600` on the file.
//!
//! # What the remedy may break
//! Monitoring that reads the file as another user; kubeadm sets the mode back when it writes the
//! file anew.
//!
//! # Parameters
//! - `mode` = `600`: the mode that it may have at most, in octal; Amazon's benchmark asks for 644
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
        paths: component_file::kubelet_configuration,
        absent: "no configuration file of a kubelet is on this node",
        ask: |machine, file| permission::mode_as_set(machine, file, "kubelet-config-mode"),
    },
};
