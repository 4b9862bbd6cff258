//! A component runs with the command line of its manifest.
//!
//! # What
//! For kube-apiserver, kube-controller-manager, kube-scheduler and etcd on a node: the flags of the
//! manifest in the static pod folder against those of the process. It fails where they differ: an
//! edit that the kubelet never took up, or a process that somebody started by hand.
//!
//! # Why
//! Who edits a manifest believes the setting to hold from then on. The kubelet may have missed the
//! edit, or refused the file and left the old pod running: audit logging, encryption or an
//! admission plugin is then written down and off.
//!
//! # Remedy
//! See which side is meant. If it is the manifest, see that it parses and that no other file of the
//! folder defines the same pod, then have the kubelet read it anew (move it out of the folder and
//! back, or restart the kubelet).
//!
//! # What the remedy may break
//! The component restarts with the settings of the manifest; if these are wrong, it does not come
//! back. Move one control plane node at a time.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/
//! - https://github.com/kubernetes/kubernetes/issues/112861

use kuberlock_model::component::ComponentKind;
use kuberlock_model::{Remedy, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::drift;
use crate::machine::Machine;

pub(crate) static CHECK: Check =
    Check { severity: Severity::High, question: Question::Host(evaluate) };

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    let judged = drift::STATIC.into_iter().filter_map(|kind| judge(machine, kind));
    let outcomes: Vec<_> = judged.collect();
    if outcomes.is_empty() {
        let on_node = Subject::Node { node: machine.node.to_owned() };
        return vec![(on_node, Outcome::not_applicable("no manifest of a component is here"))];
    }
    outcomes
}

fn judge(machine: &Machine<'_>, kind: ComponentKind) -> Option<(Subject, Outcome)> {
    let manifest = drift::in_manifest(machine, kind)?;
    let outcome = match drift::in_process(machine, kind) {
        None => Outcome::unknown(format!("no source shows {kind} running")),
        Some(process) => {
            let found = drift::differences(machine.context, &manifest, &process, &[]);
            if found.is_empty() {
                Outcome::pass("it runs with the flags of its manifest")
            } else {
                let message =
                    format!("its manifest and its process differ in {}", drift::flags(&found));
                let evidence = found.into_iter().flat_map(|difference| difference.evidence);
                Outcome::fail(message, remedy(kind)).with_all(evidence)
            }
        }
    };
    Some((drift::subject(machine, kind), outcome))
}

fn remedy(kind: ComponentKind) -> Remedy {
    let question = format!(
        "which is meant, the manifest of {kind} or what runs? If the manifest, see that it parses \
         and that no other file defines the pod, then have the kubelet read it anew"
    );
    Remedy::Decision { question }
}
