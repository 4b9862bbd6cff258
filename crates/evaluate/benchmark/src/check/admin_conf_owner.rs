//! The administrators' kubeconfigs belong to root.
//!
//! # What
//! User and group, by number, of `/etc/kubernetes/admin.conf`, of `super-admin.conf` since kubeadm
//! 1.29, and of the kubeconfig that k3s and RKE2 write under `/etc/rancher`. It fails where either
//! is not root. A file that is not there is no fault: that is the safer state.
//!
//! # Why
//! Each holds a client key that may do everything; `super-admin.conf` even what RBAC forbids. Its
//! owner can read it whatever its mode says.
//!
//! # Remedy
//! `chown root:root` on the file; better, keep it off the node and fetch it when it is needed.
//!
//! # What the remedy may break
//! Scripts that run kubectl on the node as another user.
//!
//! # References
//! - https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/create-cluster-kubeadm/

use kuberlock_model::Severity;

use crate::check::{Check, Question};
use crate::component_file;
use crate::permission;

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Files {
        paths: component_file::admin_kubeconfigs,
        absent: "no administrators' kubeconfig is on this node",
        ask: permission::owned_by_root,
    },
};
