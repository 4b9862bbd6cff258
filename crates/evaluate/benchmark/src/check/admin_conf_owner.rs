//! The administrators' kubeconfigs belong to root.
//!
//! # What
//! Owner and group of `/etc/kubernetes/admin.conf` and, since kubeadm 1.29, `super-admin.conf`.
//! It fails where either is not root. A file that is not there is no fault: that is the safer
//! state.
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

use kuberlock_model::host::File;
use kuberlock_model::{Evidence, Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Files {
        paths: |_| PATHS.map(str::to_owned).to_vec(),
        absent: "no administrators' kubeconfig is on this node",
        ask: evaluate,
    },
};

const PATHS: [&str; 2] = ["/etc/kubernetes/admin.conf", "/etc/kubernetes/super-admin.conf"];

fn evaluate(machine: &Machine<'_>, file: &File) -> Outcome {
    let named = |name: &Option<String>, id: u32| match name {
        Some(name) => format!("{name} ({id})"),
        None => id.to_string(),
    };
    let user = named(&file.user, file.uid);
    let group = named(&file.group, file.gid);
    let evidence = Evidence::file(format!("user {user}, group {group}"), machine.node, &file.path);
    // The kernel goes by numbers; a name is only what the node calls them.
    if file.uid == 0 && file.gid == 0 {
        return Outcome::pass("it belongs to root").with(evidence);
    }
    let remedy = Remedy::SetFileOwner {
        node: machine.node.to_owned(),
        path: file.path.clone(),
        user: "root".to_owned(),
        group: "root".to_owned(),
    };
    Outcome::fail(format!("it belongs to user {user} and group {group}"), remedy).with(evidence)
}
