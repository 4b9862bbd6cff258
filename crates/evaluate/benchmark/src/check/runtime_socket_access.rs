//! Only root speaks to the container runtime.
//!
//! # What
//! Mode, owner and group of the sockets of containerd, CRI-O and Docker, and who is in that group.
//! It fails where others than root may write to one.
//!
//! # Why
//! Whoever may write to the socket starts a privileged container with the node's root mounted, and
//! is root. Membership in the group `docker` is root by another name.
//!
//! # Remedy
//! Take the users out of the group; `chmod 660` and `chown root:root` the socket in the runtime's
//! configuration.
//!
//! # What the remedy may break
//! Builds and monitoring that use the socket as an ordinary user.
//!
//! # References
//! - https://docs.docker.com/engine/security/#docker-daemon-attack-surface
//! - https://kubernetes.io/docs/concepts/security/security-checklist/

use kuberlock_model::host::File;
use kuberlock_model::{Evidence, Remedy, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;

pub(crate) static CHECK: Check =
    Check { severity: Severity::High, question: Question::Host(evaluate) };

const SOCKETS: [&str; 5] = [
    "/run/containerd/containerd.sock",
    "/run/crio/crio.sock",
    "/run/cri-dockerd.sock",
    "/run/docker.sock",
    "/run/k3s/containerd/containerd.sock",
];

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    let sockets: Vec<&File> = SOCKETS.iter().filter_map(|path| machine.host.file(path)).collect();
    if sockets.is_empty() {
        return machine.nothing("no socket of a container runtime is on this node");
    }
    let judge = |socket: &&File| (machine.file_subject(&socket.path), judge(machine, socket));
    sockets.iter().map(judge).collect()
}

fn judge(machine: &Machine<'_>, socket: &File) -> Outcome {
    let mut who = Vec::new();
    if socket.mode & 0o002 != 0 {
        who.push("everyone".to_owned());
    }
    if socket.uid != 0 && socket.mode & 0o200 != 0 {
        who.push(format!("its owner {}", socket.user.clone().unwrap_or(socket.uid.to_string())));
    }
    let members = machine.groups().find(|group| group.gid == socket.gid);
    if let (Some(group), true) = (members, socket.mode & 0o020 != 0) {
        let others: Vec<&str> =
            group.members.iter().map(String::as_str).filter(|member| *member != "root").collect();
        if !others.is_empty() {
            who.push(format!("{} by the group {}", others.join(", "), group.name));
        }
    }
    let said = format!("mode {:04o}, user {}, group {}", socket.mode, socket.uid, socket.gid);
    let evidence = Evidence::file(said, machine.node, &socket.path);
    if who.is_empty() {
        return Outcome::pass("only root may write to it").with(evidence);
    }
    let question = "do they need to be root on this node? Whoever writes to this socket is";
    let remedy = Remedy::Decision { question: question.to_owned() };
    Outcome::fail(format!("{} may write to it", who.join(" and ")), remedy).with(evidence)
}
