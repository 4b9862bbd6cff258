//! Nobody but its owner may read or write the administrators' kubeconfigs.
//!
//! # What
//! The permission bits of `/etc/kubernetes/admin.conf`, of `super-admin.conf` since kubeadm 1.29,
//! and of the kubeconfig that k3s and RKE2 write under `/etc/rancher`. It fails where they allow
//! more than `600`. A file that is not there is no fault: that is the safer state. That a folder
//! above keeps everyone but root out is said, and changes no verdict: the bits are the file's own.
//!
//! # Why
//! Each holds a client key that may do everything; `super-admin.conf` even what RBAC forbids.
//! Whoever reads it is administrator until the certificate expires, since nothing revokes it.
//!
//! # Remedy
//! `chmod 600` on the file; better, keep it off the node and fetch it when it is needed. k3s and
//! RKE2 write the mode anew: set `write-kubeconfig-mode` there.
//!
//! # What the remedy may break
//! Scripts that run kubectl on the node as another user; give these users a kubeconfig of their
//! own.
//!
//! # References
//! - https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/create-cluster-kubeadm/

use kuberlock_model::Severity;

use crate::check::{Check, Question};
use crate::component_file;
use crate::permission;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Critical,
    question: Question::Files {
        paths: component_file::admin_kubeconfigs,
        absent: "no administrators' kubeconfig is on this node",
        ask: |machine, file| permission::mode_at_most(machine, file, 0o600),
    },
};
