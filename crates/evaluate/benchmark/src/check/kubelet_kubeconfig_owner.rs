//! The kubelet's kubeconfig belongs to root.
//!
//! # What
//! User and group, by number, of the file that `--kubeconfig` of the kubelet names; where its
//! command line was not seen, `/etc/kubernetes/kubelet.conf` and `/var/lib/kubelet/kubeconfig`. It
//! fails where either is not root.
//!
//! # Why
//! Its owner can take the node's identity, and can lead the kubelet to another API server, whose
//! pods it would run.
//!
//! # Remedy
//! `chown root:root` on the file.
//!
//! # What the remedy may break
//! Nothing: the kubelet runs as root.
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
        paths: component_file::kubelet_kubeconfigs,
        absent: "no kubeconfig of the kubelet is on this node",
        ask: permission::owned_by_root,
    },
};
