//! The API server takes no passwords from a file of tokens.
//!
//! # What
//! `--token-auth-file` of kube-apiserver. It fails where the flag names a file.
//!
//! # Why
//! The tokens stand in clear text on the node, never expire and cannot be taken back without
//! restarting the API server. Whoever reads the file, or a backup of it, is every user in it.
//!
//! # Remedy
//! Give those who use the tokens another way to sign in (an OpenID Connect issuer, client
//! certificates, service accounts), then take the flag and the file away.
//!
//! # What the remedy may break
//! Everyone and everything that signs in with one of the tokens. The audit log names them: look for
//! the users of the file before taking it away.
//!
//! # References
//! - https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file

use kuberlock_model::component::ComponentKind;
use kuberlock_model::{Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::flag;
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::High,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    if let Some(outcome) = flag::missing(api_server, "token-auth-file") {
        return outcome;
    }
    let setting = api_server.flag("token-auth-file");
    if !setting.is_given() {
        return Outcome::pass("no file of tokens is read").with(setting.evidence);
    }
    let question = "who signs in with a token of this file? Give them another way first, then take \
                    --token-auth-file away";
    let remedy = Remedy::Decision { question: question.to_owned() };
    Outcome::fail("tokens are read from a file", remedy).with(setting.evidence)
}
