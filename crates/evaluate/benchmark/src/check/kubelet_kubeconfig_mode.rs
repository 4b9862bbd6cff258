//! Nobody but its owner may read or write the kubelet's kubeconfig.
//!
//! # What
//! The permission bits of the file that `--kubeconfig` of the kubelet names; where its command
//! line was not seen, `/etc/kubernetes/kubelet.conf` and `/var/lib/kubelet/kubeconfig`. It fails
//! where they allow more than `600`. That a folder above keeps everyone but root out is said, and
//! changes no verdict: the bits are the file's own.
//!
//! # Why
//! It holds or names the node's identity, which may read the Secrets of every pod on the node.
//!
//! # Remedy
//! `chmod 600` on the file.
//!
//! # What the remedy may break
//! Agents that borrow the kubelet's identity as another user; give them one of their own.
//!
//! # Parameters
//! - `mode` = `600`: the mode that it may have at most, in octal; Amazon's benchmark asks for 644
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
        ask: |machine, file| permission::mode_as_set(machine, file, "kubelet-kubeconfig-mode"),
    },
};
