//! Images are named by a tag of their own.
//!
//! # What
//! The image of every container, in all three lists, of running pods and of the templates that
//! make them. It fails where the tag is missing or `latest`, and no digest is given. What kubeadm
//! itself installs (the control plane's static pods, kube-proxy, CoreDNS) is left out.
//!
//! # Why
//! Nobody can say what runs: the same name is another program tomorrow, on one node and not on
//! the other, and going back is impossible.
//!
//! # Remedy
//! Name a tag that is never moved, or the digest.
//!
//! # What the remedy may break
//! Nothing, beside what relied on getting new images unasked.
//!
//! # References
//! - https://kubernetes.io/docs/concepts/containers/images/

use kuberlock_model::workload::Container;
use kuberlock_model::{FieldPath, Severity, Subject};

use super::pod_privileged::PODS;
use crate::check::{Check, Outcome, Question};
use crate::context::Context;
use crate::pods::{self, Offence};

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Objects { needs: &[], about: &PODS, ask: evaluate },
};

fn evaluate(context: &Context<'_>) -> Vec<(Subject, Outcome)> {
    let question = "which release of the image is meant? Name its tag or digest";
    pods::judge(context, "every image has a tag of its own", question, |source| {
        Offence::of_containers(source, "may take whatever image is newest", offending)
    })
}

fn offending(container: &Container, path: &FieldPath) -> Vec<(FieldPath, String)> {
    let image = &container.image;
    let name = image.rsplit('/').next().unwrap_or(image);
    let is_moving = match name.split_once(':') {
        Some((_, tag)) => tag == "latest",
        None => true,
    };
    if !is_moving || name.contains('@') {
        return Vec::new();
    }
    vec![(path.key("image"), format!("image: {image}"))]
}
