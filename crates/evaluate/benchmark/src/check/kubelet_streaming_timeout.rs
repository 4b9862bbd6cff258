//! Idle sessions with containers end.
//!
//! # What
//! `streamingConnectionIdleTimeout` of the kubelet's configuration as it takes effect: the flag
//! `--streaming-connection-idle-timeout` over drop-ins over the configuration file over the
//! release's default. It fails for zero, which is never. In a file, zero stands for the default:
//! the kubelet fills it in, and kubeadm writes it so.
//!
//! # Why
//! Sessions of exec, attach and port-forward that never end hold connections and memory of the
//! node, and stay open for whoever finds the terminal.
//!
//! # Remedy
//! Set `streamingConnectionIdleTimeout` to some hours or less, or take the flag away.
//!
//! # What the remedy may break
//! Port-forwards that people leave open over night.
//!
//! # References
//! - https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/

use kuberlock_model::Severity;

use crate::check::{Check, Outcome, Question};
use crate::field;
use crate::flag::seconds;
use crate::kubelet::Kubelet;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Low, question: Question::Kubelet(evaluate) };

const NAME: field::Name = ("streamingConnectionIdleTimeout", "streaming-connection-idle-timeout");

fn evaluate(kubelet: &Kubelet<'_>) -> Outcome {
    let setting = match field::setting(kubelet, NAME) {
        Ok(setting) => setting,
        Err(outcome) => return *outcome,
    };
    match setting.value.as_deref().and_then(seconds) {
        None => Outcome::unknown("its value is no duration"),
        Some(value) if value <= 0.0 => {
            Outcome::fail("idle sessions never end", field::set(kubelet, NAME, "4h0m0s"))
        }
        Some(value) => Outcome::pass(format!("idle sessions end after {value} s")),
    }
    .with(setting.evidence)
}
