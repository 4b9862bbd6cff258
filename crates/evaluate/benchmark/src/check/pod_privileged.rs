//! No container is privileged.
//!
//! # What
//! `securityContext.privileged` of every container, in all three lists (`initContainers`,
//! `containers`, `ephemeralContainers`), of running pods and of the templates that make them. A
//! workload is one subject, whatever the number of its pods. kube-proxy as kubeadm installs it is
//! left out: it sets kernel parameters and cannot do without.
//!
//! # Why
//! A privileged container has every capability and every device of its node: it is root on the node,
//! and the next container on that node is its prey.
//!
//! # Remedy
//! Drop `privileged`; add the single capabilities or devices that the workload really needs. Where
//! a node agent (network, storage, monitoring) needs all of it, keep it in a namespace of its own
//! that ordinary users cannot create pods in.
//!
//! # What the remedy may break
//! Whatever the container does with devices, kernel parameters, mounts or other processes.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/pod-security-standards/
//! - https://kubernetes.io/docs/concepts/security/linux-kernel-security-constraints/#privileged-containers

use std::collections::BTreeMap;

use kuberlock_model::cluster::PodSource;
use kuberlock_model::{Evidence, Kind, ObjectKey, Remedy, Severity, Subject};

use crate::check::{Check, Outcome, Question};
use crate::context::Context;

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Objects { needs: &[], about: &PODS, ask: evaluate },
};

/// The kinds that ask for pods.
pub(crate) const PODS: [Kind; 8] = [
    Kind::Pod,
    Kind::Deployment,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::ReplicaSet,
    Kind::ReplicationController,
    Kind::Job,
    Kind::CronJob,
];

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let mut by_head: BTreeMap<&ObjectKey, Vec<&PodSource<'_>>> = BTreeMap::new();
    for source in context.pod_sources() {
        by_head.entry(&source.head).or_default().push(source);
    }
    by_head
        .into_iter()
        .map(|(head, sources)| (Subject::Object(head.clone()), judge(head, &sources)))
        .collect()
}

fn judge(head: &ObjectKey, sources: &[&PodSource<'_>]) -> Outcome {
    let mut names: Vec<String> = Vec::new();
    let mut evidence = Vec::new();
    for source in sources {
        for container in
            source.spec.containers.iter().filter(|c| c.security().privileged == Some(true))
        {
            // A workload and its hundred pods say the same thing once.
            if names.contains(&container.name) {
                continue;
            }
            names.push(container.name.clone());
            let field = container.path(&source.path).key("securityContext").key("privileged");
            evidence.push(Evidence::field("privileged: true", &source.metadata.origin, field));
        }
    }
    if names.is_empty() {
        return Outcome::pass("no container is privileged");
    }
    if is_kube_proxy(head, sources) {
        return Outcome::not_applicable("kube-proxy sets kernel parameters").with_all(evidence);
    }
    let containers: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let question = "what does it do with the node that a single capability or device would not \
                    allow? Grant that instead of `privileged`";
    let message = match containers.as_slice() {
        [one] => format!("container {one} is privileged"),
        many => format!("containers {} are privileged", many.join(", ")),
    };
    Outcome::fail(message, Remedy::Decision { question: question.to_owned() }).with_all(evidence)
}

/// kubeadm's kube-proxy, by name and by image: a name alone anyone may take.
fn is_kube_proxy(head: &ObjectKey, sources: &[&PodSource<'_>]) -> bool {
    let image = |image: &str| {
        let untagged = image.split('@').next().unwrap_or(image);
        untagged.rsplit('/').next().is_some_and(|name| name.split(':').next() == Some("kube-proxy"))
    };
    *head == ObjectKey::new(Kind::DaemonSet, Some("kube-system"), "kube-proxy")
        && sources.iter().flat_map(|s| &s.spec.containers).all(|c| image(&c.image))
}
