//! etcd trusts a CA of its own.
//!
//! # What
//! `--trusted-ca-file` of etcd against `--client-ca-file` of the API server on the same node, or
//! else of any: links are followed, and where both certificates were read, they are compared too.
//! It fails where they are the same, and where etcd trusts none.
//!
//! # Why
//! The cluster's CA signs certificates for kubelets and users. An etcd that trusts it lets every
//! one of them read and write all objects, past RBAC.
//!
//! # Remedy
//! Make a CA for etcd, sign the certificates of its members and of the API server with it, let etcd
//! trust both while they are rolled out, then only the new one.
//!
//! # What the remedy may break
//! Whoever still shows a certificate of the old CA is shut out, the API server among them: change
//! one member at a time, and keep the quorum.
//!
//! # References
//! - https://etcd.io/docs/v3.6/op-guide/security/
//! - https://kubernetes.io/docs/setup/best-practices/certificates/

use kuberlock_model::component::ComponentKind;
use kuberlock_model::host::File;
use kuberlock_model::{Remedy, Severity};

use crate::check::{Check, Outcome, Question};
use crate::etcd;
use crate::running::Running;
use crate::running::Setting;

pub(crate) static CHECK: Check = Check {
    severity: Severity::Medium,
    question: Question::Component(ComponentKind::Etcd, evaluate),
};

const CA: etcd::Name = ("trusted-ca-file", "client-transport-security.trusted-ca-file");

fn evaluate(etcd: &Running<'_>) -> Outcome {
    let own = match etcd::setting(etcd, CA) {
        Ok(setting) => setting,
        Err(outcome) => return *outcome,
    };
    let Some(own_path) = own.value.as_deref().filter(|path| !path.is_empty()) else {
        return Outcome::fail("it trusts no CA", remedy()).with(own.evidence);
    };
    let Some(clients) = client_ca(etcd) else {
        return Outcome::unknown("no source shows the API server's CA").with(own.evidence);
    };
    let path = clients.value.as_deref().unwrap_or_default();
    let outcome = match same(etcd, own_path, path) {
        true => Outcome::fail("it trusts the CA of the cluster's users", remedy()),
        false => Outcome::pass("it trusts another CA than the API server"),
    };
    outcome.with(own.evidence).with(clients.evidence)
}

/// The CA that the API server of the same node, or else any, trusts for its clients.
fn client_ca(etcd: &Running<'_>) -> Option<Setting> {
    let context = etcd.context;
    let mut all = context.cluster.components(ComponentKind::ApiServer);
    all.sort_by_key(|component| component.node != etcd.component.node);
    let flags =
        all.into_iter().map(|component| Running { component, context }.flag("client-ca-file"));
    flags.into_iter().find(Setting::is_given)
}

/// Whether both paths are one file, or hold one certificate.
fn same(etcd: &Running<'_>, one: &str, other: &str) -> bool {
    let host = etcd.context.cluster.host(&etcd.component.node);
    let file = |path: &str| host.and_then(|host| host.file(path));
    match (file(one), file(other)) {
        (Some(one), Some(other)) => {
            one.path == other.path
                || certificate(one).is_some_and(|text| certificate(other) == Some(text))
        }
        _ => one == other,
    }
}

/// The text of a certificate, unless it was replaced at the source: nothing is told by that.
fn certificate(file: &File) -> Option<&str> {
    let text = file.content.as_deref()?.trim();
    text.contains("-----BEGIN CERTIFICATE-----").then_some(text)
}

fn remedy() -> Remedy {
    let question = "which CA should sign for etcd alone? It must be one that signs for nobody else";
    Remedy::Decision { question: question.to_owned() }
}
