//! Nobody but its owner may enter etcd's data directory.
//!
//! # What
//! The permission bits of the folder that etcd's `--data-dir`, `ETCD_DATA_DIR` or configuration
//! file names, found on the node through the pod's mounts. It fails where they allow more than
//! `700`. That a folder above keeps everyone but root out is said, and changes no verdict: the
//! bits are the file's own.
//!
//! # Why
//! The folder holds every object of the cluster, and Secrets as plain text unless they are
//! encrypted: reading it is reading everything, past every rule of access.
//!
//! # Remedy
//! `chmod 700` on the folder.
//!
//! # What the remedy may break
//! Backup programs that read the folder as another user; let them use a snapshot made through
//! etcd.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/

use kuberlock_model::Severity;

use crate::check::{Check, Question};
use crate::component_file;
use crate::permission;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Critical,
    question: Question::Files {
        paths: component_file::etcd_data,
        absent: "no data directory of etcd is known on this node",
        ask: |machine, file| permission::mode_at_most(machine, file, 0o700),
    },
};
