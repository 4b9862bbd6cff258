//! Nobody but its owner may read or write the network plugins' configuration.
//!
//! # What
//! The permission bits of every file below `/etc/cni/net.d` and the folder of networks that the
//! container runtime's own configuration names. It fails where they allow more than `600`. Several
//! plugins install theirs with `644`; a file without credentials is then harmless to read, but a
//! plugin's kubeconfig lies in the same folder. That a folder above keeps everyone but root out is
//! said, and changes no verdict: the bits are the file's own.
//!
//! # Why
//! The runtime runs the programs that these files name, as root, for every pod. Some plugins keep
//! a kubeconfig with far-reaching rights beside them.
//!
//! # Remedy
//! `chmod 600` on the files; where a plugin's DaemonSet writes them, set the mode there, or it
//! comes back.
//!
//! # What the remedy may break
//! A plugin's agent that reads the file as another user than root.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/network-plugins/

use kuberlock_model::Severity;

use crate::check::{Check, Question};
use crate::component_file;
use crate::permission;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Files {
        paths: component_file::cni,
        absent: "no configuration of network plugins is on this node",
        ask: |machine, file| permission::mode_at_most(machine, file, 0o600),
    },
};
