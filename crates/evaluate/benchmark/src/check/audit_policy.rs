//! An audit policy says what is recorded.
//!
//! # What
//! `--audit-policy-file` of kube-apiserver, and the file it names. It fails where there is none,
//! and where every rule of it records nothing (`level: None`). What the rules should cover is
//! another question.
//!
//! # Why
//! Without a policy the API server records nothing, whatever log it is given.
//!
//! # Remedy
//! Write a policy, metadata for everything as a beginning, mount it into the API server and name it
//! by the flag.
//!
//! # What the remedy may break
//! A file that is not mounted, or no policy, stops the API server. Bodies (`Request`,
//! `RequestResponse`) of secrets, config maps and token reviews would put credentials into the log.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/

use kuberlock_model::component::ComponentKind;
use kuberlock_model::configuration::{AuditPolicy, Configuration};
use kuberlock_model::{Evidence, FieldPath, Origin, Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::flag;
use crate::running::Running;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Component(ComponentKind::ApiServer, evaluate),
};

fn evaluate(api_server: &Running<'_>) -> Outcome {
    if let Some(outcome) = flag::missing(api_server, "audit-policy-file") {
        return outcome;
    }
    let file = api_server.flag("audit-policy-file");
    let Some(path) = file.value.as_deref().filter(|path| !path.is_empty()) else {
        return Outcome::fail("no audit policy is named", remedy()).with(file.evidence);
    };
    let Some(read) = api_server.configuration(path) else {
        return Outcome::unknown(format!("the policy `{path}` was not seen")).with(file.evidence);
    };
    match &read.configuration {
        Configuration::AuditPolicy(policy) => judge(policy, &read.origin).with(file.evidence),
        Configuration::Unreadable(why) => {
            Outcome::unknown(format!("`{path}` cannot be read: {why}")).with(file.evidence)
        }
        _ => Outcome::unknown(format!("`{path}` is no audit policy")).with(file.evidence),
    }
}

fn judge(policy: &AuditPolicy, origin: &Origin) -> Outcome {
    let recording = policy.levels.iter().filter(|level| *level != "None").count();
    let said = format!("{} rules, {recording} of which record", policy.levels.len());
    let evidence = Evidence::field(said, origin, FieldPath::of("rules"));
    match recording {
        0 => Outcome::fail("the audit policy records nothing", remedy()),
        _ => Outcome::pass("an audit policy says what is recorded"),
    }
    .with(evidence)
}

fn remedy() -> Remedy {
    let question = "what should be recorded? Metadata of every request is a beginning; write it as a \
                    policy, mount it into the API server and name it by --audit-policy-file";
    Remedy::Decision { question: question.to_owned() }
}
