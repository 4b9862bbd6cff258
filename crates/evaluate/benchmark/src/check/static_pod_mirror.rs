//! The API server knows the pod that the manifest defines.
//!
//! # What
//! For each pod of a node's static pod folder: its containers against those of the mirror pod that
//! the kubelet keeps in the API server. It fails where images or command lines differ, and where a
//! node has mirror pods but none for this manifest.
//!
//! # Why
//! The mirror is what the kubelet last took up. Where it differs from the file, the kubelet runs
//! something else than what is written: the file was not read, did not parse, or another file
//! defines the same pod.
//!
//! # Remedy
//! See that the manifest parses, that no other file of the folder defines the pod, and have the
//! kubelet read it anew.
//!
//! # What the remedy may break
//! The pod restarts with what the manifest says.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/
//! - https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-config-mirror

use kuberlock_model::host::StaticPod;
use kuberlock_model::workload::{Container, Pod};
use kuberlock_model::{Evidence, FieldPath, Kind, Object, ObjectKey, Remedy, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;

pub(crate) static CHECK: Check =
    Check { severity: Severity::High, question: Question::Host(evaluate) };

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    let files = machine.host.static_pods.values();
    let outcomes: Vec<_> = files.filter_map(|file| judge(machine, file)).collect();
    if outcomes.is_empty() {
        let on_node = Subject::Node { node: machine.node.to_owned() };
        return vec![(on_node, Outcome::not_applicable("no static pod is defined here"))];
    }
    outcomes
}

fn judge(machine: &Machine<'_>, file: &StaticPod) -> Option<(Subject, Outcome)> {
    let pod = file.pod.as_ref().ok()?;
    let subject = Subject::File { node: Some(machine.node.to_owned()), path: file.path.clone() };
    let outcome = match mirror_of(machine, pod) {
        Some(mirror) => compare(pod, mirror),
        None if has_mirrors(machine) => {
            let message =
                "the API server has no mirror pod of it, though it has others of this node";
            Outcome::fail(message, remedy(&file.path)).with(Evidence::file(
                "defines a pod",
                machine.node,
                &file.path,
            ))
        }
        None => Outcome::unknown("its mirror pod was not seen"),
    };
    Some((subject, outcome))
}

/// The API server's copy of a pod that the machine's manifests define.
fn mirror_of<'a>(machine: &Machine<'a>, pod: &Pod) -> Option<&'a Pod> {
    let name = format!("{}-{}", pod.metadata.name, machine.node);
    let key = ObjectKey::new(Kind::Pod, pod.metadata.namespace.as_deref(), &name);
    match machine.context.cluster.get(&key) {
        Some(Object::Pod(mirror)) if mirror.is_mirror() => Some(mirror),
        _ => None,
    }
}

/// Whether pods were seen in whole, mirrors of other manifests of the machine among them.
fn has_mirrors(machine: &Machine<'_>) -> bool {
    let mut pods = machine.host.static_pods.values().filter_map(|file| file.pod.as_ref().ok());
    machine.context.cluster.coverage().kind(Kind::Pod).is_whole()
        && pods.any(|pod| mirror_of(machine, pod).is_some())
}

fn compare(pod: &Pod, mirror: &Pod) -> Outcome {
    let mut evidence = Vec::new();
    for container in &pod.spec.containers {
        let same = |other: &&Container| other.name == container.name;
        let other = mirror.spec.containers.iter().find(same);
        if other.is_none_or(|other| said(other) != said(container)) {
            let absent = || format!("no container `{}`", container.name);
            evidence.push(of(pod, container, said(container)));
            evidence.push(of(mirror, container, other.map_or_else(absent, said)));
        }
    }
    if evidence.is_empty() {
        return Outcome::pass("the mirror pod is what the manifest defines");
    }
    let message = "the mirror pod is not what the manifest defines";
    Outcome::fail(message, remedy(&pod.metadata.name)).with_all(evidence)
}

fn of(pod: &Pod, container: &Container, said: String) -> Evidence {
    Evidence::field(said, &pod.metadata.origin, container.path(&FieldPath::of("spec")))
}

/// What a container runs.
fn said(container: &Container) -> String {
    let words = container.command.iter().chain(&container.args).map(String::as_str);
    let words: Vec<&str> = words.collect();
    format!("{}: {}", container.image, words.join(" "))
}

fn remedy(what: &str) -> Remedy {
    let question = format!(
        "does the kubelet read `{what}`? See that it parses and that no other file defines the pod, \
         then restart the kubelet"
    );
    Remedy::Decision { question }
}
