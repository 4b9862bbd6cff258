//! Secrets are written by a provider that encrypts them well.
//!
//! # What
//! The EncryptionConfiguration that `--encryption-provider-config` of kube-apiserver names: the
//! first provider of the first rule that speaks of `secrets`, which is the one that writes. It
//! fails where there is none, where it is identity, and where it is another than those of
//! `providers`.
//!
//! # Why
//! The first provider writes, the others only read. With identity first, everything is stored in
//! clear text though the flag is set. aesgcm must have its key changed before 200,000 writes, which
//! nothing does.
//!
//! # Remedy
//! Put kms, secretbox or aescbc first for `secrets`, keep identity last until every Secret was
//! written anew, then take it out.
//!
//! # What the remedy may break
//! A change of order is harmless once every API server has the file; a provider or key that one of
//! them lacks makes it fail to read Secrets. With kms, the API server needs the plugin at every
//! start.
//!
//! # Parameters
//! - `providers` = `aescbc,kms,secretbox`: the providers that may write
//!
//! # References
//! - https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/

use kuberlock_model::component::ComponentKind;
use kuberlock_model::configuration::{Configuration, EncryptionRule};
use kuberlock_model::{Evidence, FieldPath, Origin, Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    let file = api_server.flag("encryption-provider-config");
    let Some(path) = file.value.as_deref().filter(|path| !path.is_empty()) else {
        let why = "no encryption is configured: `api-server-encryption` says what to do first";
        let remedy = Remedy::Decision { question: why.to_owned() };
        return Outcome::fail("no provider encrypts Secrets", remedy).with(file.evidence);
    };
    let Some(read) = api_server.configuration(path) else {
        return Outcome::unknown(format!("`{path}` was not seen")).with(file.evidence);
    };
    match &read.configuration {
        Configuration::Encryption(rules) => judge(api_server, rules, path, &read.origin),
        Configuration::Unreadable(why) => {
            Outcome::unknown(format!("`{path}` cannot be read: {why}")).with(file.evidence)
        }
        _ => {
            Outcome::unknown(format!("`{path}` is no EncryptionConfiguration")).with(file.evidence)
        }
    }
}

fn judge(
    api_server: &Running<'_>,
    rules: &[EncryptionRule],
    path: &str,
    origin: &Origin,
) -> Outcome {
    let accepted = api_server.context.parameter("api-server-encryption-provider", "providers");
    let accepted: Vec<&str> = accepted.split(',').map(str::trim).collect();
    let at = rules.iter().position(|rule| rule.covers("secrets"));
    let rule = at.and_then(|at| rules.get(at));
    let first = rule.and_then(|rule| rule.providers.first()).map(String::as_str);
    let field = FieldPath::of("resources").index(at.unwrap_or(0));
    let evidence = match rule {
        Some(rule) => {
            let said = format!("providers: {}", rule.providers.join(", "));
            Evidence::field(said, origin, field.key("providers"))
        }
        None => Evidence::field("no rule for secrets", origin, FieldPath::of("resources")),
    };
    let outcome = match first {
        Some(provider) if accepted.contains(&provider) => {
            Outcome::pass(format!("{provider} writes Secrets"))
        }
        Some(provider) => {
            Outcome::fail(format!("{provider} writes Secrets"), remedy(&accepted, path))
        }
        None => Outcome::fail("no provider encrypts Secrets", remedy(&accepted, path)),
    };
    outcome.with(evidence)
}

fn remedy(accepted: &[&str], path: &str) -> Remedy {
    let question = format!(
        "which of {} should write Secrets? Put it first for `secrets` in `{path}` of every API \
         server, keep identity last, restart them one after another, then write every Secret anew",
        accepted.join(", ")
    );
    Remedy::Decision { question }
}
