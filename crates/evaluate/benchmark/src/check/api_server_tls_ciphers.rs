//! The API server speaks TLS with strong cipher suites only.
//!
//! # What
//! `--tls-cipher-suites` and `--tls-min-version` of kube-apiserver. Strong are the suites with
//! forward secrecy and authenticated encryption (ECDHE with GCM or ChaCha20-Poly1305), and those of
//! TLS 1.3. It passes where nothing else is listed, and where TLS 1.3 is the least version. It
//! fails where a weak suite is listed, and where nothing is: TLS 1.2 then takes what Go has on,
//! suites of CBC with SHA-1 among them.
//!
//! # Why
//! Weak suites let who records or changes traffic learn from it: CBC has a record of padding
//! attacks, and suites without forward secrecy open old recordings once a key is lost.
//!
//! # Remedy
//! List the strong suites, or set `--tls-min-version=VersionTLS13`, which makes the list moot.
//!
//! # What the remedy may break
//! Clients without these suites: very old libraries, load balancers that probe with few suites.
//! With TLS 1.3 as least version, all that speak TLS 1.2 only.
//!
//! # References
//! - https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
//! - https://pkg.go.dev/crypto/tls#CipherSuites

use kuberlock_model::Severity;
use kuberlock_model::component::ComponentKind;

use crate::check::{Check, Outcome, Question};
use crate::running::Running;
use crate::{cipher, flag};

pub(crate) static CHECK: Check = Check {
    severity: Severity::Low,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    if let Some(outcome) = flag::missing(api_server, "tls-cipher-suites") {
        return outcome;
    }
    let suites = api_server.flag("tls-cipher-suites");
    let version = api_server.flag("tls-min-version");
    cipher::judge(&suites, &version, |strong| {
        api_server.set_flag("tls-cipher-suites", &strong.join(","))
    })
}
