//! kube-proxy's kubeconfig belongs to root.
//!
//! # What
//! User and group, by number, of the file that `--kubeconfig` of kube-proxy names, where it is a
//! file of the node, and of `/etc/kubernetes/kube-proxy.conf`. It fails where either is not root.
//!
//! # Why
//! Its owner can read its credentials, and can lead kube-proxy, which sets the node's packet rules
//! as root, to another server.
//!
//! # Remedy
//! `chown root:root` on the file.
//!
//! # What the remedy may break
//! A kube-proxy that runs as another user.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/

use kuberlock_model::Severity;

use crate::check::{Check, Question};
use crate::component_file;
use crate::permission;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Files {
        paths: component_file::kube_proxy_kubeconfigs,
        absent: "no kubeconfig of kube-proxy is on this node",
        ask: permission::owned_by_root,
    },
};
