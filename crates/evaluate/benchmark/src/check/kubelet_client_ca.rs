//! The kubelet knows the CA of those who call it.
//!
//! # What
//! `authentication.x509.clientCAFile` of the kubelet's configuration as it takes effect: the flag
//! `--client-ca-file` over drop-ins over the configuration file. It fails where it is not given.
//!
//! # Why
//! Without the CA the kubelet cannot verify the API server's client certificate: the API server is
//! then an anonymous caller like any other.
//!
//! # Remedy
//! Name the CA that signs client certificates; kubeadm has it as `/etc/kubernetes/pki/ca.crt`.
//!
//! # What the remedy may break
//! The API server can no longer reach the kubelet if that CA did not sign its
//! `--kubelet-client-certificate`.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/

use kuberlock_model::{Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::field;
use crate::kubelet::Kubelet;

pub(crate) static CHECK: Check =
    Check { severity: Severity::High, question: Question::Kubelet(evaluate) };

const NAME: field::Name = ("authentication.x509.clientCAFile", "client-ca-file");
/// Where kubeadm has it.
const USUAL: &str = "/etc/kubernetes/pki/ca.crt";

fn evaluate(kubelet: &Kubelet<'_>) -> Outcome {
    let setting = match field::setting(kubelet, NAME) {
        Ok(setting) => setting,
        Err(outcome) => return *outcome,
    };
    let outcome = if setting.is_given() {
        Outcome::pass("it knows the CA of client certificates")
    } else {
        Outcome::fail("it knows no CA of client certificates", remedy(kubelet))
    };
    outcome.with(setting.evidence)
}

fn remedy(kubelet: &Kubelet<'_>) -> Remedy {
    let host = kubelet.context().cluster.host(kubelet.node);
    if host.is_some_and(|host| host.file(USUAL).is_some()) {
        return field::set(kubelet, NAME, USUAL);
    }
    let question = "where on the node is the CA that signs the API server's client certificate?";
    Remedy::Decision { question: question.to_owned() }
}
