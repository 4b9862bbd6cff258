//! The kubelet renews its client certificate.
//!
//! # What
//! `rotateCertificates` of the kubelet's configuration as it takes effect: the flag
//! `--rotate-certificates` over drop-ins over the configuration file over the release's default,
//! which is off. k3s and RKE2 renew it themselves at every start, and EKS gives kubelets no client
//! certificate: there the question does not arise.
//!
//! # Why
//! A certificate that nobody renews runs out, and the node drops out of the cluster; so people make
//! it last for many years, and one that is lost is good for as long.
//!
//! # Remedy
//! Set `rotateCertificates: true` and restart the kubelet.
//!
//! # What the remedy may break
//! The controller manager has to sign the requests (`--cluster-signing-cert-file` and key), and
//! `--kubeconfig` must name a file that the kubelet may write beside.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/tls/certificate-rotation/

use kuberlock_model::layout::Layout;
use kuberlock_model::{Severity, Verdict};

use crate::check::{Check, Outcome, Question};
use crate::field;
use crate::flag::Said;
use crate::kubelet::Kubelet;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Medium, question: Question::Kubelet(evaluate) };

const NAME: field::Name = ("rotateCertificates", "rotate-certificates");
const SAID: Said = Said {
    pass: "it renews its client certificate",
    fail: "it does not renew its client certificate",
};

fn evaluate(kubelet: &Kubelet<'_>) -> Outcome {
    let outcome = field::boolean(kubelet, NAME, true, SAID);
    match kubelet.layout() {
        layout @ (Layout::K3s | Layout::Rke2) if outcome.verdict == Verdict::Fail => {
            Outcome::not_applicable(format!(
                "{layout} renews its client certificate at every start"
            ))
        }
        Layout::Eks if outcome.verdict == Verdict::Fail => {
            Outcome::not_applicable("eks gives kubelets no client certificate")
        }
        _ => outcome,
    }
}
