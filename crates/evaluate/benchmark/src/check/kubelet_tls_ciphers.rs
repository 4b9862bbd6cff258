//! The kubelet speaks TLS with strong cipher suites only.
//!
//! # What
//! `tlsCipherSuites` and `tlsMinVersion` of the kubelet's configuration as they take effect. Strong
//! are the suites with forward secrecy and authenticated encryption (ECDHE with GCM or
//! ChaCha20-Poly1305), and those of TLS 1.3. It passes where nothing else is listed, and where TLS
//! 1.3 is the least version. It fails where a weak suite is listed, and where nothing is: TLS 1.2
//! then takes what Go has on, suites of CBC with SHA-1 among them.
//!
//! # Why
//! Weak suites let who records or changes traffic to the kubelet, logs and terminal sessions among
//! it, learn from it.
//!
//! # Remedy
//! List the strong suites, or set `tlsMinVersion: VersionTLS13`, which makes the list moot.
//!
//! # What the remedy may break
//! Callers without these suites, such as old monitoring agents. The API server has them all.
//!
//! # References
//! - https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/
//! - https://pkg.go.dev/crypto/tls#CipherSuites

use kuberlock_model::Severity;

use crate::check::{Check, Outcome, Question};
use crate::kubelet::Kubelet;
use crate::{cipher, field};

pub(crate) static CHECK: Check =
    Check { severity: Severity::Low, question: Question::Kubelet(evaluate) };

const SUITES: field::Name = ("tlsCipherSuites", "tls-cipher-suites");
const VERSION: field::Name = ("tlsMinVersion", "tls-min-version");

fn evaluate(kubelet: &Kubelet<'_>) -> Outcome {
    match (field::setting(kubelet, SUITES), field::setting(kubelet, VERSION)) {
        (Ok(suites), Ok(version)) => {
            cipher::judge(&suites, &version, |strong| field::set(kubelet, SUITES, strong))
        }
        (Err(outcome), _) | (_, Err(outcome)) => *outcome,
    }
}
