//! Nobody but its owner may read or write the scheduler's kubeconfig.
//!
//! # What
//! The permission bits of the files that the kubeconfig flags of kube-scheduler name, found on the
//! node through the pod's mounts, and of `/etc/kubernetes/scheduler.conf`. It fails where they
//! allow more than `600`. That a folder above keeps everyone but root out is said, and changes no
//! verdict: the bits are the file's own.
//!
//! # Why
//! It holds a client key that may bind any pod to any node.
//!
//! # Remedy
//! `chmod 600` on the file.
//!
//! # What the remedy may break
//! A kube-scheduler that runs as another user than the file's owner; give it the file first.
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
        paths: component_file::scheduler_kubeconfigs,
        absent: "no kubeconfig of kube-scheduler is on this node",
        ask: |machine, file| permission::mode_at_most(machine, file, 0o600),
    },
};
