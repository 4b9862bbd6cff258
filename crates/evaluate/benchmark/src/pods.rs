//! One question put to every workload: the walk that the checks of pods share.
//!
//! A workload is one subject, whatever the number of its pods: its template is looked at first, and
//! a pod adds evidence only where it says something else (an ephemeral container, a pod that was
//! changed).

use std::collections::BTreeSet;

use kuberlock_access::canonical;
use kuberlock_admission::{Pod, Version, Violation};
use kuberlock_model::cluster::PodSource;
use kuberlock_model::rbac::Principal;
use kuberlock_model::workload::Container;
use kuberlock_model::{Evidence, FieldPath, Kind, Object, ObjectKey, Remedy, Subject};

use crate::check::Outcome;
use crate::context::Context;

/// What a pod does that it should not: a sentence, and the fields that say so.
#[derive(Debug)]
pub(crate) struct Offence {
    message: String,
    fields: Vec<(FieldPath, String)>,
}

impl Offence {
    /// An offence of the pod as a whole.
    pub(crate) fn of_pod(message: &str, field: FieldPath, value: String) -> Self {
        Self { message: message.to_owned(), fields: vec![(field, value)] }
    }

    /// The offence of those containers of `source` for which `field` gives a field and what it says.
    pub(crate) fn of_containers(
        source: &PodSource<'_>,
        does: &str,
        field: impl Fn(&Container, &FieldPath) -> Vec<(FieldPath, String)>,
    ) -> Option<Self> {
        let (mut names, mut fields) = (Vec::new(), Vec::new());
        for container in &source.spec.containers {
            let found = field(container, &container.path(&source.path));
            if !found.is_empty() {
                names.push(format!("`{}`", container.name));
                fields.extend(found);
            }
        }
        let word = if names.len() == 1 { "container" } else { "containers" };
        let message = format!("{word} {} {does}", names.join(", "));
        (!fields.is_empty()).then_some(Self { message, fields })
    }
}

impl Offence {
    /// All violations as one offence.
    pub(crate) fn of_violations(violations: Vec<Violation>) -> Option<Self> {
        violations.into_iter().map(Self::from).reduce(|mut all, next| {
            all.message = format!("{}; {}", all.message, next.message);
            all.fields.extend(next.fields);
            all
        })
    }
}

impl From<Violation> for Offence {
    fn from(violation: Violation) -> Self {
        let fields = violation.fields.into_iter().map(|field| (field.path, field.value));
        Self { message: violation.message, fields: fields.collect() }
    }
}

/// Puts one question to every workload: passes with `pass` where `look` finds no offence, fails with
/// what it finds and asks `question` of a person. What the cluster's installer lays out is left
/// out.
pub(crate) fn judge(
    context: &Context<'_>,
    pass: &'static str,
    question: &str,
    look: impl Fn(&PodSource<'_>) -> Option<Offence>,
) -> Vec<(Subject, Outcome)> {
    let groups = context.pod_sources().chunk_by(|a, b| a.head == b.head);
    let outcome = |sources: &[PodSource<'_>]| {
        let head = &sources.first()?.head;
        let outcome = if is_system(head, sources) {
            Outcome::not_applicable("it is part of the cluster, as its installer lays it out")
        } else {
            of_group(sources, pass, question, &look)
        };
        Some((Subject::Object(head.clone()), outcome))
    };
    groups.filter_map(outcome).collect()
}

/// Puts a control of the Pod Security Standards to every workload, as of the newest version.
pub(crate) fn control(
    context: &Context<'_>,
    name: &str,
    pass: &'static str,
    question: &str,
) -> Vec<(Subject, Outcome)> {
    judge(context, pass, question, |source| {
        kuberlock_admission::ask(name, Version::Latest, &pod(source)).map(Offence::from)
    })
}

/// The source as the standards see it.
pub(crate) fn pod<'a>(source: &'a PodSource<'_>) -> Pod<'a> {
    Pod { spec: source.spec, annotations: source.pod_annotations, path: &source.path }
}

fn of_group(
    sources: &[PodSource<'_>],
    pass: &'static str,
    question: &str,
    look: &impl Fn(&PodSource<'_>) -> Option<Offence>,
) -> Outcome {
    let (mut messages, mut evidence) = (Vec::new(), Vec::new());
    for source in sources {
        let Some(offence) = look(source).filter(|found| !messages.contains(&found.message)) else {
            continue;
        };
        let origin = &source.metadata.origin;
        let field = |(path, value)| Evidence::field(value, origin, path);
        evidence.extend(offence.fields.into_iter().map(field));
        messages.push(offence.message);
    }
    if messages.is_empty() {
        return Outcome::pass(pass);
    }
    let remedy = Remedy::Decision { question: question.to_owned() };
    Outcome::fail(messages.join("; "), remedy).with_all(evidence)
}

/// What an installer lays out, and puts back at each upgrade: the static pods of the components,
/// kube-proxy and CoreDNS; by what they run, since a name alone anyone may take.
pub(crate) fn is_system(head: &ObjectKey, sources: &[PodSource<'_>]) -> bool {
    if head.namespace.as_deref() != Some("kube-system") {
        return false;
    }
    let installed: &[&str] = match (head.kind, head.name.as_str()) {
        (Kind::DaemonSet, "kube-proxy") => &["kube-proxy"],
        (Kind::Deployment, "coredns") => &["coredns"],
        (Kind::Pod, _) if sources.iter().all(|source| source.is_static) => &STATIC,
        _ => return false,
    };
    let containers = sources.iter().flat_map(|source| &source.spec.containers);
    containers.into_iter().all(|container| installed.contains(&image_name(&container.image)))
}

/// The images of the static pods that an installer lays out: the components' own, and RKE2's, which
/// holds several of them in one.
const STATIC: [&str; 8] = [
    "etcd",
    "hardened-etcd",
    "hardened-kubernetes",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "rke2-cloud-provider",
];

/// The last part of an image's name, without tag and digest.
fn image_name(image: &str) -> &str {
    let untagged = image.split('@').next().unwrap_or(image);
    let name = untagged.rsplit('/').next().unwrap_or(untagged);
    name.split(':').next().unwrap_or(name)
}

/// Whether a pod gets the token of its service account.
pub(crate) fn has_token(context: &Context<'_>, source: &PodSource<'_>) -> bool {
    let namespace = source.metadata.namespace.as_deref();
    let key = ObjectKey::new(Kind::ServiceAccount, namespace, &source.spec.service_account);
    let of_account = || match context.cluster.get(&key) {
        Some(Object::ServiceAccount(account)) => account.automount_token,
        _ => None,
    };
    !source.is_static && source.spec.automount_token.or_else(of_account).unwrap_or(true)
}

/// Everybody that a binding names.
pub(crate) fn bound(context: &Context<'_>) -> BTreeSet<Principal> {
    let mut bound = BTreeSet::new();
    for binding in context.cluster.bindings() {
        for subject in &binding.subjects {
            bound.insert(canonical(subject));
        }
    }
    bound
}
