//! etcd's data directory belongs to the user that etcd runs as.
//!
//! # What
//! User and group of the folder that etcd's `--data-dir`, `ETCD_DATA_DIR` or configuration file
//! names. It passes where it belongs to a user of etcd's own (`etcd`, or kubeadm's `kubeadm-etcd`).
//! The benchmark names only that. kubeadm, k3s and RKE2 run etcd as root, which could not use a user
//! of that name: a folder of root's that nobody else may enter (`700`) passes too, since etcd writes
//! there and so runs as root, and the folder is then as closed as it can be. A number that the node
//! has no name for, on a closed folder, is not decided. It fails for any other owner.
//!
//! # Why
//! The folder holds every object of the cluster, and Secrets as plain text unless they are
//! encrypted. Its owner can read it whatever its mode says.
//!
//! # Remedy
//! `chown etcd:etcd` where etcd runs as the user `etcd`, `chown root:root` and `chmod 700` where it
//! runs as root.
//!
//! # What the remedy may break
//! etcd does not start where it may no longer write its folder: stop it first, and change what lies
//! in the folder with it.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/

use kuberlock_model::host::File;
use kuberlock_model::{Evidence, Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::component_file;
use crate::machine::Machine;
use crate::permission;

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Files {
        paths: component_file::etcd_data,
        absent: "no data directory of etcd is known on this node",
        ask: evaluate,
    },
};

const OWN: [&str; 2] = ["etcd", "kubeadm-etcd"];

fn evaluate(machine: &Machine<'_>, file: &File) -> Outcome {
    let is_own = |name: &Option<String>| name.as_deref().is_some_and(|name| OWN.contains(&name));
    let closed = file.mode & 0o077 == 0;
    let evidence = format!("{}, mode {:04o}", permission::ownership(file), file.mode);
    let by_name = is_own(&file.user) && (is_own(&file.group) || closed);
    let outcome = if by_name || permission::is_own_user(machine, file) {
        Outcome::pass("it belongs to a user of etcd's own")
    } else if file.uid == 0 && closed {
        Outcome::pass("it belongs to root, as which etcd then runs, and nobody else may enter it")
    } else if file.user.is_none() && file.uid != 0 && closed {
        Outcome::unknown(
            "nobody but its owner may enter it, but the node has no name for that user",
        )
    } else {
        let message =
            format!("it belongs to {}, and not to etcd alone", permission::ownership(file));
        Outcome::fail(message, remedy(machine, file))
    };
    outcome.with(Evidence::file(evidence, machine.node, &file.path))
}

fn remedy(machine: &Machine<'_>, file: &File) -> Remedy {
    if file.uid == 0 {
        let mode = format!("{:o}", file.mode & 0o700);
        return Remedy::SetFileMode {
            node: machine.node.to_owned(),
            path: file.path.clone(),
            mode,
        };
    }
    Remedy::Decision {
        question: format!(
            "as which user does etcd run on {}? `{}` should be its own, and nobody else's",
            machine.node, file.path
        ),
    }
}
