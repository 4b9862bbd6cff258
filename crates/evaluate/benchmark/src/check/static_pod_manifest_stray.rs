//! The static pod folder holds one manifest for each pod, and nothing else.
//!
//! # What
//! Every file of the kubelet's static pod folder whose name does not begin with a dot: the kubelet
//! reads them all, whatever their extension, in the order of their names. It fails for a file that
//! defines a pod which another file defines too, for one that is no pod, and for one whose name
//! says that it is a copy (`.bak`, `.orig`, `.old`, `~` and the like).
//!
//! # Why
//! A copy left beside its original is not a backup: it is a second definition of the same pod, and
//! the kubelet may run either. Clusters have lost audit logging and sign-on for weeks that way, and
//! `kubeadm upgrade` stumbles over it.
//!
//! # Remedy
//! Move the copy out of the folder, after making sure that the file that stays is the one that is
//! meant to run.
//!
//! # What the remedy may break
//! If the copy is what runs today, its pod restarts with the other file's settings.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/
//! - https://github.com/kubernetes/kubernetes/issues/136962

use std::collections::BTreeMap;

use kuberlock_model::host::StaticPod;
use kuberlock_model::{Evidence, Remedy, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::machine::Machine;

pub(crate) static CHECK: Check =
    Check { severity: Severity::High, question: Question::Host(evaluate) };

const COPIES: [&str; 10] =
    ["~", ".bak", ".backup", ".old", ".orig", ".save", ".saved", ".copy", ".tmp", ".rpmnew"];

fn evaluate(machine: &Machine<'_>) -> Vec<(Subject, Outcome)> {
    let Machine { node, host, .. } = *machine;
    let on_node = Subject::Node { node: node.to_owned() };
    if host.static_pods.is_empty() {
        return vec![(
            on_node,
            Outcome::not_applicable("its static pod folder is empty or absent"),
        )];
    }
    let mut first: BTreeMap<(Option<&str>, &str), &str> = BTreeMap::new();
    let mut strays = Vec::new();
    // Originals before copies, so that the copy is the one called stray, whatever sorts first.
    let mut files: Vec<&StaticPod> = host.static_pods.values().collect();
    files.sort_by_key(|file| (!has_manifest_name(&file.path), &file.path));
    for file in files {
        if let Some(why) = stray(file, &mut first) {
            let subject = Subject::File { node: Some(node.to_owned()), path: file.path.clone() };
            strays.push((subject, fail(node, file, why)));
        }
    }
    if strays.is_empty() {
        let count = host.static_pods.len();
        let message = format!("each of the {count} files of the static pod folder is one pod");
        strays.push((on_node, Outcome::pass(message)));
    }
    strays
}

fn has_manifest_name(path: &str) -> bool {
    [".yaml", ".yml", ".json", ".manifest"].iter().any(|extension| path.ends_with(extension))
}

/// What is wrong with `file`; `first` holds the file that each pod was first met in.
fn stray<'a>(
    file: &'a StaticPod,
    first: &mut BTreeMap<(Option<&'a str>, &'a str), &'a str>,
) -> Option<String> {
    let pod = match &file.pod {
        Err(why) => return Some(format!("it is no pod, and the kubelet passes it over: {why}")),
        Ok(pod) => pod,
    };
    let key = (pod.metadata.namespace.as_deref(), pod.metadata.name.as_str());
    if let Some(other) = first.get(&key) {
        let name = pod.metadata.name.as_str();
        return Some(format!("it defines pod `{name}`, which `{other}` defines too"));
    }
    first.insert(key, &file.path);
    let copy = COPIES.iter().any(|ending| file.path.ends_with(ending));
    copy.then(|| "its name says that it is a copy, and the kubelet runs it all the same".to_owned())
}

fn fail(node: &str, file: &StaticPod, why: String) -> Outcome {
    let question = format!(
        "is `{}` meant to run? If not, move it out of the folder: renaming it there is not enough, \
         unless the new name begins with a dot",
        file.path
    );
    Outcome::fail(why, Remedy::Decision { question }).with(Evidence::file(
        "read by the kubelet",
        node,
        &file.path,
    ))
}
