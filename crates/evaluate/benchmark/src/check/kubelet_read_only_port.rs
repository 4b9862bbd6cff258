//! The kubelet has no port without sign-in.
//!
//! # What
//! `readOnlyPort` of the kubelet's configuration as it takes effect: the flag `--read-only-port`
//! over drop-ins over the configuration file over the release's default, which is 0 with a
//! configuration file and 10255 without one. It fails where it is not 0.
//!
//! # Why
//! The read-only port tells whoever asks which pods run on the node, with their specifications,
//! environment names and metrics, without any sign-in.
//!
//! # Remedy
//! Set `readOnlyPort: 0` and restart the kubelet.
//!
//! # What the remedy may break
//! Monitoring that still reads port 10255: let it use port 10250 with a token.
//!
//! # References
//! - https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/

use kuberlock_model::Severity;

use crate::check::{Check, Outcome, Question};
use crate::field;
use crate::kubelet::Kubelet;

pub(crate) static CHECK: Check =
    Check { severity: Severity::High, question: Question::Kubelet(evaluate) };

const NAME: field::Name = ("readOnlyPort", "read-only-port");

fn evaluate(kubelet: &Kubelet<'_>) -> Outcome {
    field::number(kubelet, NAME, |port| match port {
        0 => Outcome::pass("there is no read-only port"),
        port => Outcome::fail(
            format!("port {port} answers without sign-in"),
            field::set(kubelet, NAME, 0),
        ),
    })
}
