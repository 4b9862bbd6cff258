//! Nobody but its owner may read or write kube-proxy's kubeconfig.
//!
//! # What
//! The permission bits of the file that `--kubeconfig` of kube-proxy names, where it is a file of
//! the node, and of `/etc/kubernetes/kube-proxy.conf`. It fails where they allow more than `600`.
//! kubeadm runs kube-proxy in a pod that takes it from a config map and a token: no such file is
//! then on the node. That a folder above keeps everyone but root out is said, and changes no
//! verdict: the bits are the file's own.
//!
//! # Why
//! It may hold a key or token that reads every Service and Node.
//!
//! # Remedy
//! `chmod 600` on the file.
//!
//! # What the remedy may break
//! A kube-proxy that runs as another user than the file's owner.
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
        ask: |machine, file| permission::mode_at_most(machine, file, 0o600),
    },
};
