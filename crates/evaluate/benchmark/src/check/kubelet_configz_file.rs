//! The kubelet runs with the configuration of its files.
//!
//! # What
//! What the kubelet tells of itself (`configz`) against its configuration file and drop-ins. It
//! fails where a field that the files set has another value in the running kubelet: the kubelet was
//! not restarted since the files were edited. Fields whose value comes from a flag, and those left
//! empty for the default, are not compared.
//!
//! # Why
//! The kubelet reads its files once, at its start. Who hardens them and does not restart it
//! believes anonymous access, the read-only port or the seccomp default to be changed, while the
//! old settings hold.
//!
//! # Remedy
//! Restart the kubelet on this node: `systemctl restart kubelet`.
//!
//! # What the remedy may break
//! Running containers go on. If the files are wrong, the kubelet does not start: look at its log
//! right after the restart, and do one node at a time.
//!
//! # References
//! - https://kubernetes.io/docs/tasks/administer-cluster/kubelet-config-file/
//! - KEP-3983

use std::collections::BTreeMap;

use kuberlock_model::configuration::{Configuration, Fields};
use kuberlock_model::{Evidence, FieldPath, Origin, Remedy, Severity};
use serde_json::Value;

use crate::check::{Check, Outcome, Question};
use crate::kubelet::Kubelet;
use crate::kubelet_fields::{differing, given};
use crate::running::scalar;

pub(crate) static CHECK: Check =
    Check { severity: Severity::Medium, question: Question::Kubelet(evaluate) };

fn evaluate(kubelet: &Kubelet<'_>) -> Outcome {
    let Some(configz) = kubelet.configz() else {
        return Outcome::unknown("the kubelet was not asked for its configuration");
    };
    let Configuration::Kubelet(running) = &configz.configuration else {
        return Outcome::unknown("the kubelet's answer could not be read");
    };
    let Some(written) = written(kubelet) else {
        return Outcome::unknown("the kubelet's configuration files were not seen");
    };
    let fields = Fields(written.iter().map(|(name, (_, v))| (name.clone(), v.clone())).collect());
    let mut evidence = Vec::new();
    let mut names = Vec::new();
    for name in differing(&fields, running, &["apiVersion", "kind"]) {
        let Some((origin, value)) = written.get(&name) else { continue };
        let Some(effective) = running.get(&name).filter(|now| !by_flag(kubelet, &name, now)) else {
            continue;
        };
        let said = |value| format!("{name}: {}", scalar(value));
        evidence.push(Evidence::field(said(value), origin, FieldPath::of(&name)));
        evidence.push(Evidence::field(said(effective), &configz.origin, FieldPath::root()));
        names.push(format!("`{name}`"));
    }
    if names.is_empty() {
        return Outcome::pass("it runs with what its files say");
    }
    let message = format!("it was not restarted since {} changed in its files", names.join(", "));
    let question = format!("restart the kubelet of {} after a look at its files?", kubelet.node);
    Outcome::fail(message, Remedy::Decision { question }).with_all(evidence)
}

/// The fields that the files set, later files winning, each with the file that decides it.
fn written(kubelet: &Kubelet<'_>) -> Option<BTreeMap<String, (Origin, Value)>> {
    let mut all = BTreeMap::new();
    for file in kubelet.files() {
        let Configuration::Kubelet(fields) = &file.configuration else { return None };
        let of =
            |(name, value): (&String, &Value)| (name.clone(), (file.origin.clone(), value.clone()));
        let set = fields.0.iter().filter(|(name, value)| is_set(kubelet, name, value));
        all.extend(set.map(of));
    }
    (!all.is_empty()).then_some(all)
}

/// Whether a value is one, and not zero in place of a default that the kubelet fills in.
fn is_set(kubelet: &Kubelet<'_>, name: &str, value: &Value) -> bool {
    let entry = kubelet.context().table.table.kubelet_field(name);
    given(Some(value)).is_some() || entry.is_some_and(|entry| given(Some(&entry.default)).is_none())
}

/// Flags that set a boolean of another name.
const OTHERWISE_NAMED: [(&str, &str); 3] = [
    ("authentication.anonymous.enabled", "anonymous-auth"),
    ("authentication.webhook.enabled", "authentication-token-webhook"),
    ("serverTLSBootstrap", "rotate-server-certificates"),
];

/// Whether a flag of the command line has this value, and so may be where it comes from. Many flags
/// are true or false: of these, only one of the field's own name counts.
fn by_flag(kubelet: &Kubelet<'_>, name: &str, value: &Value) -> bool {
    let Some(running) = kubelet.running() else { return false };
    let table = running.context.table.table.component(running.component.kind);
    let last = name.rsplit('.').next().unwrap_or(name).to_lowercase();
    let text = scalar(value);
    running.component.flags(table).into_iter().any(|(flag, set)| {
        let own = flag.replace('-', "") == last || OTHERWISE_NAMED.contains(&(name, &flag));
        set.value == text && (own || !value.is_boolean())
    })
}
