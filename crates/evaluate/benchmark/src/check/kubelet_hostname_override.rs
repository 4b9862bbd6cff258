//! The node has its own name.
//!
//! # What
//! `--hostname-override` of the kubelet. It fails where the flag is given. k3s, RKE2, Talos and the
//! providers of managed clusters give it by design: there the question does not arise.
//!
//! # Why
//! Certificates, the Node authorizer and logs tell nodes apart by name. A name that is set by hand
//! may be that of another machine, or say nothing of which machine it was.
//!
//! # Remedy
//! Name the machine itself, then take the flag away, drain the node and let it join anew.
//!
//! # What the remedy may break
//! The node joins under another name: its Node object, labels, taints, certificates and local
//! volumes are those of a new node.
//!
//! # References
//! - https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/

use kuberlock_model::layout::Layout;
use kuberlock_model::{Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::kubelet::Kubelet;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Low, question: Question::Kubelet(evaluate) };

fn evaluate(kubelet: &Kubelet<'_>) -> Outcome {
    let layout = kubelet.layout();
    if layout.is_managed() || matches!(layout, Layout::K3s | Layout::Rke2 | Layout::Talos) {
        return Outcome::not_applicable(format!("{layout} names its nodes itself"));
    }
    let Some(flag) = kubelet.flag("hostname-override") else {
        return Outcome::unknown("no source shows the kubelet's command line");
    };
    let outcome = if flag.is_given() {
        let question = "is this name needed (a cloud provider may want it)? If not, take the flag \
                        away when the node next joins";
        Outcome::fail("its name is set by a flag", Remedy::Decision { question: question.into() })
    } else {
        Outcome::pass("it has the machine's name")
    };
    outcome.with(flag.evidence)
}
