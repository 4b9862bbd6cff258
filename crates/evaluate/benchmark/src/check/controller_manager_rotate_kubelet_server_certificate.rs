//! The controller manager has the renewal of kubelets' serving certificates on.
//!
//! # What
//! The feature gate RotateKubeletServerCertificate of kube-controller-manager: `--feature-gates`
//! over the release's table. It fails where the gate is off.
//!
//! # Why
//! With the gate off, kubelets do not get serving certificates renewed by the cluster: they run
//! out, or are signed by the kubelet itself and verified by nobody.
//!
//! # Remedy
//! Take `RotateKubeletServerCertificate=false` out of `--feature-gates`.
//!
//! # What the remedy may break
//! Nothing by itself: a kubelet asks for a serving certificate only with `serverTLSBootstrap:
//! true`.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/#certificate-rotation

use kuberlock_model::component::ComponentKind;
use kuberlock_model::{Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::flag::{Said, is};
use crate::gate;
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Component(ComponentKind::ControllerManager, evaluate),
};

const GATE: &str = "RotateKubeletServerCertificate";
const SAID: Said = Said { pass: "the gate is on", fail: "the gate is off" };

fn evaluate(controller_manager: &Running<'_>) -> Outcome {
    let Some(setting) = gate::of_running(controller_manager, GATE) else {
        let minor = &controller_manager.context.table.table.minor;
        return Outcome::not_applicable(format!("the gate {GATE} does not exist in {minor}"));
    };
    let question = format!("who switched {GATE} off, and for what? Take it out of --feature-gates");
    is(&setting, true, SAID, || Remedy::Decision { question })
}
