//! Nobody but its owner may read or write the API server's manifest.
//!
//! # What
//! The permission bits of each file of the static pod folder that defines kube-apiserver, whatever
//! its name. It fails where they allow more than `600`.
//!
//! # Why
//! The kubelet runs what the file says, as root. Who can write it owns the node; who can read it
//! learns where every key lies and how the control plane is protected.
//!
//! # Remedy
//! `chmod 600` on the file.
//!
//! # What the remedy may break
//! Programs that read the manifest as another user than root, such as an unprivileged log shipper
//! or inventory agent.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/

use kuberlock_model::component::ComponentKind;
use kuberlock_model::host::File;
use kuberlock_model::{Evidence, Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Files {
        paths: manifests,
        absent: "no manifest of kube-apiserver is on this node",
        ask: evaluate,
    },
};

const ALLOWED: u32 = 0o600;

fn manifests(machine: &Machine<'_>) -> Vec<String> {
    let program = ComponentKind::ApiServer.program();
    let defines = |pod: &kuberlock_model::workload::Pod| {
        pod.spec.containers.iter().any(|container| container.name == program)
    };
    let pods = machine.host.static_pods.values();
    pods.filter(|file| file.pod.as_ref().is_ok_and(defines)).map(|file| file.path.clone()).collect()
}

fn evaluate(machine: &Machine<'_>, file: &File) -> Outcome {
    let evidence = Evidence::file(format!("mode {:04o}", file.mode), machine.node, &file.path);
    if file.mode & !ALLOWED & 0o777 == 0 {
        return Outcome::pass("only its owner may read or write it").with(evidence);
    }
    let remedy = Remedy::SetFileMode {
        node: machine.node.to_owned(),
        path: file.path.clone(),
        mode: format!("{ALLOWED:o}"),
    };
    Outcome::fail(format!("others than its owner may {}", others_may(file.mode)), remedy)
        .with(evidence)
}

/// What group and others may do by these bits, in words.
fn others_may(mode: u32) -> String {
    let may = [(0o044, "read it"), (0o022, "write it"), (0o111, "run it")];
    let words: Vec<&str> =
        may.iter().filter(|(bits, _)| mode & bits != 0).map(|(_, word)| *word).collect();
    words.join(" and ")
}
