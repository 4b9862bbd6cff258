//! The controller manager's kubeconfig belongs to root.
//!
//! # What
//! User and group of the files that the kubeconfig flags of kube-controller-manager name, found on
//! the node through the pod's mounts, and of `/etc/kubernetes/controller-manager.conf`, by number.
//! It fails where either is not root.
//!
//! # Why
//! It holds a client key that may read every Secret and make tokens for service accounts; its
//! owner can read it whatever its mode says.
//!
//! # Remedy
//! `chown root:root` on the file.
//!
//! # What the remedy may break
//! A kube-controller-manager that runs as another user (kubeadm's gate RootlessControlPlane): it
//! could then no longer read the file.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/

use kuberlock_model::Severity;

use crate::check::{Check, Question};
use crate::component_file;
use crate::permission;

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Files {
        paths: component_file::controller_manager_kubeconfigs,
        absent: "no kubeconfig of kube-controller-manager is on this node",
        ask: permission::owned_by_root,
    },
};
