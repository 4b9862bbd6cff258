//! The kubelet may renew its serving certificate.
//!
//! # What
//! The feature gate RotateKubeletServerCertificate of the kubelet: the flag `--feature-gates` over
//! `featureGates` of drop-ins and configuration file over the release's table. It fails where the
//! gate is off. Whether the kubelet asks for a serving certificate at all is another question,
//! which `kubelet-serving-certificate` answers.
//!
//! # Why
//! With the gate off the kubelet asks for no serving certificate even where `serverTLSBootstrap` is
//! set, and the one it has runs out.
//!
//! # Remedy
//! Take the gate out of `featureGates` and of the flag, and restart the kubelet.
//!
//! # What the remedy may break
//! Nothing by itself: a kubelet asks for a serving certificate only with `serverTLSBootstrap:
//! true`.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/#certificate-rotation

use kuberlock_model::{Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::flag::{Said, is};
use crate::gate;
use crate::kubelet::Kubelet;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Low, question: Question::Kubelet(evaluate) };

const GATE: &str = "RotateKubeletServerCertificate";
const SAID: Said = Said { pass: "the gate is on", fail: "the gate is off" };

fn evaluate(kubelet: &Kubelet<'_>) -> Outcome {
    match gate::of_kubelet(kubelet, GATE) {
        Err(why) => Outcome::unknown(why),
        Ok(None) => {
            let minor = &kubelet.context().table.table.minor;
            Outcome::not_applicable(format!("the gate {GATE} does not exist in {minor}"))
        }
        Ok(Some(setting)) => is(&setting, true, SAID, || {
            let question = format!("who switched {GATE} off, and for what? Take the gate away");
            Remedy::Decision { question }
        }),
    }
}
