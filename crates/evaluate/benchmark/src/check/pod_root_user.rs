//! No container runs as root.
//!
//! # What
//! `runAsUser` and `runAsNonRoot` of every container, in all three lists, of running pods and of the
//! templates that make them; a container's own settings win over those of its pod. It fails where the
//! user is 0, passes where it is another or the kubelet refuses root, and stays open where neither
//! is written: then the image decides, and images are not looked into. A pod with users of its own
//! (`hostUsers: false`) is nobody on its node, and passes. What kubeadm itself installs is left out.
//!
//! # Why
//! Root in a container is root on the node as soon as one wall falls: a mounted path, a fault of
//! the kernel or of the runtime.
//!
//! # Remedy
//! Set `runAsNonRoot: true`, and `runAsUser` where the image names no user.
//!
//! # What the remedy may break
//! Programs that write where only root may, or bind low ports; the kubelet then does not start them.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/security/pod-security-standards/
//! - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/

use kuberlock_model::cluster::PodSource;
use kuberlock_model::workload::Container;
use kuberlock_model::{FieldPath, Severity, Subject, Verdict};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::pods::{self, Offence};

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Objects { needs: &[], about: &PODS, ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let question = "can it run as another user? Set `runAsNonRoot: true`";
    let judged = pods::judge(context, "no container runs as root", question, |source| {
        Offence::of_containers(source, "must not run as root", |container, path| {
            match user(source, container) {
                Some(0) => vec![(field(container, &source.path, path), "runAsUser: 0".to_owned())],
                _ => Vec::new(),
            }
        })
    });
    let groups = context.pod_sources().chunk_by(|a, b| a.head == b.head);
    judged
        .into_iter()
        .zip(groups)
        .map(|((subject, outcome), sources)| {
            let is_open = outcome.verdict == Verdict::Pass && sources.iter().any(is_open);
            let unknown = || Outcome::unknown("the image decides as whom it runs");
            (subject, if is_open { unknown() } else { outcome })
        })
        .collect()
}

/// The user that a container runs as; with users of its own nobody of the node's.
fn user(source: &PodSource<'_>, container: &Container) -> Option<i64> {
    if source.spec.host_users == Some(false) {
        return None;
    }
    container.security().run_as_user.or(source.spec.security().run_as_user)
}

/// Where the user is written that counts.
fn field(container: &Container, pod: &FieldPath, path: &FieldPath) -> FieldPath {
    let holder = if container.security().run_as_user.is_some() { path } else { pod };
    holder.key("securityContext").key("runAsUser")
}

/// Whether the image decides for one of the containers.
fn is_open(source: &PodSource<'_>) -> bool {
    let refused = |container: &Container| {
        let own = container.security().run_as_non_root;
        own.or(source.spec.security().run_as_non_root).unwrap_or(false)
    };
    let open = |container: &Container| user(source, container).is_none() && !refused(container);
    source.spec.host_users != Some(false) && source.spec.containers.iter().any(open)
}
