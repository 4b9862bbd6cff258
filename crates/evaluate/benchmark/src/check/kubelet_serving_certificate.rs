//! The kubelet has a serving certificate that callers can verify.
//!
//! # What
//! `tlsCertFile` and `tlsPrivateKeyFile` of the kubelet's configuration as they take effect, or
//! `serverTLSBootstrap`, with which the kubelet asks the cluster for a certificate. It fails where
//! neither is given: the kubelet then signs its own, and names it in what it tells of its
//! configuration (`pki/kubelet.crt` in its folder).
//!
//! # Why
//! Nobody can verify a certificate that the kubelet signed itself: who gets between the API server
//! and the node answers for it.
//!
//! # Remedy
//! Set `serverTLSBootstrap: true` and see that somebody approves the requests
//! `kubernetes.io/kubelet-serving`; or name a certificate and key.
//!
//! # What the remedy may break
//! With `serverTLSBootstrap` and nobody who approves, the kubelet has no serving certificate at
//! all: logs, exec and metrics of the node fail. Callers that pinned the old certificate fail too.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/#kubelet-serving-certs
//! - https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/

use kuberlock_model::{Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::field;
use crate::kubelet::Kubelet;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Medium, question: Question::Kubelet(evaluate) };

const CERTIFICATE: field::Name = ("tlsCertFile", "tls-cert-file");
const KEY: field::Name = ("tlsPrivateKeyFile", "tls-private-key-file");
const BOOTSTRAP: field::Name = ("serverTLSBootstrap", "rotate-server-certificates");

/// Where the kubelet lays what it signs itself, and names it in its own account of its
/// configuration.
const SELF_SIGNED: &str = "/pki/kubelet.crt";

fn evaluate(kubelet: &Kubelet<'_>) -> Outcome {
    let settings = [CERTIFICATE, KEY, BOOTSTRAP].map(|name| field::setting(kubelet, name));
    let [certificate, key, bootstrap] = match settings {
        [Ok(certificate), Ok(key), Ok(bootstrap)] => [certificate, key, bootstrap],
        [Err(outcome), ..] | [_, Err(outcome), _] | [.., Err(outcome)] => return *outcome,
    };
    let own = certificate.value.as_deref().is_some_and(|path| path.ends_with(SELF_SIGNED));
    if certificate.is_given() && key.is_given() && !own {
        return Outcome::pass("a certificate and its key are named")
            .with_all([certificate.evidence, key.evidence]);
    }
    if bootstrap.as_bool() == Some(true) {
        return Outcome::pass("it asks the cluster for a certificate").with(bootstrap.evidence);
    }
    let question = "who approves kubelets' requests for serving certificates? Settle that, then set \
                    serverTLSBootstrap: true on every node";
    let remedy = Remedy::Decision { question: question.to_owned() };
    Outcome::fail("it signs its own serving certificate", remedy).with_all([
        certificate.evidence,
        key.evidence,
        bootstrap.evidence,
    ])
}
